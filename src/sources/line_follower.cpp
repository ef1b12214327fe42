// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/line_follower.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <weir/base/error.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/utf8.hpp>

namespace weir::detail {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 18U;
constexpr std::size_t least_room = block_bytes / 4;
// By so many bytes before a place it is known again.
constexpr std::size_t known_bytes = 128;
constexpr std::size_t most_unfinished_bytes = 4096;

void refuse_what_does_not_grow(const std::string& path, const file_status& found) {
    if (found.plain) return;
    throw error(error_kind::io, "cannot follow '" + path + "': it is a folder, a device or a pipe, and no file that "
                                                           "grows");
}

}  // namespace

line_follower::line_follower(environment& where, std::string path, tail_options options)
    : where_(where), path_(std::move(path)), options_(std::move(options)) {
    keep_up();
}

void line_follower::keep_up() { static_cast<void>(look_for_another()); }

// Nothing is told of the moment in which `until` becomes true.
bool line_follower::tell_of_more(const std::shared_ptr<signal>& work) {
    watch_ = where_.watch(path_, work);
    return watch_ != nullptr && !options_.until;
}

bool line_follower::follows(const file_identity& file) const {
    return std::any_of(files_.begin(), files_.end(), [&](const auto& each) { return each.identity == file; });
}

// Null if there is none; it may come and go at any time.
std::unique_ptr<input_file> line_follower::open_if_there(const std::string& path) const {
    try {
        return where_.open_input(path);
    } catch (const error&) {
        if (where_.status_of(path)) throw;
        return nullptr;
    }
}

// The file that has the name now, unless it is the one that had it before. One that is empty does not count as long as
// there is another: a rotation may make it before the writer has let go of the old one, and whoever writes in order
// writes into the new file only what follows all of the old.
bool line_follower::look_for_another() {
    const auto found = where_.status_of(path_);
    if (!found) {
        if (!files_.empty() && !gone_) tell(tail_change::kind::gone);
        gone_ = !files_.empty();
        return false;
    }
    gone_ = false;
    if (!files_.empty() && (found->identity == files_.back().identity || found->size == 0)) return false;
    refuse_what_does_not_grow(path_, *found);
    auto file = open_if_there(path_);
    if (file == nullptr) return false;
    // It may be yet another by now.
    const file_status opened = file->status();
    if (!files_.empty() && (follows(opened.identity) || opened.size == 0)) return false;
    files_.push_back({std::move(file), opened.identity});
    ++opened_;
    if (files_.size() == 1) tell(tail_change::kind::opened);
    return true;
}

read_result line_follower::refill() {
    if (complete_) return read_result::more;
    for (bool ending = false;;) {
        if (!files_.empty()) {
            if (read_on()) return read_result::more;
            if (files_.size() > 1) {
                // It was read to its end after another had taken its place.
                complete_ = true;
                ++replaced_;
                tell(tail_change::kind::replaced);
                return read_result::more;
            }
        }
        if (look_for_another()) continue;
        if (ending) return read_result::ended;
        if (!options_.until || !options_.until()) return read_result::idle;
        ending = true;  // what had come before that was said is part of the log
    }
}

// One read tells whether the file still is what it was and whether there is more: it begins with bytes that are known.
bool line_follower::read_on() {
    make_room();
    const std::size_t known = std::min(known_bytes, end_);
    char* const from = block_.get() + end_ - known;
    std::array<char, known_bytes> expected{};
    std::memcpy(expected.data(), from, known);
    input_file& file = *files_.front().file;
    file.seek(position_ + (end_ - begin_) - known);
    std::size_t count = 0;
    do {
        const std::size_t more = file.read({from + count, capacity_ - end_ + known - count});
        if (more == 0) break;
        count += more;
    } while (count < known);
    if (count < known || std::memcmp(from, expected.data(), known) != 0) {
        std::memcpy(from, expected.data(), known);
        cut();
        return true;
    }
    end_ += count - known;
    return count != known;
}

void line_follower::make_room() {
    const std::size_t kept = std::min(begin_, known_bytes);
    const std::size_t dropped = begin_ - kept;
    const std::size_t size = end_ - dropped;
    if (size + least_room > capacity_) {
        // Twice the room each time: a long line is not copied over and over.
        const std::size_t wanted = std::max(block_bytes, size * 2 + least_room);
        auto larger = std::make_unique_for_overwrite<char[]>(wanted);
        if (size != 0) std::memcpy(larger.get(), block_.get() + dropped, size);
        block_ = std::move(larger);
        capacity_ = wanted;
    } else if (dropped == 0 || (end_ + least_room <= capacity_ && begin_ != end_)) {
        return;
    } else {
        std::memmove(block_.get(), block_.get() + dropped, size);
    }
    begin_ = kept;
    end_ = size;
}

