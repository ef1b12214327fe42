// SPDX-License-Identifier: Apache-2.0
// The text of bytes that come when they come, block by block, for a following_reader: standard input, a connection.
// They come once: a run cannot go on from a snapshot in their middle, unless their loss is allowed. Then what comes is
// the beginning of another text, with a header of its own.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include <weir/base/environment.hpp>
#include <weir/flow/source.hpp>

namespace weir::detail {

class live_lines {
  public:
    static constexpr bool comes_once = true;
    // `name` stands for them in sentences: "standard input".
    live_lines(std::unique_ptr<live_input> input, std::string name);

    [[nodiscard]] std::string_view text() const noexcept { return {block_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] bool complete() const noexcept { return complete_; }
    void use(std::size_t bytes) noexcept {
        begin_ += bytes;
        used_ += bytes;
    }
    [[nodiscard]] read_result refill();
    void next_file() noexcept { over_ = true; }
    void keep_up() noexcept {}
    [[nodiscard]] bool tell_of_more(const std::shared_ptr<signal>&) noexcept { return false; }
    [[nodiscard]] bool follows(const file_identity&) const noexcept { return false; }
    void allow_loss() noexcept { loss_allowed_ = true; }
    void save(binary_writer& writer) const;
    // False if it had given something, which is not there again.
    [[nodiscard]] bool load(binary_reader& reader);
    [[nodiscard]] const std::string& path() const noexcept { return name_; }
    [[nodiscard]] std::vector<stage_note> notes() const { return {}; }

  private:
    [[nodiscard]] read_result read_behind();

    std::unique_ptr<live_input> input_;
    std::string name_;
    std::unique_ptr<char[]> block_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t used_ = 0;
    bool complete_ = false;
    bool over_ = false;
    bool loss_allowed_ = false;
};

}  // namespace weir::detail
