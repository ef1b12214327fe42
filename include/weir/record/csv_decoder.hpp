// SPDX-License-Identifier: Apache-2.0
// CSV to records, piece by piece, without input or output of its own: whoever has the bytes hands them in.
//
// The first line is the header: columns are found by name, in any order; unknown ones are ignored, a missing one is an
// error unless its field is an optional. Lines end with LF or CRLF; a byte order mark is skipped. Quotes are those of
// RFC 4180, and a quoted field may hold separators and line ends. Nothing is skipped silently: an empty line is a bad
// record unless it is the file's last, or the file has one column only, where it is an empty field. Ignored columns
// are cut out correctly but not looked at.
#pragma once
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/record/csv_scanner.hpp>

namespace weir {

namespace detail {

[[nodiscard]] inline const char* find_byte(const char* first, const char* last, char wanted) noexcept {
    const void* found = first == last ? nullptr : std::memchr(first, wanted, static_cast<std::size_t>(last - first));
    return found == nullptr ? last : static_cast<const char*>(found);
}

struct csv_context {
    text_options text;
    char separator;
};

// How one column is read into its field. `quick` reads from an unquoted place in the line, and returns where the field
// ended, or nullptr if it is in doubt; `exact` takes the whole field and decides.
template <class T>
struct csv_column {
    const char* (*quick)(T& record, const char* first, const char* last, const csv_context& context);
    text_error (*exact)(T& record, std::string_view text, const text_options& options);
};

template <class Field>
[[nodiscard]] inline const char* quick_field(Field& field, const char* first, const char* last,
                                             const csv_context& context) {
    if constexpr (number<Field>) {
        // The number ends where the field should: no need to look for the separator first.
        const char* const stop = scan_number(first, last, field);
        return stop != nullptr && (stop == last || *stop == context.separator) ? stop : nullptr;
    } else if constexpr (optional_like<Field>) {
        if (first == last || *first == context.separator) {
            field.reset();
            return first;
        }
        return quick_field(field.emplace(), first, last, context);
    } else {
        if constexpr (instant<Field>) {
            // A bare number. A date ends it too early, which is no separator.
            std::int64_t count = 0;
            const char* const stop = scan_number(first, last, count);
            if (stop != nullptr && (stop == last || *stop == context.separator)) {
                return set_time(count, context.text.epoch, field) == text_error::none ? stop : nullptr;
            }
        }
        const char* const stop = find_byte(first, last, context.separator);
        const std::string_view text(first, static_cast<std::size_t>(stop - first));
        return parse_field(text, field, context.text) == text_error::none ? stop : nullptr;
    }
}

template <class T, std::size_t Index>
const char* quick_column(T& record, const char* first, const char* last, const csv_context& context) {
    return quick_field(column_at<Index>(record), first, last, context);
}

template <class T, std::size_t Index>
text_error exact_column(T& record, std::string_view text, const text_options& options) {
    return parse_field(text, column_at<Index>(record), options);
}

template <class T>
const char* quick_ignored(T&, const char* first, const char* last, const csv_context& context) {
    return find_byte(first, last, context.separator);
}

template <class T>
text_error exact_ignored(T&, std::string_view, const text_options&) {
    return text_error::none;
}

template <class T, std::size_t... Index>
[[nodiscard]] csv_column<T> csv_column_at(std::size_t wanted, std::index_sequence<Index...>) {
    static constexpr csv_column<T> columns[]{{&quick_column<T, Index>, &exact_column<T, Index>}...};
    if (wanted == csv_scanner::no_column) return {&quick_ignored<T>, &exact_ignored<T>};
    return columns[wanted];
}

// Is there a quote before a given place? Looks ahead in growing steps, so that neither long texts read record by record
// nor many short lines pay for it.
class quote_search {
  public:
    quote_search(const char* first, const char* end) noexcept : free_until_(first), end_(end) {}

    [[nodiscard]] bool none_before(const char* first, const char* last) noexcept {
        if (last <= free_until_) return true;
        const char* const from = std::max(first, free_until_);
        const char* const until = std::max(last, from + std::min(step_, end_ - from));
        step_ = std::min<std::ptrdiff_t>(step_ * 2, 4096);
        free_until_ = find_byte(from, until, '"');
        return last <= free_until_;
    }

