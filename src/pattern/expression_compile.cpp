// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <weir/pattern/expression.hpp>
#include <weir/record/time_text.hpp>

#include "expression_scan.hpp"

namespace weir {

using detail::word_kind;
using type = expression_type;
using operation = expression_operation;

namespace {

struct sign {
    std::string_view written;
    operation means;
};
constexpr std::array<sign, 6> comparisons{{{"==", operation::equal}, {"!=", operation::unequal},
                                           {"<=", operation::at_most}, {">=", operation::at_least},
                                           {"<", operation::less}, {">", operation::greater}}};
constexpr std::array<sign, 2> sums{{{"+", operation::add}, {"-", operation::subtract}}};
constexpr std::array<sign, 3> products{{{"*", operation::multiply}, {"/", operation::divide},
                                        {"%", operation::remainder}}};
constexpr std::array<sign, 6> functions{{{"is_null", operation::is_null}, {"default", operation::otherwise},
                                         {"abs", operation::absolute}, {"starts_with", operation::starts_with},
                                         {"ends_with", operation::ends_with}, {"contains", operation::contains}}};

template <std::size_t Count>
std::optional<operation> meaning(const std::array<sign, Count>& among, std::string_view written) {
    for (const sign& each : among) {
        if (each.written == written) return each.means;
    }
    return std::nullopt;
}
template <std::size_t Count> std::string spelling(const std::array<sign, Count>& among, operation of) {
    for (const sign& each : among) {
        if (each.means == of) return std::string(each.written);
    }
    return {};
}

bool is_integer(type of) { return of == type::whole || of == type::natural; }
bool is_number(type of) { return is_integer(of) || of == type::real; }

}  // namespace

class expression_compiler {
  public:
    expression_compiler(std::string_view text, const expression_scope& scope) : scope_(scope), words_(text) {}

    [[nodiscard]] expression compile() {
        const std::size_t begin = words_.word().at;
        made_.root_ = either();
        if (words_.word().kind != word_kind::end) {
            throw expression_mistake(words_.word().at, "the condition goes on with " + words_.found() +
                                                           " where an operation or the end was expected");
        }
        if (type_of(made_.root_) != type::boolean) {
            throw expression_mistake(begin, "a condition is true or false: this is " +
                                                std::string(to_text(type_of(made_.root_))));
        }
        made_.canonical_ = printed(made_.root_);
        divide_clauses(made_.root_);
        return std::move(made_);
    }

  private:
    using node = expression::node;

    [[nodiscard]] type type_of(std::uint32_t at) const { return made_.nodes_[at].type; }
    std::uint32_t add(const node& one, std::size_t at) {
        if (made_.nodes_.size() == expression::most_operations) {
            throw expression_mistake(at, "the condition has more than " +
                                             std::to_string(expression::most_operations) + " operations and names");
        }
        made_.nodes_.push_back(one);
        names_.emplace_back();
        return static_cast<std::uint32_t>(made_.nodes_.size() - 1);
    }
    void expect(std::string_view what) {
        if (!words_.take(what)) {
            throw expression_mistake(words_.word().at,
                                     "'" + std::string(what) + "' was expected, not " + words_.found());
        }
    }
    void require(bool fits, std::size_t at, std::string_view where, std::string_view wanted, std::uint32_t what) {
        if (fits) return;
        throw expression_mistake(at, std::string(where) + " takes " + std::string(wanted) + ", and this is " +
                                         to_text(type_of(what)));
    }

    // Counts how deep the text is nested.
    struct nested {
        expression_compiler& of;
        nested(expression_compiler& owner, std::size_t at) : of(owner) {
            if (of.depth_ == expression::most_depth) {
                throw expression_mistake(at, "the condition is nested deeper than " +
                                                 std::to_string(expression::most_depth));
            }
            ++of.depth_;
        }
        nested(const nested&) = delete;
        nested& operator=(const nested&) = delete;
        ~nested() { --of.depth_; }
    };

