// SPDX-License-Identifier: Apache-2.0
// The text of a file that grows, block by block (sources/tail.hpp says what may happen to it). Whoever reads lines from
// it, of whatever format, takes what stands in text(), leaves what is not there in full, and asks for more.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include <weir/base/environment.hpp>
#include <weir/flow/source.hpp>
#include <weir/sources/tail.hpp>

namespace weir::detail {

class line_follower {
  public:
    line_follower(environment& where, std::string path, tail_options options);

    // What has been read of the present file and not been used: whole lines, perhaps half of one.
    [[nodiscard]] std::string_view text() const noexcept { return {block_.get() + begin_, end_ - begin_}; }
    // Nothing follows the text in its file. When it is used up, next_file() goes on.
    [[nodiscard]] bool complete() const noexcept { return complete_; }
    void use(std::size_t bytes) noexcept {
        begin_ += bytes;
        position_ += bytes;
    }
    // `more`: there is more text, or the file has become complete. `idle`: neither, now; the text is what it was.
    // `ended`: there is nothing now, and `until` says that nothing will come.
    [[nodiscard]] read_result refill();
    // After it the text begins with the first line of a file.
    void next_file();

    // Looks at the path without reading, so that no file is missed while the text has to wait.
    void keep_up();
    // As source_reader_base::tell_of_more.
    [[nodiscard]] bool tell_of_more(const std::shared_ptr<signal>& work);
    // Whether the file is one that this follower reads or has yet to read.
    [[nodiscard]] bool follows(const file_identity& file) const;

    // The last bytes before the text are part of it, so that a file that is not the same any more is noticed. After
    // load() the text is that of the same place, or, if it says false, begins with the first line of a file.
    void save(binary_writer& writer) const;
    [[nodiscard]] bool load(binary_reader& reader);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::vector<stage_note> notes() const;

  private:
    struct followed_file {
        std::unique_ptr<input_file> file;
        file_identity identity;
    };

    [[nodiscard]] bool look_for_another();
    [[nodiscard]] bool read_on();
    void make_room();
    void cut();
    void clear_text() noexcept;
    void tell(tail_change::kind what, std::string_view unfinished = {}) const;
    [[nodiscard]] std::unique_ptr<input_file> open_if_there(const std::string& path) const;
    [[nodiscard]] followed_file find_again(const file_identity& identity) const;
    [[nodiscard]] bool resume(std::uint64_t position, std::string_view before);

    environment& where_;
    std::string path_;
    tail_options options_;
    std::deque<followed_file> files_;  // the present one, then those that have replaced it
    // Bytes of the present file without a gap, of which those from begin_ on are the text.
    std::unique_ptr<char[]> block_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t position_ = 0;  // of the text in the file
    bool complete_ = false;
    bool cut_ = false;   // and the present file begins again
    bool gone_ = false;  // nobody has the name
    std::uint64_t opened_ = 0;
    std::uint64_t replaced_ = 0;
    std::uint64_t cuts_ = 0;
    std::unique_ptr<background_work> watch_;
};

}  // namespace weir::detail
