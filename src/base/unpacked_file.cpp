// SPDX-License-Identifier: Apache-2.0
#include <weir/base/unpacked_file.hpp>

#include <algorithm>
#include <array>

#include <weir/base/error.hpp>

namespace weir::detail {

unpacked_file::unpacked_file(std::unique_ptr<input_file> packed, std::string path)
    : packed_(std::move(packed)), path_(std::move(path)), block_(std::size_t{1} << 16U) {}

std::size_t unpacked_file::read(std::span<char> into) {
    if (into.empty()) return 0;
    const std::size_t count = unpack(into);
    position_ += count;
    return count;
}

void unpacked_file::seek(std::uint64_t offset) {
    if (offset < position_) {
        packed_->seek(0);
        in_frame_ = false;
        any_frame_ = false;
        position_ = 0;
        restart();
    }
    std::array<char, 16384> passed;
    while (position_ < offset) {
        const auto most = std::min<std::uint64_t>(offset - position_, passed.size());
        if (read({passed.data(), static_cast<std::size_t>(most)}) == 0) return;
    }
}

std::span<const char> unpacked_file::next_block() {
    const std::size_t count = packed_->read(block_);
    if (count == 0 && in_frame_) fail("is cut short: the compressed data has no end");
    if (count == 0 && !any_frame_) fail("is empty: there is no compressed data in it");
    return {block_.data(), count};
}

void unpacked_file::fail(const std::string& what) const { throw error(error_kind::io, "'" + path_ + "' " + what); }

}  // namespace weir::detail