    std::uint32_t logical(operation what, std::string_view word, std::uint32_t left, std::size_t at,
                          std::uint32_t right, std::size_t right_at) {
        require(type_of(left) == type::boolean, at, word, "booleans", left);
        require(type_of(right) == type::boolean, right_at, word, "booleans", right);
        return add({what, type::boolean, left, right, 0}, at);
    }
    std::uint32_t either() {
        const std::size_t at = words_.word().at;
        std::uint32_t left = both();
        while (words_.take("or")) {
            const std::size_t right_at = words_.word().at;
            const std::uint32_t right = both();
            left = logical(operation::either, "or", left, at, right, right_at);
        }
        return left;
    }
    std::uint32_t both() {
        const std::size_t at = words_.word().at;
        std::uint32_t left = negation();
        while (words_.take("and")) {
            const std::size_t right_at = words_.word().at;
            const std::uint32_t right = negation();
            left = logical(operation::both, "and", left, at, right, right_at);
        }
        return left;
    }
    std::uint32_t negation() {
        if (!words_.take("not")) return comparison();
        const std::size_t at = words_.word().at;
        const nested deeper(*this, at);
        const std::uint32_t operand = negation();
        require(type_of(operand) == type::boolean, at, "not", "a boolean", operand);
        return add({operation::negation, type::boolean, operand, expression::none, 0}, at);
    }
    std::uint32_t comparison() {
        const std::uint32_t left = sum();
        const auto how = meaning(comparisons, words_.word().written);
        if (words_.word().kind != word_kind::sign || !how) return left;
        const std::size_t at = words_.word().at;
        words_.advance();
        const std::uint32_t right = sum();
        const bool alike = type_of(left) == type_of(right) || (is_number(type_of(left)) && is_number(type_of(right)));
        if (!alike) {
            throw expression_mistake(at, std::string(to_text(type_of(left))) + " is not compared with " +
                                             to_text(type_of(right)));
        }
        if (type_of(left) == type::boolean && how != operation::equal && how != operation::unequal) {
            throw expression_mistake(at, "booleans are compared with == and != only");
        }
        if (words_.word().kind == word_kind::sign && meaning(comparisons, words_.word().written)) {
            throw expression_mistake(words_.word().at, "comparisons do not go on: say `a < b and b < c`");
        }
        return add({*how, type::boolean, left, right, 0}, at);
    }
    std::uint32_t sum() {
        std::uint32_t left = product();
        for (;;) {
            const auto what = meaning(sums, words_.word().written);
            if (words_.word().kind != word_kind::sign || !what) return left;
            const std::size_t at = words_.word().at;
            words_.advance();
            left = arithmetic(*what, left, product(), at);
        }
    }
    std::uint32_t product() {
        std::uint32_t left = factor();
        for (;;) {
            const auto what = meaning(products, words_.word().written);
            if (words_.word().kind != word_kind::sign || !what) return left;
            const std::size_t at = words_.word().at;
            words_.advance();
            left = arithmetic(*what, left, factor(), at);
        }
    }

    std::uint32_t converted(operation how, std::uint32_t operand, std::size_t at) {
        return add({how, how == operation::to_real ? type::real : type::whole, operand, expression::none, 0}, at);
    }
    // Both of one type: real if one is; whole if one has a sign. A literal takes the other's type if it fits.
    void make_alike(std::uint32_t& left, std::uint32_t& right, std::size_t at) {
        for (std::uint32_t* each : {&left, &right}) {
            const std::uint32_t other = each == &left ? right : left;
            node& its = made_.nodes_[*each];
            if (its.operation != operation::literal || !is_integer(its.type) || !is_integer(type_of(other))) continue;
            if (static_cast<std::int64_t>(its.bits) >= 0) its.type = type_of(other);
        }
        if (type_of(left) == type_of(right)) return;
        const bool real = type_of(left) == type::real || type_of(right) == type::real;
        const type wanted = real ? type::real : type::whole;
        for (std::uint32_t* each : {&left, &right}) {
            if (type_of(*each) == wanted) continue;
            *each = converted(real ? operation::to_real : operation::to_whole, *each, at);
        }
    }
    std::uint32_t arithmetic(operation what, std::uint32_t left, std::uint32_t right, std::size_t at) {
        const type first = type_of(left);
        const type second = type_of(right);
        const bool moved = what == operation::add || what == operation::subtract;
        std::optional<type> made;
        const bool integers = is_integer(first) && is_integer(second);
        if (integers || (is_number(first) && is_number(second) && what != operation::remainder)) {
            make_alike(left, right, at);
            made = type_of(left);
        } else if (moved && second == type::span && (first == type::span || first == type::time)) {
            made = first;
        } else if (what == operation::add && first == type::span && second == type::time) {
            made = type::time;
        } else if (what == operation::subtract && first == type::time && second == type::time) {
            made = type::span;
        } else if (first == type::span && is_integer(second) &&
                   (what == operation::multiply || what == operation::divide)) {
            made = type::span;
            if (second == type::natural) right = converted(operation::to_whole, right, at);
        }
        if (!made) {
            throw expression_mistake(at, "there is no " + std::string(to_text(first)) + " " + written(what) + " " +
                                             to_text(second));
        }
        return add({what, *made, left, right, 0}, at);
    }
    static std::string written(operation of) {
        const std::string found = spelling(sums, of) + spelling(products, of);
        return found.empty() ? spelling(comparisons, of) : found;
    }

