// SPDX-License-Identifier: Apache-2.0
// The part of CSV reading that does not depend on the record's type: where records and fields end, what the header
// says, and what to say about a bad line. The exact, general way; the decoder has a shorter one for lines without
// quotes and comes here whenever that one is in doubt.
#pragma once
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <weir/record/binary_buffer.hpp>
#include <weir/record/columns.hpp>
#include <weir/record/csv_options.hpp>

namespace weir::detail {

class csv_scanner {
  public:
    enum class verdict { record, incomplete, bad };

    csv_scanner(std::string source, const csv_options& options);

    // The header line at the start of the text. Returns where the records begin, or nullptr if the line is not there
    // in full yet; throws weir::error of kind `input` if it cannot be read or there is none.
    [[nodiscard]] const char* take_header(const char* first, const char* end, bool last);

    // For every column of the file the index of the record's column it fills, or no_column. Throws weir::error of kind
    // `input` if a required column is missing or a wanted one appears twice.
    static constexpr std::size_t no_column = static_cast<std::size_t>(-1);
    [[nodiscard]] std::vector<std::size_t> bind(std::span<const column> wanted) const;

    // Cuts the record at `first` into fields. After `record`, next() is where the following one begins; after `bad`,
    // problem() says why, and next() is the following line.
    [[nodiscard]] verdict split(const char* first, const char* end, bool last);
    [[nodiscard]] std::size_t field_count() const noexcept { return fields_.size(); }
    [[nodiscard]] std::string_view content(std::size_t index);  // quotes taken off; valid until the next call
    [[nodiscard]] const char* next() const noexcept { return next_; }
    [[nodiscard]] const bad_record& problem() const noexcept { return problem_; }

    // What is wrong with the record split last, or with the line given.
    [[nodiscard]] bad_record bad_field(std::size_t index, std::string_view reason);
    [[nodiscard]] bad_record bad_field_count();
    [[nodiscard]] bad_record bad_line(std::string_view line, std::string_view reason) const;
    [[nodiscard]] bad_record long_line(std::string_view line) const;

    [[nodiscard]] const csv_options& options() const noexcept { return options_; }
    [[nodiscard]] const std::vector<std::string>& header() const noexcept { return header_; }
    [[nodiscard]] bool header_seen() const noexcept { return !header_.empty(); }

    // The line about to be read, counted from 1.
    [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
    void pass_line() noexcept { ++line_; }
    void pass_record();  // after split: all lines the record takes

    // The rest of a line that was refused for its length may arrive piece by piece.
    void skip_rest_of_line() noexcept { skipping_ = true; }
    [[nodiscard]] const char* skip(const char* first, const char* end) noexcept;

    void save(binary_writer& writer) const;
    void load(binary_reader& reader);

  private:
    struct field {
        const char* first;
        const char* last;
        bool quoted;
        bool doubled;  // holds doubled quotes
    };

    [[nodiscard]] verdict take_quoted(const char*& cursor);
    [[nodiscard]] verdict take_plain(const char*& cursor);
    [[nodiscard]] verdict ran_out();
    [[nodiscard]] verdict refuse(std::string_view reason);
    void finish(const char* line_end, const char* next) noexcept;
    [[nodiscard]] bad_record describe(const char* field_start, std::string_view name, std::string_view text,
                                      std::string_view reason) const;
    [[nodiscard]] std::string longest_line() const;
    [[noreturn]] void refuse_header(const std::string& reason) const;
    [[nodiscard]] std::string_view field_name(std::size_t index) const noexcept;

    std::string source_;
    csv_options options_;
    std::vector<std::string> header_;
    std::uint64_t line_ = 1;
    bool skipping_ = false;

    // The record split last.
    const char* record_first_ = nullptr;
    const char* record_last_ = nullptr;  // without the line end
    const char* next_ = nullptr;
    const char* end_ = nullptr;    // of the text at hand
    const char* limit_ = nullptr;  // of the record: where the text ends or the record has become too long
    bool too_long_at_limit_ = false;
    bool ends_at_limit_ = false;  // the text's end is the file's end
    std::vector<field> fields_;
    std::string unquoted_;
    bad_record problem_;
};

}  // namespace weir::detail
