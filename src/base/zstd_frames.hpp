// SPDX-License-Identifier: Apache-2.0
// Where frames of zstd begin and end (RFC 8878): they say how long their parts are, so nothing needs to be unpacked.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::detail {

class zstd_frames {
  public:
    // Goes on over the bytes, to the end of a frame or to theirs. Returns how many that were.
    std::size_t pass(std::string_view bytes);
    // At the beginning of a frame, or where none begins.
    [[nodiscard]] bool between() const noexcept { return part_ == part::magic && read_ == 0 && left_ == 0; }
    // Bytes that are no frame follow; whoever unpacks them says so.
    [[nodiscard]] bool lost() const noexcept { return part_ == part::lost; }

  private:
    enum class part : std::uint8_t { magic, skipped_size, descriptor, block, lost };

    void part_read();
    void expect(part next, unsigned size, std::size_t before) noexcept;

    part part_ = part::magic;
    unsigned size_ = 4;         // of this part
    unsigned read_ = 0;         // of it
    std::uint32_t number_ = 0;  // what it says so far
    std::size_t left_ = 0;      // bytes in front of it
    bool checksum_ = false;     // the frame ends in one
};

}  // namespace weir::detail