    std::uint32_t factor() {
        const std::size_t at = words_.word().at;
        if (!words_.take("-")) return primary();
        const nested deeper(*this, at);
        std::uint32_t operand = factor();
        node& its = made_.nodes_[operand];
        if (its.operation == operation::literal && (is_number(its.type) || its.type == type::span)) {
            return negative_literal(operand, at);
        }
        require(is_number(its.type) || its.type == type::span, at, "-", "a number or a span of time", operand);
        const type kept = its.type == type::natural ? type::whole : its.type;
        if (its.type == type::natural) operand = converted(operation::to_whole, operand, at);
        return add({operation::negate, kept, operand, expression::none, 0}, at);
    }
    std::uint32_t negative_literal(std::uint32_t literal, std::size_t at) {
        node& its = made_.nodes_[literal];
        if (its.type == type::real) {
            its.bits = std::bit_cast<std::uint64_t>(-std::bit_cast<double>(its.bits));
            return literal;
        }
        constexpr std::uint64_t least = std::uint64_t{1} << 63U;
        if (its.type == type::natural ? its.bits > least : its.bits == least) {
            throw expression_mistake(at, "a whole number does not fit 64 bits");
        }
        its.bits = std::uint64_t{0} - its.bits;
        if (its.type == type::natural) its.type = type::whole;
        return literal;
    }

    std::uint32_t primary() {
        const detail::expression_word word = words_.word();
        switch (word.kind) {
            case word_kind::number: return number_literal(word);
            case word_kind::span: {
                duration length{};
                if (parse_duration(word.written, length) != text_error::none) {
                    throw expression_mistake(word.at, "'" + std::string(word.written) +
                                                          "' is no span of time: say 10s, 5m, 250ms");
                }
                words_.advance();
                return literal(type::span, static_cast<std::uint64_t>(length.count()), word.at);
            }
            case word_kind::text: {
                words_.advance();
                return text_literal(detail::unquoted(word.written), word.at);
            }
            case word_kind::name: return named(word);
            default: break;
        }
        if (!words_.is("(")) {
            throw expression_mistake(word.at, "a value was expected, not " + words_.found());
        }
        const nested deeper(*this, word.at);
        words_.advance();
        const std::uint32_t inner = either();
        expect(")");
        return inner;
    }
    std::uint32_t literal(type of, std::uint64_t bits, std::size_t at) {
        return add({operation::literal, of, expression::none, expression::none, bits}, at);
    }
    std::uint32_t text_literal(const std::string& text, std::size_t at) {
        const auto begin = static_cast<std::uint32_t>(made_.texts_.size());
        made_.texts_ += text;
        return add({operation::literal, type::text, begin, expression::none, text.size()}, at);
    }
    std::uint32_t number_literal(const detail::expression_word& word) {
        const char* const begin = word.written.data();
        const char* const end = begin + word.written.size();
        words_.advance();
        std::uint64_t whole = 0;
        const auto read = std::from_chars(begin, end, whole);
        if (read.ptr == end && read.ec == std::errc{}) {
            const bool signed_fits = whole <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
            return literal(signed_fits ? type::whole : type::natural, whole, word.at);
        }
        if (read.ptr == end) throw expression_mistake(word.at, "a whole number does not fit 64 bits");
        double real = 0;
        if (std::from_chars(begin, end, real).ec != std::errc{}) {
            throw expression_mistake(word.at, "'" + std::string(word.written) + "' does not fit a real number");
        }
        return literal(type::real, std::bit_cast<std::uint64_t>(real), word.at);
    }

