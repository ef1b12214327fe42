// SPDX-License-Identifier: Apache-2.0
#include "checkpoint_segment.hpp"

#include <array>
#include <charconv>
#include <limits>

#include <weir/base/planted_bug.hpp>
#include <weir/record/binary_buffer.hpp>

#include <fmt/format.h>

namespace weir::detail {
namespace {

constexpr std::size_t entry_head_bytes = 16;
constexpr std::uint16_t gone_flag = 1;

// Whether the first lies before the second, and is not of the same key.
bool lies_before(const state_batch::entry& left, const state_batch::entry& right) {
    if (left.stage != right.stage) return left.stage < right.stage;
    if (left.shard != right.shard) return left.shard < right.shard;
    return left.key < right.key;
}
bool same_key(const state_batch::entry& left, const state_batch::entry& right) {
    return left.stage == right.stage && left.shard == right.shard && left.key == right.key;
}

std::uint32_t checked_size(std::string_view bytes) {
    if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw error(error_kind::state, "a state of " + std::to_string(bytes.size()) +
                                           " bytes does not fit into a checkpoint: one entry holds less than 4 GiB");
    }
    return static_cast<std::uint32_t>(bytes.size());
}

bool parse_whole(std::string_view digits, int base, std::uint64_t& number) {
    for (const char each : digits) {
        const bool known = (each >= '0' && each <= '9') || (base == 16 && each >= 'a' && each <= 'f');
        if (!known) return false;
    }
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    return wrong == std::errc{} && end == digits.data() + digits.size();
}

const segment_name& checked_name(const std::optional<segment_name>& parsed, const std::string& path) {
    if (!parsed) refuse_damaged(path, "no segment has such a name");
    return *parsed;
}

}  // namespace

std::string to_text(const segment_name& name) { return fmt::format("segment-{:020}-{:016x}", name.epoch, name.file); }

std::optional<segment_name> parse_segment_name(std::string_view text) {
    constexpr std::string_view head = "segment-";
    if (text.size() != head.size() + 20 + 1 + 16 || !text.starts_with(head) || text[head.size() + 20] != '-') return {};
    segment_name name;
    if (!parse_whole(text.substr(head.size(), 20), 10, name.epoch) || name.epoch > highest_epoch) return {};
    if (!parse_whole(text.substr(head.size() + 21), 16, name.file)) return {};
    return name;
}

segment_writer::segment_writer(environment& where, const std::string& folder, const checkpoint_header& header)
    : name_(to_text(segment_name{header.epoch, header.file})), file_(where, folder + "/" + name_, header) {}

void segment_writer::append(const state_batch::entry& entry) {
    std::array<std::byte, entry_head_bytes> head;
    store_little_endian(head.data(), entry.stage);
    store_little_endian(head.data() + 4, entry.shard);
    store_little_endian(head.data() + 6, entry.gone ? gone_flag : std::uint16_t{0});
    store_little_endian(head.data() + 8, checked_size(entry.key));
    store_little_endian(head.data() + 12, checked_size(entry.value));
    file_.append({reinterpret_cast<const char*>(head.data()), head.size()});
    file_.append(entry.key);
    file_.append(entry.value);
    ++entries_;
}

segment_reader::segment_reader(environment& where, const std::string& folder, const checkpoint_segment& segment,
                               std::uint64_t job)
    : file_(where, folder + "/" + segment.name, checkpoint_file_kind::segment), wanted_entries_(segment.entries) {
    const auto parsed = parse_segment_name(segment.name);
    const segment_name& name = checked_name(parsed, file_.path());
    const checkpoint_header& header = file_.header();
    if (header.job != job || header.file != name.file || header.epoch != name.epoch) {
        refuse_damaged(file_.path(), "its header is that of another file");
    }
}

