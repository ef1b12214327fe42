// SPDX-License-Identifier: Apache-2.0
#include "checkpoint_file.hpp"

#include <array>
#include <cstring>

#include <weir/base/crc32c.hpp>
#include <weir/base/planted_bug.hpp>
#include <weir/record/binary_buffer.hpp>

namespace weir::detail {
namespace {

// As in PNG: a file that was taken for text on its way is noticed by its first bytes.
constexpr std::string_view magic = "\x89weir\r\n";
constexpr std::uint32_t known_features = 0;
constexpr std::uint32_t footer_mark = 0x8000'0000U;
// A block and the footer behind it, so that one call reads both.
constexpr std::size_t buffer_bytes = checkpoint_block_bytes + checkpoint_footer_bytes;
static_assert(buffer_bytes >= checkpoint_header_bytes);

template <class T>
void put(std::string& to, T value) {
    std::array<std::byte, sizeof(T)> bytes;
    store_little_endian(bytes.data(), value);
    to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}
template <class T>
void put_at(char* to, T value) {
    store_little_endian(reinterpret_cast<std::byte*>(to), value);
}
template <class T>
T get(std::string_view from, std::size_t at) {
    return load_little_endian<T>(reinterpret_cast<const std::byte*>(from.data() + at));
}

// Of a block: where it belongs counts as much as what it holds.
std::uint32_t block_crc(std::uint64_t file, std::uint64_t index, std::uint32_t length, std::string_view content) {
    std::array<char, 20> place;
    put_at(place.data(), file);
    put_at(place.data() + 8, index);
    put_at(place.data() + 16, length);
    return crc32c(content, crc32c({place.data(), place.size()}));
}

std::string encoded(const checkpoint_header& header) {
    std::string bytes{magic};
    bytes += static_cast<char>(header.kind);
    put(bytes, checkpoint_version);
    put(bytes, known_features);
    put(bytes, header.job);
    put(bytes, header.file);
    put(bytes, header.incarnation);
    put(bytes, header.epoch);
    put(bytes, static_cast<std::uint32_t>(checkpoint_header_bytes));
    put(bytes, static_cast<std::uint32_t>(checkpoint_block_bytes));
    put(bytes, std::uint32_t{0});
    put(bytes, crc32c(bytes));
    return bytes;
}

checkpoint_header decoded(std::string_view bytes, const std::string& path, checkpoint_file_kind kind) {
    if (bytes.size() < checkpoint_header_bytes) refuse_damaged(path, "it ends within its header");
    bytes = bytes.substr(0, checkpoint_header_bytes);
    if (!bytes.starts_with(magic)) refuse_damaged(path, "it does not begin as such a file does");
    const bool right_crc = get<std::uint32_t>(bytes, 60) == crc32c(bytes.substr(0, 60));
    if (!right_crc && !planted(planted_bug::ignore_crc)) refuse_damaged(path, "the CRC of its header is wrong");
    const auto version = get<std::uint32_t>(bytes, 8);
    const auto features = get<std::uint32_t>(bytes, 12);
    if (version > checkpoint_version || (features & ~known_features) != 0) {
        throw newer_checkpoint("the checkpoint file '" + path + "' was written by a newer version of weir (format " +
                               std::to_string(version) + ", features " + std::to_string(features) +
                               "; this one knows format " + std::to_string(checkpoint_version) +
                               "): use that version, or another folder");
    }
    checkpoint_header header;
    header.kind = kind;
    header.job = get<std::uint64_t>(bytes, 16);
    header.file = get<std::uint64_t>(bytes, 24);
    header.incarnation = get<std::uint64_t>(bytes, 32);
    header.epoch = get<std::uint64_t>(bytes, 40);
    if (bytes[7] != static_cast<char>(kind) || version == 0 ||
        get<std::uint32_t>(bytes, 48) != checkpoint_header_bytes ||
        get<std::uint32_t>(bytes, 52) != checkpoint_block_bytes || get<std::uint32_t>(bytes, 56) != 0) {
        refuse_damaged(path, "its header is not that of such a file");
    }
    return header;
}

}  // namespace

void refuse_damaged(const std::string& path, const std::string& what) {
    throw error(error_kind::state, "the checkpoint file '" + path + "' is damaged: " + what);
}

checkpoint_header read_checkpoint_header(environment& where, const std::string& path, checkpoint_file_kind kind) {
    const auto in = where.open_input(path);
    std::array<char, checkpoint_header_bytes> bytes;
    std::size_t have = 0;
    while (have < bytes.size()) {
        const std::size_t count = in->read({bytes.data() + have, bytes.size() - have});
        if (count == 0) break;
        have += count;
    }
    return decoded({bytes.data(), have}, path, kind);
}

checkpoint_file_writer::checkpoint_file_writer(environment& where, std::string path, const checkpoint_header& header)
    : path_(std::move(path)), file_(header.file), out_(where.create_output(path_)) {
    pending_.reserve(checkpoint_header_bytes + buffer_bytes);
    pending_ = encoded(header);
    block_ = pending_.size();
    pending_.append(checkpoint_block_head_bytes, '\0');
}

void checkpoint_file_writer::append(std::string_view content) {
    while (!content.empty()) {
        const std::size_t room = checkpoint_block_bytes - (pending_.size() - block_);
        const std::string_view part = content.substr(0, room);
        pending_ += part;
        content.remove_prefix(part.size());
        if (part.size() == room) {
            end_block();
            write_pending();
            pending_.append(checkpoint_block_head_bytes, '\0');
        }
    }
}

void checkpoint_file_writer::end_block() {
    const std::string_view content = std::string_view{pending_}.substr(block_ + checkpoint_block_head_bytes);
    const auto length = static_cast<std::uint32_t>(content.size());
    const std::uint32_t crc = block_crc(file_, blocks_, length, content);
    put_at(pending_.data() + block_, length);
    put_at(pending_.data() + block_ + 4, crc);
    ++blocks_;
    content_ += length;
}

void checkpoint_file_writer::write_pending() {
    out_->write(pending_);
    bytes_ += pending_.size();
    pending_.clear();
    block_ = 0;
}

void checkpoint_file_writer::finish(std::uint64_t items) {
    if (pending_.size() - block_ > checkpoint_block_head_bytes) {
        end_block();
    } else {
        pending_.resize(block_);
    }
    std::string totals;
    put(totals, blocks_);
    put(totals, content_);
    put(totals, items);
    const std::uint32_t length = footer_mark | static_cast<std::uint32_t>(totals.size());
    put(pending_, length);
    put(pending_, block_crc(file_, blocks_, length, totals));
    pending_ += totals;
    write_pending();
}

void checkpoint_file_writer::sync() {
    if (planted(planted_bug::retry_fsync)) {
        try {
            out_->sync();
        } catch (const error&) {
            out_->sync();
        }
    } else {
        out_->sync();
    }
    out_.reset();
}

checkpoint_file_reader::checkpoint_file_reader(environment& where, std::string path, checkpoint_file_kind kind)
    : path_(std::move(path)),
      in_(where.open_input(path_)),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer_bytes)) {
    static_cast<void>(fill(checkpoint_header_bytes));
    header_ = decoded(have(), path_, kind);
    first_ += checkpoint_header_bytes;
}

