// SPDX-License-Identifier: Apache-2.0
// JSON Lines to records, piece by piece, without input or output of its own: whoever has the bytes hands them in. One
// object per line, in a line: what becomes of it is said in json/json_reading.hpp.
//
// Lines end with LF or CRLF; a byte order mark is skipped. Nothing is skipped silently: a blank line is a bad record
// unless it is the file's last. A line is read whole or refused whole, and a refused line leaves those around it alone.
#pragma once
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <weir/json/json_lines_scanner.hpp>
#include <weir/json/json_reading.hpp>

namespace weir {

template <class T>
class json_decoder {
    static_assert(json_readable<T>,
                  "JSON Lines need a described struct whose fields are numbers, bool, text, described enums, "
                  "timestamps, durations, types that read themselves, or optionals, lists, maps and described structs "
                  "of these");

  public:
    explicit json_decoder(std::string source, const json_options& options = {})
        : scanner_(std::move(source), options), max_line_bytes_(options.max_line_bytes) {}

    // Reads records from the text, calling on_record(T&&) or on_bad(bad_record&&) for each, at most max_records calls.
    // Returns how many bytes were used; hand the rest in again, with more behind it. A line that is not there in full
    // is left, unless `last` says that nothing follows. If on_bad returns a bool that is false, reading stops before
    // that record, which the next call meets again. After an exception from a callback the decoder is of no more use.
    // O(text), no allocation but the records' own.
    template <class OnRecord, class OnBad>
    std::size_t decode(std::string_view text, bool last, std::size_t max_records, OnRecord&& on_record,
                       OnBad&& on_bad) {
        const char* const end = text.data() + text.size();
        const char* cursor = scanner_.open(text, last);
        if (cursor == nullptr) return 0;
        for (; max_records != 0 && cursor != end; --max_records) {
            const char* const next = decode_one(cursor, end, last, on_record, on_bad);
            if (next == cursor) break;
            cursor = next;
        }
        scanner_.close(cursor);
        return static_cast<std::size_t>(cursor - text.data());
    }

    [[nodiscard]] std::uint64_t line() const noexcept { return scanner_.line(); }  // the next to be read, from 1
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }      // good ones so far
    [[nodiscard]] std::uint64_t bad_records() const noexcept { return bad_records_; }

    // Where the decoder stands, to go on from the same byte of the same file later.
    void save(binary_writer& writer) const {
        scanner_.save(writer);
        writer.write_fixed(records_);
        writer.write_fixed(bad_records_);
    }
    void load(binary_reader& reader) {
        scanner_.load(reader);
        records_ = reader.read_fixed<std::uint64_t>();
        bad_records_ = reader.read_fixed<std::uint64_t>();
    }

  private:
    // Reads the record at `first` and returns where the next begins; `first` itself if it is not there in full, or bad
    // and not taken.
    template <class OnRecord, class OnBad>
    const char* decode_one(const char* first, const char* end, bool last, OnRecord& on_record, OnBad& on_bad) {
        const auto* const found =
            static_cast<const char*>(std::memchr(first, '\n', static_cast<std::size_t>(end - first)));
        const bool ended = found != nullptr;
        const char* const line_end = ended ? found : end;
        // A CR behind the last byte that is allowed belongs to the line's end, or nobody knows yet.
        if (const auto size = static_cast<std::size_t>(line_end - first);
            size > max_line_bytes_ && !(size == max_line_bytes_ + 1 && line_end[-1] == '\r')) [[unlikely]] {
            return refuse_long_line({first, size}, ended, end, on_bad);
        }
        if (ended) [[likely]] {
            if (scanner_.walk_quickly(first)) [[likely]] {
                T record{};
                if (detail::read_json(scanner_.tokens(), record) && scanner_.walked_to(line_end)) [[likely]] {
                    scanner_.pass_line();
                    ++records_;
                    on_record(std::move(record));
                    return line_end + 1;
                }
            }
        } else if (!last) {
            return first;
        }
        const char* const content_end = line_end != first && line_end[-1] == '\r' ? line_end - 1 : line_end;
        const char* const next = ended ? line_end + 1 : end;
        return decode_exactly({first, static_cast<std::size_t>(content_end - first)}, next, next == end, last,
                              on_record, on_bad);
    }

    template <class OnRecord, class OnBad>
    const char* decode_exactly(std::string_view line, const char* next, bool at_end, bool last, OnRecord& on_record,
                               OnBad& on_bad) {
        if (std::all_of(line.begin(), line.end(), detail::json_tokens::is_blank)) {
            // Only the next piece of text tells whether a blank line is the file's last, which alone may be blank.
            if (at_end && !last) return line.data();
            if (!at_end && !report(scanner_.bad_line(line, "is blank"), on_bad)) return line.data();
            scanner_.pass_line();
            return next;
        }
        T record{};
        if (scanner_.walk_exactly(line) && detail::read_json(scanner_.tokens(), record) && scanner_.ended_exactly()) {
            scanner_.pass_line();
            ++records_;
            on_record(std::move(record));
            return next;
        }
        if (!report(scanner_.problem(), on_bad)) return line.data();
        scanner_.pass_line();
        return next;
    }

    template <class OnBad>
    const char* refuse_long_line(std::string_view line, bool ended, const char* end, OnBad& on_bad) {
        if (!report(scanner_.long_line(line), on_bad)) return line.data();
        if (!ended) {
            scanner_.skip_rest_of_line();
            return end;
        }
        scanner_.pass_line();
        return line.data() + line.size() + 1;
    }

    template <class OnBad>
    [[nodiscard]] bool report(bad_record&& bad, OnBad& on_bad) {
        if (!detail::tell_bad(on_bad, std::move(bad))) return false;
        ++bad_records_;
        return true;
    }

    detail::json_lines_scanner scanner_;
    std::size_t max_line_bytes_;
    std::uint64_t records_ = 0;
    std::uint64_t bad_records_ = 0;
};

}  // namespace weir