// The next bytes of the content, which may lie in several blocks. Empty at its end.
std::string_view segment_reader::take(std::size_t count) {
    if (block_.size() >= count) {
        const std::string_view taken = block_.substr(0, count);
        block_.remove_prefix(count);
        return taken;
    }
    if (current_.key.data() != kept_key_.data()) {
        kept_key_ = current_.key;
        current_.key = kept_key_;
    }
    spilled_.clear();
    while (spilled_.size() < count) {
        if (block_.empty()) block_ = file_.next_block();
        if (block_.empty()) {
            if (spilled_.empty()) return {};
            refuse_damaged(file_.path(), "its content ends within an entry");
        }
        const std::string_view part = block_.substr(0, count - spilled_.size());
        spilled_ += part;
        block_.remove_prefix(part.size());
    }
    return spilled_;
}

bool segment_reader::next() {
    const std::string_view head = take(entry_head_bytes);
    if (head.empty()) {
        if (entries_ != wanted_entries_ || file_.items() != wanted_entries_) {
            refuse_damaged(file_.path(), "it has not as many entries as its manifest says");
        }
        return false;
    }
    const auto* bytes = reinterpret_cast<const std::byte*>(head.data());
    state_batch::entry found;
    found.stage = load_little_endian<std::uint32_t>(bytes);
    found.shard = load_little_endian<std::uint16_t>(bytes + 4);
    const auto flags = load_little_endian<std::uint16_t>(bytes + 6);
    const std::size_t key = load_little_endian<std::uint32_t>(bytes + 8);
    const std::size_t value = load_little_endian<std::uint32_t>(bytes + 12);
    found.gone = flags == gone_flag;
    if (flags > gone_flag || (found.gone && value != 0)) refuse_damaged(file_.path(), "an entry is of no known kind");
    const std::string_view both = take(key + value);
    if (both.size() != key + value) refuse_damaged(file_.path(), "its content ends within an entry");
    found.key = both.substr(0, key);
    found.value = both.substr(key);
    if (entries_ != 0 && !lies_before(current_, found)) refuse_damaged(file_.path(), "its entries are not in order");
    ++entries_;
    current_ = found;
    return true;
}

merged_segments::merged_segments(environment& where, const std::string& folder,
                                 const std::vector<checkpoint_segment>& segments, std::size_t first,
                                 std::uint64_t job) {
    for (std::size_t i = first; i < segments.size(); ++i) {
        auto entries = std::make_unique<segment_reader>(where, folder, segments[i], job);
        if (entries->next()) heap_.push_back({std::move(entries), i});
    }
    for (std::size_t place = heap_.size(); place > 0; --place) sift_down(place - 1);
}

bool merged_segments::before(const source& left, const source& right) {
    if (planted(planted_bug::unsorted_merge)) return left.age < right.age;
    const state_batch::entry& one = left.entries->current();
    const state_batch::entry& other = right.entries->current();
    if (lies_before(one, other)) return true;
    return left.age > right.age && same_key(one, other);
}

bool merged_segments::next() {
    if (begun_) advance(0);
    begun_ = true;
    if (heap_.empty()) return false;
    // What is of the same key lies, in a heap, right below it, or below such.
    for (std::size_t place = 1; place <= 2;) {
        if (place < heap_.size() && same_key(heap_[place].entries->current(), current())) {
            advance(place);
        } else {
            ++place;
        }
    }
    return true;
}

void merged_segments::advance(std::size_t place) {
    if (!heap_[place].entries->next()) {
        std::swap(heap_[place], heap_.back());
        heap_.pop_back();
        if (place >= heap_.size()) return;
    }
    sift_down(place);
}

void merged_segments::sift_down(std::size_t place) {
    for (;;) {
        std::size_t least = place;
        for (std::size_t child = 2 * place + 1; child <= 2 * place + 2 && child < heap_.size(); ++child) {
            if (before(heap_[child], heap_[least])) least = child;
        }
        if (least == place) return;
        std::swap(heap_[place], heap_[least]);
        place = least;
    }
}

std::size_t merge_from(const std::vector<checkpoint_segment>& segments) {
    std::size_t first = segments.size();
    std::uint64_t newer = 0;
    for (std::size_t i = segments.size(); i > 0; --i) {
        if (i < segments.size() && segments[i - 1].bytes <= newer) first = i - 1;
        newer += segments[i - 1].bytes;
    }
    return first;
}

}  // namespace weir::detail
