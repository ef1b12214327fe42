// SPDX-License-Identifier: Apache-2.0
// The text of a file, block by block: a window that grows while what stands at its front is not there in full.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include <weir/base/environment.hpp>
#include <weir/base/file_codec.hpp>

namespace weir::detail {

class text_file {
  public:
    // Packed or not (base/file_codec.hpp).
    text_file(environment& where, std::string path, const file_codecs& codecs);

    [[nodiscard]] std::string_view text() const noexcept { return {block_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] bool complete() const noexcept { return complete_; }  // nothing follows the text
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }  // of the text in the file

    void use(std::size_t bytes) noexcept {
        begin_ += bytes;
        position_ += bytes;
    }
    // Adds a block of text, or finds that the file is complete.
    void refill();
    // Goes on at a place where it has been before. A file that has become shorter is a weir::error of kind state.
    void resume(std::uint64_t position);

  private:
    std::string path_;
    std::unique_ptr<input_file> file_;
    std::unique_ptr<char[]> block_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t position_ = 0;
    bool complete_ = false;
};

}  // namespace weir::detail
