// SPDX-License-Identifier: Apache-2.0
// What files that are read as the bytes in them have in common: positions are of these bytes, so that a place in the
// text can be saved. Seeking reads on, or anew from the beginning: O(offset).
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <weir/base/environment.hpp>

namespace weir::detail {

class unpacked_file : public input_file {
  public:
    unpacked_file(std::unique_ptr<input_file> packed, std::string path);
    std::size_t read(std::span<char> into) final;
    void seek(std::uint64_t offset) final;

  protected:
    // As read().
    virtual std::size_t unpack(std::span<char> into) = 0;
    // The packed file begins again.
    virtual void restart() = 0;

    // The next packed bytes, until the next call; none at the end of the file, which must be where a frame ends.
    [[nodiscard]] std::span<const char> next_block();
    void begin_frame() noexcept { in_frame_ = any_frame_ = true; }
    void end_frame() noexcept { in_frame_ = false; }
    [[nodiscard]] bool in_frame() const noexcept { return in_frame_; }
    [[noreturn]] void fail(const std::string& what) const;

  private:
    std::unique_ptr<input_file> packed_;
    std::string path_;
    std::vector<char> block_;
    std::uint64_t position_ = 0;
    bool in_frame_ = false;
    bool any_frame_ = false;
};

}  // namespace weir::detail