    std::uint32_t named(const detail::expression_word& word) {
        words_.advance();
        if (word.written == "true" || word.written == "false") {
            return literal(type::boolean, word.written == "true" ? 1 : 0, word.at);
        }
        if (word.written == "and" || word.written == "or" || word.written == "not") {
            throw expression_mistake(word.at, "a value was expected, not '" + std::string(word.written) + "'");
        }
        if (words_.is("(")) return function(word);
        if (words_.is(".")) {
            throw expression_mistake(word.at, "fields of other events are asked for by a function, as in last(" +
                                                  std::string(word.written) + ".field)");
        }
        for (std::size_t i = 0; i < scope_.fields.size(); ++i) {
            const expression_field& its = scope_.fields[i];
            if (its.name != word.written) continue;
            if (its.read == nullptr) {
                throw expression_mistake(word.at, "field '" + std::string(its.name) +
                                                      "' has a type that conditions cannot use");
            }
            const std::uint32_t made =
                add({operation::field, its.type, expression::none, expression::none, i}, word.at);
            names_[made] = std::string(its.name);
            return made;
        }
        std::string known;
        for (const expression_field& each : scope_.fields) {
            known += (known.empty() ? "" : ", ") + std::string(each.name);
        }
        throw expression_mistake(word.at, "no field is named '" + std::string(word.written) + "': there are " + known);
    }
    std::uint32_t function(const detail::expression_word& word) {
        const nested deeper(*this, word.at);
        words_.advance();
        std::uint32_t made = expression::none;
        if (word.written == "time") {
            made = time_literal();
        } else if (const auto what = meaning(functions, word.written)) {
            made = built_in(*what, word);
        } else {
            made = call(word);
        }
        expect(")");
        return made;
    }
    std::uint32_t time_literal() {
        const detail::expression_word word = words_.word();
        timestamp made{};
        if (word.kind != word_kind::text ||
            parse_time(detail::unquoted(word.written), made) != text_error::none) {
            throw expression_mistake(word.at, "time(...) takes a text such as '2026-03-01T12:00:00Z'");
        }
        words_.advance();
        return literal(type::time, static_cast<std::uint64_t>(made.time_since_epoch().count()), word.at);
    }
    std::uint32_t built_in(operation what, const detail::expression_word& word) {
        const std::string name = std::string(word.written) + "(...)";
        const std::size_t at = words_.word().at;
        std::uint32_t left = either();
        if (what == operation::is_null) return add({what, type::boolean, left, expression::none, 0}, word.at);
        if (what == operation::absolute) {
            require(is_number(type_of(left)) || type_of(left) == type::span, at, name, "a number or a span of time",
                    left);
            return add({what, type_of(left), left, expression::none, 0}, word.at);
        }
        expect(",");
        const std::size_t right_at = words_.word().at;
        std::uint32_t right = either();
        if (what != operation::otherwise) {
            require(type_of(left) == type::text, at, name, "texts", left);
            require(type_of(right) == type::text, right_at, name, "texts", right);
            return add({what, type::boolean, left, right, 0}, word.at);
        }
        if (is_number(type_of(left)) && is_number(type_of(right))) make_alike(left, right, word.at);
        if (type_of(left) != type_of(right)) {
            throw expression_mistake(right_at, "default(...) takes two of a type, not " +
                                                   std::string(to_text(type_of(left))) + " and " +
                                                   to_text(type_of(right)));
        }
        return add({what, type_of(left), left, right, 0}, word.at);
    }
    std::uint32_t call(const detail::expression_word& word) {
        std::string name;
        const std::size_t at = words_.word().at;
        do {
            if (words_.word().kind != word_kind::name) {
                throw expression_mistake(words_.word().at, "a name was expected in " + std::string(word.written) +
                                                               "(...), not " + words_.found());
            }
            name += (name.empty() ? "" : ".") + std::string(words_.word().written);
            words_.advance();
        } while (words_.take("."));
        const resolved_call found = scope_.resolve
                                        ? scope_.resolve(word.written, name)
                                        : resolved_call{"no function is named '" + std::string(word.written) + "'"};
        if (const auto* const why_not = std::get_if<std::string>(&found)) throw expression_mistake(at, *why_not);
        const auto& its = std::get<expression_call>(found);
        const std::uint32_t made = add({operation::call, its.type, expression::none, expression::none, its.number}, at);
        names_[made] = std::string(word.written) + "(" + name + ")";
        return made;
    }