  private:
    const char* free_until_;
    const char* end_;
    std::ptrdiff_t step_ = 32;
};

}  // namespace detail

// What a column may hold: text fields, and structs, fixed arrays and tuples of them.
template <class T>
concept csv_readable = detail::columnar<T> && std::is_default_constructible_v<T>;

template <class T>
class csv_decoder {
    static_assert(csv_readable<T>,
                  "CSV needs a described struct whose fields are numbers, bool, text, described enums, timestamps, "
                  "durations, optionals of these, or fixed arrays, tuples and described structs of them");

  public:
    explicit csv_decoder(std::string source, const csv_options& options = {})
        : scanner_(std::move(source), options),
          context_{{options.epoch, options.allow_nan}, options.separator},
          max_line_bytes_(options.max_line_bytes) {}

    // Reads records from the text, calling on_record(T&&) or on_bad(bad_record&&) for each, at most max_records calls.
    // Returns how many bytes were used; hand the rest in again, with more behind it. A record that is not there in full
    // is left, unless `last` says that nothing follows. After a bad record reading goes on at the next line; if on_bad
    // returns a bool that is false, reading stops before that record, which the next call meets again. Throws
    // weir::error of kind `input` if the file is empty or the header wrong; after an exception, also one from a
    // callback, the decoder is of no more use. O(text), no allocation but the records' own.
    template <class OnRecord, class OnBad>
    std::size_t decode(std::string_view text, bool last, std::size_t max_records, OnRecord&& on_record,
                       OnBad&& on_bad) {
        const char* const first = text.data();
        const char* const end = first + text.size();
        const char* cursor = scanner_.skip(first, end);
        if (!scanner_.header_seen()) {
            cursor = scanner_.take_header(first, end, last);
            if (cursor == nullptr) return 0;
            bind();
        }
        detail::quote_search quotes(cursor, end);
        for (; max_records != 0 && cursor != end; --max_records) {
            const char* const next = decode_one(cursor, end, last, quotes, on_record, on_bad);
            if (next == cursor) break;
            cursor = next;
        }
        return static_cast<std::size_t>(cursor - first);
    }

    [[nodiscard]] std::uint64_t line() const noexcept { return scanner_.line(); }  // the next to be read, from 1
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }      // good ones so far
    [[nodiscard]] std::uint64_t bad_records() const noexcept { return bad_records_; }
    [[nodiscard]] const std::vector<std::string>& header() const noexcept { return scanner_.header(); }

    // Where the decoder stands, to go on from the same byte of the same file later. A header that does not fit T any
    // more is an error of kind `input`.
    void save(binary_writer& writer) const {
        scanner_.save(writer);
        writer.write_fixed(records_);
        writer.write_fixed(bad_records_);
    }
    void load(binary_reader& reader) {
        scanner_.load(reader);
        records_ = reader.read_fixed<std::uint64_t>();
        bad_records_ = reader.read_fixed<std::uint64_t>();
        plan_.clear();
        if (scanner_.header_seen()) bind();
    }

  private:
    void bind() {
        std::vector<detail::column> columns;
        detail::collect_columns<T>(columns, {});
        plan_.clear();
        for (const std::size_t wanted : scanner_.bind(columns)) {
            plan_.push_back(detail::csv_column_at<T>(wanted, std::make_index_sequence<detail::column_count<T>>{}));
        }
    }