void line_follower::cut() {
    ++cuts_;
    tell(tail_change::kind::cut, text());
    clear_text();
    complete_ = true;
    cut_ = true;
}

void line_follower::clear_text() noexcept {
    begin_ = 0;
    end_ = 0;
    position_ = 0;
}

void line_follower::next_file() {
    if (!cut_) {
        files_.pop_front();
        if (!files_.empty()) tell(tail_change::kind::opened);
    }
    clear_text();
    cut_ = false;
    complete_ = false;
}

void line_follower::tell(tail_change::kind what, std::string_view unfinished) const {
    if (!options_.on_change) return;
    tail_change change{what, path_, what == tail_change::kind::opened ? 0 : position_ + (end_ - begin_), {}};
    change.unfinished = unfinished.substr(0, most_unfinished_bytes);
    options_.on_change(change);
}

std::vector<stage_note> line_follower::notes() const {
    return {{"files followed", opened_}, {"files replaced", replaced_}, {"files cut", cuts_}};
}

void line_follower::save(binary_writer& writer) const {
    weir::save(writer, std::uint64_t{files_.size()});
    for (const followed_file& each : files_) {
        weir::save(writer, each.identity.device);
        weir::save(writer, each.identity.number);
    }
    weir::save(writer, position_);
    const std::size_t known = std::min(known_bytes, begin_);
    weir::save(writer, known == 0 ? std::string{} : std::string(block_.get() + begin_ - known, known));
    for (const std::uint64_t each : {opened_, replaced_, cuts_}) weir::save(writer, each);
}

bool line_follower::load(binary_reader& reader) {
    std::vector<file_identity> identities(static_cast<std::size_t>(
        std::min<std::uint64_t>(weir::load<std::uint64_t>(reader), std::uint64_t{1} << 16U)));
    for (file_identity& each : identities) {
        weir::load(reader, each.device);
        weir::load(reader, each.number);
    }
    const auto position = weir::load<std::uint64_t>(reader);
    const auto before = weir::load<std::string>(reader);
    for (std::uint64_t* each : {&opened_, &replaced_, &cuts_}) weir::load(reader, *each);
    files_.clear();
    clear_text();
    complete_ = cut_ = gone_ = false;
    bool found_all = true;
    for (const file_identity& each : identities) {
        followed_file found = find_again(each);
        if (found.file == nullptr) {
            found_all = false;
            break;
        }
        files_.push_back(std::move(found));
    }
    if (found_all && (files_.empty() || resume(position, before))) return true;
    if (!options_.resume_with_loss) {
        throw error(error_kind::state,
                    "the file that was '" + path_ + "' when the snapshot was taken, read to byte " +
                        std::to_string(position) + ", is not there any more or has been changed: lines of it may be "
                                                   "missing. tail_options{.resume_with_loss = true} goes on with the "
                                                   "file that is there now");
    }
    files_.clear();
    clear_text();
    return false;
}

line_follower::followed_file line_follower::find_again(const file_identity& identity) const {
    const auto has = [&](const std::string& path) {
        const auto found = where_.status_of(path);
        return found && found->plain && found->identity == identity;
    };
    std::vector<std::string> candidates{path_};
    if (!has(path_)) {
        const std::size_t slash = path_.rfind('/');
        candidates = where_.list((slash == std::string::npos ? std::string{} : path_.substr(0, slash + 1)) + "*");
        if (!options_.rotated_to.empty()) {
            const auto more = where_.list(options_.rotated_to);
            candidates.insert(candidates.end(), more.begin(), more.end());
        }
    }
    for (const std::string& each : candidates) {
        if (!has(each)) continue;
        auto file = open_if_there(each);
        if (file != nullptr && file->status().identity == identity) return {std::move(file), identity};
    }
    return {};
}

bool line_follower::resume(std::uint64_t position, std::string_view before) {
    if (before.size() > std::min<std::uint64_t>(position, known_bytes)) return false;
    make_room();
    input_file& file = *files_.front().file;
    file.seek(position - before.size());
    std::size_t count = 0;
    while (count < before.size()) {
        const std::size_t more = file.read({block_.get() + count, before.size() - count});
        if (more == 0) return false;
        count += more;
    }
    if (std::string_view(block_.get(), count) != before) return false;
    begin_ = end_ = count;
    position_ = position;
    return true;
}

}  // namespace weir::detail