// Whether there are as many bytes, after reading as many as there is room for if there are not yet.
bool checkpoint_file_reader::fill(std::size_t wanted) {
    if (last_ - first_ >= wanted) return true;
    std::memmove(buffer_.get(), buffer_.get() + first_, last_ - first_);
    last_ -= first_;
    first_ = 0;
    while (last_ < wanted) {
        const std::size_t count = in_->read({buffer_.get() + last_, buffer_bytes - last_});
        if (count == 0) return false;
        last_ += count;
    }
    return true;
}

std::string_view checkpoint_file_reader::next_block() {
    if (ended_) return {};
    if (!fill(checkpoint_block_head_bytes)) refuse_damaged(path_, "it ends before its footer");
    const auto length = get<std::uint32_t>(have(), 0);
    const auto crc = get<std::uint32_t>(have(), 4);
    const bool footer = (length & footer_mark) != 0;
    const std::size_t bytes = length & ~footer_mark;
    const bool possible = footer ? bytes + checkpoint_block_head_bytes == checkpoint_footer_bytes
                                 : bytes > 0 && bytes <= checkpoint_block_content && !last_block_seen_;
    const std::string name = footer ? "its footer" : "its block " + std::to_string(blocks_);
    if (!possible) refuse_damaged(path_, name + " has a length that it cannot have");
    if (!fill(checkpoint_block_head_bytes + bytes)) refuse_damaged(path_, "it ends within " + name);
    const std::string_view content = have().substr(checkpoint_block_head_bytes, bytes);
    if (crc != block_crc(header_.file, blocks_, length, content) && !planted(planted_bug::ignore_crc)) {
        refuse_damaged(path_, "the CRC of " + name + " is wrong");
    }
    first_ += checkpoint_block_head_bytes + bytes;
    if (footer) {
        check_footer(content);
        return {};
    }
    ++blocks_;
    content_ += bytes;
    last_block_seen_ = bytes < checkpoint_block_content;
    return content;
}

void checkpoint_file_reader::check_footer(std::string_view content) {
    const bool right = get<std::uint64_t>(content, 0) == blocks_ && get<std::uint64_t>(content, 8) == content_;
    items_ = get<std::uint64_t>(content, 16);
    if (!right) refuse_damaged(path_, "it has not as many blocks as its footer says");
    if (fill(1)) refuse_damaged(path_, "it goes on behind its footer");
    ended_ = true;
}

}  // namespace weir::detail
