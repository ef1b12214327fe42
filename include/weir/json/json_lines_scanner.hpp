// SPDX-License-Identifier: Apache-2.0
// The part of reading JSON Lines that does not depend on the record's type: lines, their tokens, of many lines at once
// where all are sound, and what to say about a bad one.
#pragma once
#include <cstring>
#include <string>
#include <string_view>
#include <weir/json/json_index.hpp>
#include <weir/json/json_tokens.hpp>
#include <weir/record/bad_record.hpp>
#include <weir/record/binary_buffer.hpp>
#include <weir/record/json_options.hpp>

namespace weir::detail {

class json_lines_scanner {
  public:
    json_lines_scanner(std::string source, const json_options& options);

    // Text is handed in piece by piece, each beginning where the last one was used up to. Returns where the next line
    // begins: behind a byte order mark and behind the rest of a line that was refused for its length; nullptr if that
    // is not known yet.
    [[nodiscard]] const char* open(std::string_view text, bool last);
    void close(const char* used) noexcept { position_ += static_cast<std::uint64_t>(used - text_.data()); }

    // Makes tokens() ready for the line at `line`, whose line feed is in the text, to be walked quickly. False if the
    // line must be walked exactly, because it or one near it is not sound.
    [[nodiscard]] bool walk_quickly(const char* line) {
        const std::uint64_t place = position_of(line);
        if (place >= index_end_) [[unlikely]] read_index(line);
        if (!index_sound_) [[unlikely]] return false;
        align(static_cast<std::uint32_t>(place - index_begin_));
        tokens_.start(text_, next_token_, shift_);
        tokens_.be_quick();
        return true;
    }
    // After a quick walk: whether it ended before `line_end`, the line's line feed, with nothing more in the line.
    [[nodiscard]] bool walked_to(const char* line_end) noexcept {
        if (tokens_.behind() > line_end) return false;
        if (tokens_.place() < line_end) return false;
        next_token_ = tokens_.next();
        return true;
    }
    // Makes tokens() ready for a walk of this line that says what is wrong. False if it cannot be walked: problem().
    [[nodiscard]] bool walk_exactly(std::string_view line);
    // After an exact walk that found nothing wrong.
    [[nodiscard]] bool ended_exactly();

    [[nodiscard]] json_tokens& tokens() noexcept { return tokens_; }

    [[nodiscard]] bad_record problem();  // of the line walked exactly
    [[nodiscard]] bad_record bad_line(std::string_view line, std::string_view reason) const;
    [[nodiscard]] bad_record long_line(std::string_view line) const;

    [[nodiscard]] std::uint64_t line() const noexcept { return line_; }  // about to be read, counted from 1
    void pass_line() noexcept { ++line_; }
    void skip_rest_of_line() noexcept { skipping_ = true; }

    void save(binary_writer& writer) const;
    void load(binary_reader& reader);

  private:
    [[nodiscard]] std::uint64_t position_of(const char* place) const noexcept {
        return position_ + static_cast<std::uint64_t>(place - text_.data());
    }
    void read_index(const char* line);
    // The first token that is not before the place.
    void align(std::uint32_t place) noexcept {
        while (*next_token_ < place) ++next_token_;
    }
    bool refuse_broken_text();

    std::string source_;
    json_options options_;
    std::uint64_t line_ = 1;
    bool begun_ = false;
    bool skipping_ = false;

    std::string_view text_;        // the piece at hand
    std::uint64_t position_ = 0;   // where it begins, counted from the first piece
    json_index index_;             // of whole lines
    std::uint64_t index_begin_ = 0;
    std::uint64_t index_end_ = 0;
    bool index_sound_ = false;
    const std::uint32_t* next_token_ = nullptr;
    std::uint64_t shift_ = 0;      // from the first indexed byte to the piece's first, modulo 2^64

    json_index line_index_;        // of a line that is walked exactly
    std::string line_text_;        // that line and a line feed
    json_tokens tokens_;
};

}  // namespace weir::detail