    [[nodiscard]] std::string printed_literal(const node& its) const {
        const auto count = static_cast<std::int64_t>(its.bits);
        switch (its.type) {
            case type::boolean: return its.bits != 0 ? "true" : "false";
            case type::natural: return std::to_string(its.bits);
            case type::real: return "real:" + std::to_string(its.bits);  // bit by bit
            case type::text: {
                std::string quoted = "'";
                for (std::size_t i = 0; i < its.bits; ++i) {
                    quoted += made_.texts_[its.left + i];
                    if (quoted.back() == '\'') quoted += '\'';
                }
                return quoted + "'";
            }
            case type::time: return "time:" + std::to_string(count);
            case type::span: return std::to_string(count) + "ns";
            default: return std::to_string(count);
        }
    }
    [[nodiscard]] std::string printed(std::uint32_t at) const {
        const node& its = made_.nodes_[at];
        switch (its.operation) {
            case operation::literal: return printed_literal(its);
            case operation::field:
            case operation::call: return names_[at];
            case operation::to_whole:
            case operation::to_real: return printed(its.left);
            case operation::negation: return "not(" + printed(its.left) + ")";
            case operation::negate: return "-(" + printed(its.left) + ")";
            case operation::both: return "(" + printed(its.left) + " and " + printed(its.right) + ")";
            case operation::either: return "(" + printed(its.left) + " or " + printed(its.right) + ")";
            default: break;
        }
        const std::string name = spelling(functions, its.operation);
        if (name.empty()) {
            return "(" + printed(its.left) + " " + written(its.operation) + " " + printed(its.right) + ")";
        }
        return name + "(" + printed(its.left) + (its.right == expression::none ? "" : ", " + printed(its.right)) + ")";
    }

    [[nodiscard]] bool calls(std::uint32_t at) const {
        const node& its = made_.nodes_[at];
        if (its.operation == operation::call) return true;
        if (its.operation == operation::literal || its.operation == operation::field) return false;
        return calls(its.left) || (its.right != expression::none && calls(its.right));
    }
    // Of the outermost `and`, from left to right.
    void divide_clauses(std::uint32_t at) {
        const node its = made_.nodes_[at];
        if (its.operation == operation::both) {
            divide_clauses(its.left);
            divide_clauses(its.right);
            return;
        }
        std::uint32_t& part = calls(at) ? made_.behind_ : made_.alone_;
        if (part == expression::none) {
            part = at;
            return;
        }
        made_.nodes_.push_back({operation::both, type::boolean, part, at, 0});
        part = static_cast<std::uint32_t>(made_.nodes_.size() - 1);
    }

    const expression_scope& scope_;
    detail::expression_scanner words_;
    expression made_;
    std::vector<std::string> names_;  // of fields and calls
    std::size_t depth_ = 0;
};

expression expression::compile(std::string_view text, const expression_scope& scope) {
    if (text.size() > most_bytes) {
        throw expression_mistake(0, "the condition is longer than " + std::to_string(most_bytes) + " bytes");
    }
    return expression_compiler(text, scope).compile();
}

}  // namespace weir
