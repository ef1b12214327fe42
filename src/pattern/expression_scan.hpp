// SPDX-License-Identifier: Apache-2.0
// The words of an expression, one after the other.
#pragma once
#include <string>
#include <string_view>

#include <weir/pattern/expression.hpp>

namespace weir::detail {

enum class word_kind : std::uint8_t { end, number, span, text, name, sign };

struct expression_word {
    word_kind kind = word_kind::end;
    std::size_t at = 0;
    std::string_view written;  // a text with its quotes
};

class expression_scanner {
  public:
    explicit expression_scanner(std::string_view text) : text_(text) { advance(); }
    [[nodiscard]] const expression_word& word() const noexcept { return word_; }
    // Throws expression_mistake.
    void advance();
    [[nodiscard]] bool is(std::string_view what) const {
        return (word_.kind == word_kind::sign || word_.kind == word_kind::name) && word_.written == what;
    }
    [[nodiscard]] bool take(std::string_view what) {
        if (!is(what)) return false;
        advance();
        return true;
    }
    // What stands here, for a sentence.
    [[nodiscard]] std::string found() const;

  private:
    [[nodiscard]] std::size_t number_end(bool& with_unit) const;

    std::string_view text_;
    std::size_t next_ = 0;
    expression_word word_;
};

// A text without its quotes; a doubled quote is one.
[[nodiscard]] std::string unquoted(std::string_view written);

}  // namespace weir::detail
