// SPDX-License-Identifier: Apache-2.0
// A walk over the tokens of one line of JSON. It may be quick, over the tokens of many lines at once: then it says only
// that something is wrong. Or exact, over a line of its own: then it says what and where.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <weir/json/json_index.hpp>
#include <weir/record/json_options.hpp>
#include <weir/record/text.hpp>

namespace weir::detail {

// What is wrong with a line that was walked exactly.
struct json_problem {
    const char* place = nullptr;
    std::string text;     // what stands there, at most 200 bytes of it
    std::string path;     // of the field, "where.lat"; empty if the line as a whole is wrong
    std::string reason;   // "is not a number"
    std::string of_line;  // if there is no field to name: "is no JSON: ..."
};

class json_tokens {
  public:
    explicit json_tokens(const json_options& options) : options_{options.epoch, options.allow_nan} {}

    // Before walking: tokens count from `shift` bytes before the text (modulo 2^64, it may be behind it).
    void start(std::string_view text, const std::uint32_t* tokens, std::uint64_t shift) noexcept {
        origin_ = reinterpret_cast<std::uintptr_t>(text.data()) - static_cast<std::uintptr_t>(shift);
        end_ = text.data() + text.size();
        next_ = tokens;
    }
    void be_quick() noexcept {
        exact_ = false;
        doubts_utf8_ = false;
    }
    void be_exact(bool doubt_utf8) {
        exact_ = true;
        doubts_utf8_ = doubt_utf8;
        problem_ = {};
    }

    // The next token: the character at its beginning, its place, and that of the one behind it.
    [[nodiscard]] char kind() const noexcept { return *at(next_[0]); }
    [[nodiscard]] const char* place() const noexcept { return at(next_[0]); }
    [[nodiscard]] const char* bound() const noexcept { return at(next_[1]); }
    [[nodiscard]] const char* end() const noexcept { return end_; }  // of the text: there is a line feed before it
    [[nodiscard]] const std::uint32_t* next() const noexcept { return next_; }
    void skip() noexcept { ++next_; }
    [[nodiscard]] bool take(char wanted) noexcept {
        if (kind() != wanted) return false;
        ++next_;
        return true;
    }
    // A name and the colon behind it, given as `"name":`, if it stands exactly so.
    template <std::size_t Size>
    [[nodiscard]] bool take_name(const char* quoted) noexcept {
        if (next_[1] - next_[0] != Size - 1 || !same<Size>(place(), quoted)) return false;
        next_ += 2;
        return true;
    }
    // One of null, true, false.
    [[nodiscard]] bool take_word(std::string_view word) noexcept {
        const char* const first = place();
        const char* const last = bound();
        if (static_cast<std::size_t>(last - first) < word.size()) return false;
        if (std::memcmp(first, word.data(), word.size()) != 0 || !ends_at(first + word.size())) return false;
        ++next_;
        return true;
    }
    // Whether the token, no text, ends there.
    [[nodiscard]] bool ends_at(const char* last) const noexcept { return last == bound() || is_blank(*last); }
    [[nodiscard]] std::string_view token() const noexcept;
    // Behind the bracket that was taken last.
    [[nodiscard]] const char* behind() const noexcept { return at(next_[-1]) + 1; }

    // A text, moved past: what stands between its quotes, without escapes. Valid until the next text.
    [[nodiscard]] bool take_text(std::string_view& content) {
        if (kind() != '"') [[unlikely]] return wrong_kind("a text");
        content = quoted();
        last_text_ = content.data();
        if (doubts_utf8_ || has_backslash(content)) [[unlikely]] {
            if (!take_unusual_text(content)) return false;
        }
        ++next_;
        return true;
    }
    // A name of an object's, moved past together with its colon.
    [[nodiscard]] bool take_any_name(std::string_view& content);
    // Any value, moved past. It is checked to be JSON. last_skipped() is where it ended.
    [[nodiscard]] bool skip_value();
    [[nodiscard]] const char* last_skipped() const noexcept { return last_skipped_; }

    // All answer false, for the exact walk with the reason.
    // The token is JSON of another kind, or none: "is a text, but a number is needed".
    bool wrong_kind(std::string_view wanted);
    // "is no JSON: ... stands where a comma or } should".
    bool malformed(std::string_view wanted);
    bool fail(std::string_view text, std::string_view reason);
    // The failure was in this field or item of the value that is being read.
    bool in_field(std::string_view name);
    bool in_item(std::size_t index);

    [[nodiscard]] const text_options& options() const noexcept { return options_; }
    [[nodiscard]] json_problem& problem() noexcept { return problem_; }

    [[nodiscard]] static bool has_backslash(std::string_view text) noexcept {
        if (text.size() > 64) return std::memchr(text.data(), '\\', text.size()) != nullptr;
        constexpr std::uint64_t each = 0x0101'0101'0101'0101U;
        const auto found = [](std::uint64_t eight) {
            const std::uint64_t zero = eight ^ (each * 0x5CU);
            return (zero - each) & ~zero & (each * 0x80U);
        };
        const char* next = text.data();
        std::size_t left = text.size();
        std::uint64_t seen = 0;
        for (std::uint64_t eight = 0; left >= 8; next += 8, left -= 8) {
            std::memcpy(&eight, next, 8);
            seen |= found(eight);
        }
        for (; left != 0; ++next, --left) seen |= static_cast<std::uint64_t>(*next == '\\');
        return seen != 0;
    }
    [[nodiscard]] static bool is_blank(char each) noexcept {
        return each == ' ' || each == '\n' || each == '\r' || each == '\t';
    }

  private:
    // A call of memcmp for so few bytes costs more than they do.
    template <std::size_t Size>
    [[nodiscard]] static bool same(const char* left, const char* right) noexcept {
        static_assert(Size >= 4);
        using word = std::conditional_t<Size < 8, std::uint32_t, std::uint64_t>;
        const auto differ = [&](std::size_t place) {
            word one = 0;
            word other = 0;
            std::memcpy(&one, left + place, sizeof one);
            std::memcpy(&other, right + place, sizeof other);
            return one ^ other;
        };
        word found = differ(Size - sizeof(word));
        for (std::size_t place = 0; place + sizeof(word) < Size; place += sizeof(word)) found |= differ(place);
        return found == 0;
    }
    [[nodiscard]] const char* at(std::uint32_t place) const noexcept {
        return reinterpret_cast<const char*>(origin_ + place);
    }
    // Of a text: between its quotes, as it stands. Only blanks are between the closing quote and the next token.
    [[nodiscard]] std::string_view quoted() const noexcept {
        const char* const first = place() + 1;
        const char* last = bound() - 1;
        while (*last != '"') --last;
        return {first, static_cast<std::size_t>(last - first)};
    }
    bool take_unusual_text(std::string_view& content);
    bool take_scalar();

    std::uintptr_t origin_ = 0;  // where tokens count from: not always in the text
    const char* end_ = nullptr;
    const std::uint32_t* next_ = nullptr;
    bool exact_ = false;
    bool doubts_utf8_ = false;
    text_options options_;
    const char* last_text_ = nullptr;  // the one taken last, as it stands
    const char* last_skipped_ = nullptr;
    std::string unescaped_;
    std::string open_;  // the brackets around the value being skipped
    json_problem problem_;
};

// Whether the text is a number as JSON writes it: no +, no leading zeros, digits on both sides of the point.
[[nodiscard]] bool is_json_number(std::string_view text) noexcept;
// Replaces the escapes; appends what it got to before a wrong one, and says why it is wrong.
[[nodiscard]] const char* unescape_json(std::string_view content, std::string& out);

}  // namespace weir::detail
