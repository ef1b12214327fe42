// SPDX-License-Identifier: Apache-2.0
#include <weir/json/json_tokens.hpp>

#include <algorithm>

#include <weir/record/print.hpp>
#include <weir/record/utf8.hpp>

namespace weir::detail {
namespace {

constexpr std::size_t most_depth = 1000;
constexpr std::size_t most_text_bytes = 200;

std::string_view between(const char* first, const char* last) {
    return {first, static_cast<std::size_t>(last - first)};
}

// The four hexadecimal digits of \uXXXX, moved past; -1 if they are none.
int take_hex(std::string_view& text) {
    if (text.size() < 4) return -1;
    int value = 0;
    for (const char each : text.substr(0, 4)) {
        const int digit = each >= '0' && each <= '9'   ? each - '0'
                          : each >= 'a' && each <= 'f' ? each - 'a' + 10
                          : each >= 'A' && each <= 'F' ? each - 'A' + 10
                                                       : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    text.remove_prefix(4);
    return value;
}

void append_utf8(std::string& out, unsigned code) {
    const auto put = [&out](unsigned byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0U | code >> 6U);
        put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0U | code >> 12U);
        put(0x80U | (code >> 6U & 0x3FU));
        put(0x80U | (code & 0x3FU));
    } else {
        put(0xF0U | code >> 18U);
        put(0x80U | (code >> 12U & 0x3FU));
        put(0x80U | (code >> 6U & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
}

// Behind \u. Characters above U+FFFF are two of them.
const char* unescape_code(std::string_view& text, std::string& out) {
    constexpr const char* half = "holds an escape that is half of a character: a surrogate without its other half";
    const int code = take_hex(text);
    if (code < 0) return "holds an escape \\u without four hexadecimal digits";
    if (code >= 0xDC00 && code < 0xE000) return half;
    if (code < 0xD800 || code >= 0xE000) {
        append_utf8(out, static_cast<unsigned>(code));
        return nullptr;
    }
    if (!text.starts_with("\\u")) return half;
    text.remove_prefix(2);
    const int low = take_hex(text);
    if (low < 0xDC00 || low >= 0xE000) return half;
    append_utf8(out, 0x10000U + (static_cast<unsigned>(code - 0xD800) << 10U) + static_cast<unsigned>(low - 0xDC00));
    return nullptr;
}

std::string_view kind_in_words(char first) {
    switch (first) {
        case '{': return "an object";
        case '[': return "a list";
        case '"': return "a text";
        case 't':
        case 'f': return "true or false";
        case 'n': return "null";
        default: return "a number";
    }
}

}  // namespace

const char* unescape_json(std::string_view content, std::string& out) {
    while (true) {
        const std::size_t found = content.find('\\');
        out += content.substr(0, found);
        if (found == std::string_view::npos) return nullptr;
        content.remove_prefix(found + 1);
        if (content.empty()) return "ends with half an escape";
        const char letter = content.front();
        content.remove_prefix(1);
        if (letter == 'u') {
            if (const char* const wrong = unescape_code(content, out); wrong != nullptr) return wrong;
            continue;
        }
        constexpr std::string_view letters = "\"\\/bfnrt";
        const std::size_t which = letters.find(letter);
        if (which == std::string_view::npos) return "holds an escape that JSON does not know";
        out += "\"\\/\b\f\n\r\t"[which];
    }
}

bool is_json_number(std::string_view text) noexcept {
    const auto digits = [&text] {
        const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
        text.remove_prefix(count);
        return count;
    };
    if (text.starts_with('-')) text.remove_prefix(1);
    const bool zero = text.starts_with('0');
    const std::size_t whole = digits();
    if (whole == 0 || (zero && whole != 1)) return false;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (digits() == 0) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
        if (digits() == 0) return false;
    }
    return text.empty();
}

std::string_view json_tokens::token() const noexcept {
    const char* last = bound();
    while (last - place() > 1 && is_blank(last[-1])) --last;
    return between(place(), last);
}

bool json_tokens::take_unusual_text(std::string_view& content) {
    if (doubts_utf8_ && !is_utf8(content)) return fail(content, "is not valid UTF-8");
    unescaped_.clear();
    if (const char* const wrong = unescape_json(content, unescaped_); wrong != nullptr) return fail(content, wrong);
    content = unescaped_;
    return true;
}

bool json_tokens::take_any_name(std::string_view& content) {
    if (kind() != '"') return malformed("a name in quotes");
    if (!take_text(content)) return false;
    return take(':') || malformed("a colon");
}

bool json_tokens::take_scalar() {
    if (take_word("null") || take_word("true") || take_word("false")) return true;
    const char first = kind();
    if (first != '-' && !is_digit(first)) return malformed("a value");
    if (!is_json_number(token())) return fail(token(), "is not a number");
    skip();
    return true;
}

// Without recursion: how deep values are nested is up to whoever wrote the file.
bool json_tokens::skip_value() {
    open_.clear();
    std::string_view name;
    while (true) {
        if (const char first = kind(); first == '{' || first == '[') {
            skip();
            open_ += first;
            if (open_.size() > most_depth) return fail(token(), "is nested more than 1000 deep");
            if (kind() != (first == '{' ? '}' : ']')) {
                if (first == '{' && !take_any_name(name)) return false;
                continue;
            }
            last_skipped_ = place() + 1;
            skip();
            open_.pop_back();
        } else if (first == '"') {
            last_skipped_ = quoted().end() + 1;
            if (!take_text(name)) return false;
        } else {
            last_skipped_ = token().end();
            if (!take_scalar()) return false;
        }
        while (true) {  // a value has ended
            if (open_.empty()) return true;
            const bool in_object = open_.back() == '{';
            if (take(',')) {
                if (in_object && !take_any_name(name)) return false;
                break;
            }
            last_skipped_ = place() + 1;
            if (!take(in_object ? '}' : ']')) return malformed(in_object ? "a comma or }" : "a comma or ]");
            open_.pop_back();
        }
    }
}

bool json_tokens::fail(std::string_view text, std::string_view reason) {
    if (!exact_) return false;
    // A text whose escapes were replaced does not stand in the line.
    const bool replaced = text.data() == unescaped_.data();
    problem_.place = replaced ? last_text_ : text.data();
    problem_.text = cut_text(text, most_text_bytes);
    problem_.reason = reason;
    problem_.of_line = "is no record: ";
    append_quoted(problem_.of_line, cut_text(text, 60));
    problem_.of_line += " " + problem_.reason;
    return false;
}

bool json_tokens::wrong_kind(std::string_view wanted) {
    if (!exact_) return false;
    const char first = kind();
    const bool is_value = first == '"' || first == '{' || first == '[' || first == '-' || is_digit(first) ||
                          token() == "null" || token() == "true" || token() == "false";
    if (!is_value) return malformed("a value");
    const std::string_view text = first == '"' ? between(place(), quoted().end() + 1) : token();
    std::string reason = "is ";
    reason += kind_in_words(first);
    reason += ", but ";
    reason += wanted;
    return fail(text, reason + " is needed");
}

bool json_tokens::malformed(std::string_view wanted) {
    if (!exact_) return false;
    const bool at_end = kind() == '\n';
    const std::string_view text = at_end          ? std::string_view{place(), 0}
                                  : kind() == '"' ? between(place(), quoted().end() + 1)
                                                  : token();
    std::string place_of = " where ";
    place_of += wanted;
    place_of += at_end ? " should stand" : " should";
    fail(text, (at_end ? "is missing: the line ends" : "stands") + place_of);
    problem_.of_line = "is no JSON: ";
    if (at_end) {
        problem_.of_line += "it ends";
    } else {
        append_quoted(problem_.of_line, cut_text(text, 60));
        problem_.of_line += " stands";
    }
    problem_.of_line += place_of;
    return false;
}

bool json_tokens::in_field(std::string_view name) {
    if (!exact_) return false;
    std::string path{name};
    if (!problem_.path.empty()) path += "." + problem_.path;
    problem_.path = std::move(path);
    return false;
}

bool json_tokens::in_item(std::size_t index) { return in_field(exact_ ? std::to_string(index) : std::string{}); }

}  // namespace weir::detail