    // Reads the record at `first` and returns where the next begins; `first` itself if it is not there in full, or bad
    // and not taken.
    template <class OnRecord, class OnBad>
    const char* decode_one(const char* first, const char* end, bool last, detail::quote_search& quotes,
                           OnRecord& on_record, OnBad& on_bad) {
        const char* const line_end = detail::find_byte(first, end, '\n');
        const bool ended = line_end != end;
        // A CR behind the last byte that is allowed belongs to the line's end, or nobody knows yet.
        if (const auto size = static_cast<std::size_t>(line_end - first);
            size > max_line_bytes_ && !(size == max_line_bytes_ + 1 && line_end[-1] == '\r')) [[unlikely]] {
            return refuse_long_line(first, line_end, end, on_bad);
        }
        if (!ended && !last) return first;
        const char* const next = ended ? line_end + 1 : end;
        const char* const content_end = line_end != first && line_end[-1] == '\r' ? line_end - 1 : line_end;
        if (content_end == first && plan_.size() > 1) [[unlikely]] {
            return refuse_empty_line(first, next, end, last, on_bad);
        }
        if (quotes.none_before(first, line_end)) [[likely]] {
            T record{};
            if (decode_plain(record, first, content_end)) [[likely]] {
                scanner_.pass_line();
                ++records_;
                on_record(std::move(record));
                return next;
            }
        }
        return decode_split(first, end, last, on_record, on_bad);
    }

    // Columns straight from a line without quotes; false if anything at all is unusual.
    [[nodiscard]] bool decode_plain(T& record, const char* cursor, const char* last) const {
        const detail::csv_column<T>* column = plan_.data();
        const detail::csv_column<T>* const columns_end = column + plan_.size();
        for (;; ++cursor) {
            cursor = column->quick(record, cursor, last, context_);
            if (cursor == nullptr) return false;
            if (++column == columns_end) return cursor == last;
            if (cursor == last) return false;
        }
    }

    template <class OnRecord, class OnBad>
    const char* decode_split(const char* first, const char* end, bool last, OnRecord& on_record, OnBad& on_bad) {
        using verdict = detail::csv_scanner::verdict;
        const verdict found = scanner_.split(first, end, last);
        if (found == verdict::incomplete) return first;
        if (found == verdict::bad) {
            if (!report(bad_record{scanner_.problem()}, on_bad)) return first;
            scanner_.pass_line();
            return scanner_.next();
        }
        const char* const next = scanner_.next();
        T record{};
        if (scanner_.field_count() != plan_.size()) {
            if (!report(scanner_.bad_field_count(), on_bad)) return first;
        } else if (const auto [wrong, why] = decode_fields(record); why != text_error::none) {
            if (!report(scanner_.bad_field(wrong, weir::sentence(why)), on_bad)) return first;
        } else {
            ++records_;
            on_record(std::move(record));
        }
        scanner_.pass_record();
        return next;
    }

    // The first field that cannot be read, and why, if there is one.
    [[nodiscard]] std::pair<std::size_t, text_error> decode_fields(T& record) {
        for (std::size_t i = 0; i < plan_.size(); ++i) {
            const text_error wrong = plan_[i].exact(record, scanner_.content(i), context_.text);
            if (wrong != text_error::none) return {i, wrong};
        }
        return {0, text_error::none};
    }

    template <class OnBad>
    const char* refuse_long_line(const char* first, const char* line_end, const char* end, OnBad& on_bad) {
        const std::string_view line(first, static_cast<std::size_t>(line_end - first));
        if (!report(scanner_.long_line(line), on_bad)) return first;
        if (line_end == end) {
            scanner_.skip_rest_of_line();
            return end;
        }
        scanner_.pass_line();
        return line_end + 1;
    }

    // Only the next piece of text tells whether an empty line is the file's last, which alone may be empty.
    template <class OnBad>
    const char* refuse_empty_line(const char* first, const char* next, const char* end, bool last, OnBad& on_bad) {
        if (next == end && !last) return first;
        if (next != end && !report(scanner_.bad_line({}, "is empty"), on_bad)) return first;
        scanner_.pass_line();
        return next;
    }

    template <class OnBad>
    [[nodiscard]] bool report(bad_record&& bad, OnBad& on_bad) {
        if (!detail::tell_bad(on_bad, std::move(bad))) return false;
        ++bad_records_;
        return true;
    }

    detail::csv_scanner scanner_;
    detail::csv_context context_;
    std::size_t max_line_bytes_;
    std::vector<detail::csv_column<T>> plan_;  // by the file's columns
    std::uint64_t records_ = 0;
    std::uint64_t bad_records_ = 0;
};

}  // namespace weir
