// SPDX-License-Identifier: Apache-2.0
#include <weir/json/json_lines_scanner.hpp>

#include <algorithm>

#include <weir/base/error.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/json_path.hpp>
#include <weir/record/utf8.hpp>

namespace weir::detail {
namespace {

// Tokens of so much text at a time: they and the text stay in the cache.
constexpr std::size_t index_bytes = std::size_t{1} << 15U;
constexpr std::size_t most_text_bytes = 200;

struct broken_text {
    std::size_t first;
    std::size_t last;
    bool holds_control;
};

// The first text of the line that is not closed or holds a control character.
broken_text find_broken_text(std::string_view line) {
    std::size_t at = 0;
    while (at < line.size()) {
        const std::size_t first = at++;
        if (line[first] == '\\') ++at;
        if (line[first] != '"') continue;
        bool holds_control = false;
        bool closed = false;
        for (bool escaped = false; at < line.size() && !closed; ++at) {
            holds_control = holds_control || static_cast<unsigned char>(line[at]) < 0x20;
            closed = line[at] == '"' && !escaped;
            escaped = line[at] == '\\' && !escaped;
        }
        if (holds_control || !closed) return {first, at, holds_control};
    }
    return {line.size(), line.size(), false};
}

}  // namespace

json_lines_scanner::json_lines_scanner(std::string source, const json_options& options)
    : source_(std::move(source)), options_(options), tokens_(options) {
    check_json_options(options_);
}

const char* json_lines_scanner::open(std::string_view text, bool last) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    text_ = text;
    shift_ = position_ - index_begin_;
    const char* first = text.data();
    if (!begun_) {
        if (!last && text.size() < byte_order_mark.size() && byte_order_mark.starts_with(text)) return nullptr;
        begun_ = true;
        if (text.starts_with(byte_order_mark)) first += byte_order_mark.size();
    }
    if (skipping_) {
        const std::size_t found = text.find('\n');
        if (found == std::string_view::npos) return text.data() + text.size();
        skipping_ = false;
        ++line_;
        first = text.data() + found + 1;
    }
    return first;
}

void json_lines_scanner::read_index(const char* line) {
    const std::string_view rest = text_.substr(static_cast<std::size_t>(line - text_.data()));
    // Whole lines; at least one.
    std::size_t end = rest.substr(0, index_bytes).rfind('\n');
    if (end == std::string_view::npos) end = rest.find('\n');
    index_begin_ = position_of(line);
    index_end_ = index_begin_ + end + 1;
    index_sound_ = index_.read(rest.substr(0, end + 1)) == json_index::verdict::sound;
    next_token_ = index_.tokens();
    shift_ = position_ - index_begin_;
}

bool json_lines_scanner::walk_exactly(std::string_view line) {
    line_text_.assign(line);
    line_text_ += '\n';
    const auto found = line_index_.read(line_text_);
    tokens_.start(line_text_, line_index_.tokens(), 0);
    tokens_.be_exact(found == json_index::verdict::invalid_utf8);
    return found != json_index::verdict::broken || refuse_broken_text();
}

bool json_lines_scanner::ended_exactly() {
    if (tokens_.kind() != '\n') return tokens_.malformed("the end of the line");
    return true;
}

bool json_lines_scanner::refuse_broken_text() {
    const std::string_view line(line_text_.data(), line_text_.size() - 1);
    const broken_text found = find_broken_text(line);
    tokens_.fail(line.substr(found.first, found.last - found.first),
                 found.holds_control ? "holds a control character, which JSON must escape"
                                     : "has a quote that is never closed");
    tokens_.problem().path = json_path_behind(line.substr(0, found.first));
    return false;
}

bad_record json_lines_scanner::problem() {
    const std::string_view line(line_text_.data(), line_text_.size() - 1);
    json_problem& found = tokens_.problem();
    bad_record bad = bad_line(line, found.path.empty() ? found.of_line : found.reason);
    bad.column = static_cast<std::uint64_t>(found.place - line.data()) + 1;
    if (found.path.empty()) return bad;
    bad.field = std::move(found.path);
    bad.text = std::move(found.text);
    return bad;
}

bad_record json_lines_scanner::bad_line(std::string_view line, std::string_view reason) const {
    bad_record bad;
    bad.source = source_;
    bad.line = line_;
    bad.column = 1;
    bad.text = cut_text(line, most_text_bytes);
    bad.raw = cut_text(line, options_.max_raw_bytes);
    bad.reason = reason;
    return bad;
}

bad_record json_lines_scanner::long_line(std::string_view line) const {
    // No more of it than is surely at hand: what is said must not depend on the pieces in which the text comes.
    return bad_line(line.substr(0, options_.max_line_bytes),
                    "is longer than " + std::to_string(options_.max_line_bytes) +
                        " bytes, the limit that json_options::max_line_bytes sets");
}

void json_lines_scanner::save(binary_writer& writer) const {
    weir::save(writer, line_);
    weir::save(writer, begun_);
    weir::save(writer, skipping_);
}

void json_lines_scanner::load(binary_reader& reader) {
    weir::load(reader, line_);
    weir::load(reader, begun_);
    weir::load(reader, skipping_);
    position_ = 0;
    index_begin_ = 0;
    index_end_ = 0;
}

}  // namespace weir::detail
