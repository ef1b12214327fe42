// SPDX-License-Identifier: Apache-2.0
#include "zstd_frames.hpp"

#include <algorithm>
#include <array>

namespace weir::detail {

std::size_t zstd_frames::pass(std::string_view bytes) {
    std::size_t at = 0;
    while (at != bytes.size() && part_ != part::lost) {
        if (left_ != 0) {
            const std::size_t passed = std::min(left_, bytes.size() - at);
            at += passed;
            left_ -= passed;
        } else {
            number_ |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at++])) << (8U * read_++);
            if (read_ == size_) part_read();
        }
        if (between()) return at;
    }
    return part_ == part::lost ? bytes.size() : at;
}

void zstd_frames::part_read() {
    constexpr std::uint32_t frame = 0xFD2FB528U;
    constexpr std::uint32_t skipped_frame = 0x184D2A50U;  // and 15 more
    const std::uint32_t number = number_;
    switch (part_) {
        case part::magic:
            if (number == frame) {
                expect(part::descriptor, 1, 0);
            } else if ((number & 0xFFFFFFF0U) == skipped_frame) {
                expect(part::skipped_size, 4, 0);
            } else {
                expect(part::lost, 0, 0);
            }
            break;
        case part::skipped_size: expect(part::magic, 4, number); break;
        case part::descriptor: {
            constexpr std::array<std::size_t, 4> dictionary_bytes{0, 1, 2, 4};
            constexpr std::array<std::size_t, 4> length_bytes{0, 2, 4, 8};
            const bool single_segment = (number & 0x20U) != 0;
            const std::size_t length = number >> 6U;
            checksum_ = (number & 4U) != 0;
            // Without a window there is a length.
            expect(part::block, 3,
                   1 + dictionary_bytes[number & 3U] +
                       (single_segment && length != 0 ? length_bytes[length] - 1 : length_bytes[length]));
            break;
        }
        case part::block: {
            constexpr std::uint32_t one_byte_repeated = 1;
            const std::size_t content = ((number >> 1U) & 3U) == one_byte_repeated ? 1 : number >> 3U;
            if ((number & 1U) == 0) {
                expect(part::block, 3, content);
            } else {
                expect(part::magic, 4, content + (checksum_ ? 4 : 0));
            }
            break;
        }
        case part::lost: break;
    }
}

void zstd_frames::expect(part next, unsigned size, std::size_t before) noexcept {
    part_ = next;
    size_ = size;
    read_ = 0;
    number_ = 0;
    left_ = before;
}

}  // namespace weir::detail
