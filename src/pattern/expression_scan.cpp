// SPDX-License-Identifier: Apache-2.0
#include "expression_scan.hpp"

#include <array>

#include <weir/base/error.hpp>

namespace weir::detail {
namespace {

bool is_digit(char of) { return of >= '0' && of <= '9'; }
bool begins_name(char of) { return (of >= 'a' && of <= 'z') || (of >= 'A' && of <= 'Z') || of == '_'; }
bool in_name(char of) { return begins_name(of) || is_digit(of); }

}  // namespace

std::string unquoted(std::string_view written) {
    const char quote = written.front();
    std::string text;
    for (std::size_t i = 1; i + 1 < written.size(); ++i) {
        text += written[i];
        if (written[i] == quote) ++i;
    }
    return text;
}

std::size_t expression_scanner::number_end(bool& with_unit) const {
    std::size_t at = next_;
    const auto digits = [&] {
        while (at < text_.size() && is_digit(text_[at])) ++at;
    };
    digits();
    const std::size_t whole = at;
    if (at + 1 < text_.size() && text_[at] == '.' && is_digit(text_[at + 1])) {
        ++at;
        digits();
    }
    if (at < text_.size() && (text_[at] == 'e' || text_[at] == 'E')) {
        std::size_t power = at + 1;
        if (power < text_.size() && (text_[power] == '+' || text_[power] == '-')) ++power;
        if (power < text_.size() && is_digit(text_[power])) {
            at = power;
            digits();
        }
    }
    with_unit = at == whole && at < text_.size() && begins_name(text_[at]);
    while (with_unit && at < text_.size() && in_name(text_[at])) ++at;
    return at;
}

void expression_scanner::advance() {
    while (next_ < text_.size() && (text_[next_] == ' ' || text_[next_] == '\n' || text_[next_] == '\t' ||
                                    text_[next_] == '\r')) {
        ++next_;
    }
    word_ = {word_kind::end, next_, {}};
    if (next_ == text_.size()) return;
    const std::size_t begin = next_;
    const char first = text_[begin];
    if (is_digit(first)) {
        bool with_unit = false;
        next_ = number_end(with_unit);
        word_.kind = with_unit ? word_kind::span : word_kind::number;
    } else if (begins_name(first)) {
        word_.kind = word_kind::name;
        while (next_ < text_.size() && in_name(text_[next_])) ++next_;
    } else if (first == '\'' || first == '"') {
        word_.kind = word_kind::text;
        for (++next_;; next_ += 2) {
            next_ = text_.find(first, next_);
            if (next_ == std::string_view::npos) {
                throw expression_mistake(begin, "a text that begins here has no end");
            }
            if (next_ + 1 == text_.size() || text_[next_ + 1] != first) break;
        }
        ++next_;
    } else {
        static constexpr std::array<std::string_view, 4> of_two{"==", "!=", "<=", ">="};
        word_.kind = word_kind::sign;
        next_ += 1;
        for (const std::string_view each : of_two) {
            if (text_.substr(begin).starts_with(each)) next_ = begin + 2;
        }
        if (next_ == begin + 1 && std::string_view("+-*/%<>(),.").find(first) == std::string_view::npos) {
            const std::string written(1, first);
            const bool half = first == '=' || first == '!';
            throw expression_mistake(begin, "'" + written + "' " +
                                                (half ? "is no sign: say ==, != or not" : "means nothing here"));
        }
    }
    word_.written = text_.substr(begin, next_ - begin);
}

std::string expression_scanner::found() const {
    return word_.kind == word_kind::end ? std::string("the end") : "'" + std::string(word_.written) + "'";
}

}  // namespace weir::detail
