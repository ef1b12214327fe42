// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <weir/record/binary.hpp>
#include <weir/record/csv_scanner.hpp>
#include <weir/record/utf8.hpp>

namespace weir::detail {

namespace {

constexpr std::size_t most_text_bytes = 200;

std::string_view between(const char* first, const char* last) {
    return {first, static_cast<std::size_t>(last - first)};
}

const char* find(const char* first, const char* last, char wanted) {
    if (first == last) return nullptr;
    return static_cast<const char*>(std::memchr(first, wanted, static_cast<std::size_t>(last - first)));
}

const char* without_return(const char* first, const char* last) {
    return last != first && last[-1] == '\r' ? last - 1 : last;
}

}  // namespace

csv_scanner::csv_scanner(std::string source, const csv_options& options)
    : source_(std::move(source)), options_(options) {
    check_csv_options(options_);
}

const char* csv_scanner::skip(const char* first, const char* end) noexcept {
    if (!skipping_) return first;
    const char* const newline = find(first, end, '\n');
    if (newline == nullptr) return end;
    skipping_ = false;
    ++line_;
    return newline + 1;
}

void csv_scanner::pass_record() {
    line_ += static_cast<std::uint64_t>(std::count(record_first_, next_, '\n'));
}

csv_scanner::verdict csv_scanner::split(const char* first, const char* end, bool last) {
    fields_.clear();
    record_first_ = first;
    end_ = end;
    const auto size = static_cast<std::size_t>(end - first);
    const std::size_t most = options_.max_line_bytes;
    // A CR there may be half of the line's end.
    const std::size_t room = size > most && first[most] == '\r' ? most + 1 : most;
    too_long_at_limit_ = size > room;
    limit_ = too_long_at_limit_ ? first + room + 1 : end;
    ends_at_limit_ = last && !too_long_at_limit_;
    for (const char* cursor = first;; ++cursor) {
        fields_.push_back({cursor, cursor, false, false});
        const bool quoted = cursor != limit_ && *cursor == '"';
        const verdict taken = quoted ? take_quoted(cursor) : take_plain(cursor);
        if (taken != verdict::record) return taken;
        if (cursor == limit_) {
            finish(without_return(first, cursor), cursor);
            return verdict::record;
        }
        if (*cursor == '\n') {
            finish(without_return(first, cursor), cursor + 1);
            return verdict::record;
        }
    }
}

// Both takers leave the cursor on the separator, the line feed, or at the end of the file.
csv_scanner::verdict csv_scanner::take_plain(const char*& cursor) {
    field& taken = fields_.back();
    while (cursor != limit_ && *cursor != options_.separator && *cursor != '\n') {
        if (*cursor == '"') return refuse("has a quote in the middle: a field with quotes must be in quotes itself");
        ++cursor;
    }
    if (cursor == limit_ && !ends_at_limit_) return ran_out();
    const bool line_ends = cursor == limit_ || *cursor == '\n';
    taken.last = line_ends ? without_return(taken.first, cursor) : cursor;
    return verdict::record;
}

csv_scanner::verdict csv_scanner::take_quoted(const char*& cursor) {
    field& taken = fields_.back();
    taken.quoted = true;
    taken.first = ++cursor;
    for (;; cursor += 2) {
        cursor = find(cursor, limit_, '"');
        if (cursor == nullptr) {
            if (ends_at_limit_) return refuse("has an opening quote that is never closed");
            if (too_long_at_limit_) return refuse("has an opening quote that is not closed within " + longest_line());
            return verdict::incomplete;
        }
        if (cursor + 1 == limit_ && !ends_at_limit_) return ran_out();
        if (cursor + 1 == limit_ || cursor[1] != '"') break;
        taken.doubled = true;
    }
    taken.last = cursor++;
    if (cursor != limit_ && *cursor == '\r') {
        if (cursor + 1 == limit_ && !ends_at_limit_) return ran_out();
        if (cursor + 1 == limit_ || cursor[1] == '\n') ++cursor;
    }
    if (cursor == limit_ || *cursor == '\n' || *cursor == options_.separator) return verdict::record;
    return refuse("has text behind its closing quote");
}

csv_scanner::verdict csv_scanner::ran_out() {
    return too_long_at_limit_ ? refuse("makes the record longer than " + longest_line()) : verdict::incomplete;
}

void csv_scanner::finish(const char* line_end, const char* next) noexcept {
    record_last_ = line_end;
    next_ = next;
}

// Reading goes on at the next line of the file, not at the next record: behind a wrong quote nobody knows where that
// would be, and good lines must not vanish in it.
csv_scanner::verdict csv_scanner::refuse(std::string_view reason) {
    const field& wrong = fields_.back();
    const char* const field_start = wrong.quoted ? wrong.first - 1 : wrong.first;
    // What is said must not depend on the pieces in which the text comes: the rest of the field's line is waited for.
    const char* const field_line_end = find(field_start, limit_, '\n');
    if (field_line_end == nullptr && !ends_at_limit_ && !too_long_at_limit_) return verdict::incomplete;
    const char* const newline = find(record_first_, end_, '\n');
    finish(newline == nullptr ? end_ : newline, newline == nullptr ? end_ : newline + 1);
    const std::string_view text = between(field_start, field_line_end == nullptr ? limit_ : field_line_end);
    problem_ = describe(field_start, field_name(fields_.size() - 1), text, reason);
    return verdict::bad;
}

std::string_view csv_scanner::content(std::size_t index) {
    const field& wanted = fields_[index];
    const std::string_view inside = between(wanted.first, wanted.last);
    if (!wanted.doubled) return inside;
    unquoted_.clear();
    for (std::size_t i = 0; i < inside.size(); ++i) {
        unquoted_ += inside[i];
        if (inside[i] == '"') ++i;
    }
    return unquoted_;
}

std::string_view csv_scanner::field_name(std::size_t index) const noexcept {
    return index < header_.size() ? std::string_view{header_[index]} : std::string_view{};
}

bad_record csv_scanner::describe(const char* field_start, std::string_view name, std::string_view text,
                                 std::string_view reason) const {
    const std::string_view before = between(record_first_, field_start);
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
    bad_record bad;
    bad.source = source_;
    bad.line = line_ + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
    bad.column = column;
    bad.field = name;
    bad.text = cut_text(text, most_text_bytes);
    bad.raw = cut_text(between(record_first_, record_last_), options_.max_raw_bytes);
    bad.reason = reason;
    return bad;
}

bad_record csv_scanner::bad_field(std::size_t index, std::string_view reason) {
    const field& wrong = fields_[index];
    return describe(wrong.quoted ? wrong.first - 1 : wrong.first, field_name(index), content(index), reason);
}

bad_record csv_scanner::bad_field_count() {
    const std::string reason = "has " + std::to_string(fields_.size()) + " fields, but the header has " +
                               std::to_string(header_.size());
    const bool too_many = fields_.size() > header_.size();
    const field& nearest = too_many ? fields_[header_.size()] : fields_.back();
    const char* const place = too_many ? (nearest.quoted ? nearest.first - 1 : nearest.first) : record_last_;
    return describe(place, {}, between(record_first_, record_last_), reason);
}

bad_record csv_scanner::bad_line(std::string_view line, std::string_view reason) const {
    bad_record bad;
    bad.source = source_;
    bad.line = line_;
    bad.column = 1;
    bad.text = cut_text(line, most_text_bytes);
    bad.raw = cut_text(line, options_.max_raw_bytes);
    bad.reason = reason;
    return bad;
}

bad_record csv_scanner::long_line(std::string_view line) const {
    // No more of it than is surely at hand: what is said must not depend on the pieces in which the text comes.
    return bad_line(line.substr(0, options_.max_line_bytes), "is longer than " + longest_line());
}

void csv_scanner::save(binary_writer& writer) const {
    weir::save(writer, line_);
    weir::save(writer, skipping_);
    weir::save(writer, header_);
}

void csv_scanner::load(binary_reader& reader) {
    weir::load(reader, line_);
    weir::load(reader, skipping_);
    weir::load(reader, header_);
}

}  // namespace weir::detail
