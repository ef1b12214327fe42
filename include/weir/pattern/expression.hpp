// SPDX-License-Identifier: Apache-2.0
// A small typed expression language for conditions that a program reads at run time. What may be said, and what it
// means, stands in src/pattern/pattern_format.md. Types are checked when it is compiled; evaluating it allocates
// nothing and visits each operation at most once.
//
// A value may be unknown: a field that is an empty optional, a result that does not fit its type, a division by zero.
// Logic has three values: `false and unknown` is false, `true or unknown` is true, everything else with an unknown is
// unknown. A condition holds if it is true.
//
// What names mean is told by who compiles: fields by a table (pattern/expression_fields.hpp), functions of a dotted
// name, such as last(stage.field), by a function. Fit for other rooms: nothing here knows patterns.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir {

enum class expression_type : std::uint8_t {
    boolean,
    whole,    // 64 bits
    natural,  // 64 bits without sign
    real,
    text,
    time,     // nanoseconds
    span      // nanoseconds
};
// "a boolean", "a whole number" ...
[[nodiscard]] const char* to_text(expression_type type) noexcept;

struct expression_value {
    bool known = false;
    std::uint64_t bits = 0;      // of a text its length
    const char* bytes = nullptr;  // of a text, which lives as long as the record or the expression

    [[nodiscard]] static expression_value of(bool value) { return {true, value ? 1U : 0U, nullptr}; }
    [[nodiscard]] static expression_value of(std::int64_t value) {
        return {true, static_cast<std::uint64_t>(value), nullptr};
    }
    [[nodiscard]] static expression_value of(std::uint64_t value) { return {true, value, nullptr}; }
    [[nodiscard]] static expression_value of(double value) {
        return {true, std::bit_cast<std::uint64_t>(value), nullptr};
    }
    [[nodiscard]] static expression_value of(std::string_view value) { return {true, value.size(), value.data()}; }

    [[nodiscard]] bool truth() const noexcept { return bits != 0; }
    [[nodiscard]] std::int64_t whole() const noexcept { return static_cast<std::int64_t>(bits); }
    [[nodiscard]] double real() const noexcept { return std::bit_cast<double>(bits); }
    [[nodiscard]] std::string_view text() const noexcept { return {bytes, static_cast<std::size_t>(bits)}; }
};

struct expression_field {
    std::string_view name;
    expression_type type{};
    expression_value (*read)(const void* record) = nullptr;  // null: conditions cannot use a field of this type
};

// What a function of a dotted name gives, and the number by which it is asked for; or a sentence why there is none.
struct expression_call {
    expression_type type{};
    std::uint32_t number = 0;
};
using resolved_call = std::variant<expression_call, std::string>;

struct expression_scope {
    std::span<const expression_field> fields{};
    std::function<resolved_call(std::string_view function, std::string_view name)> resolve{};
};

// What an expression is evaluated for.
struct expression_input {
    const void* record = nullptr;
    const expression_field* fields = nullptr;
    expression_value (*call)(const void* context, std::uint32_t number) = nullptr;
    const void* context = nullptr;
};

// What is wrong, and where in the text: bytes from its beginning.
class expression_mistake : public std::runtime_error {
  public:
    expression_mistake(std::size_t at, const std::string& sentence) : std::runtime_error(sentence), at_(at) {}
    [[nodiscard]] std::size_t at() const noexcept { return at_; }

  private:
    std::size_t at_;
};

enum class expression_operation : std::uint8_t {
    literal, field, call, otherwise, is_null, negate, absolute, to_whole, to_real, negation, both, either,
    add, subtract, multiply, divide, remainder,
    equal, unequal, less, at_most, greater, at_least, starts_with, ends_with, contains
};

// A condition: operations as a flat array, operands before what uses them.
class expression {
  public:
    static constexpr std::size_t most_bytes = 4096;
    static constexpr std::size_t most_operations = 256;
    static constexpr std::size_t most_depth = 32;  // of parentheses, functions, not and -
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    struct node {
        expression_operation operation{};
        expression_type type{};
        std::uint32_t left = none;   // operand; of a text literal, where it begins in `texts`
        std::uint32_t right = none;
        std::uint64_t bits = 0;      // of a literal; number of a field or a call
    };

    // Throws expression_mistake.
    [[nodiscard]] static expression compile(std::string_view text, const expression_scope& scope);

    // Whether it calls anything.
    [[nodiscard]] bool looks_back() const noexcept { return behind_ != none; }
    // The clauses of its outermost `and` that call nothing, and the others; both hold if the whole holds.
    [[nodiscard]] bool holds_alone(const expression_input& input) const { return holds(alone_, input); }
    [[nodiscard]] bool holds_behind(const expression_input& input) const { return holds(behind_, input); }
    // The value of the whole: a boolean.
    [[nodiscard]] expression_value evaluate(const expression_input& input) const { return value_of(root_, input); }
    // Equal texts mean the same: operations and names, without the spaces and parentheses that were written.
    [[nodiscard]] const std::string& canonical() const noexcept { return canonical_; }

  private:
    friend class expression_compiler;
    [[nodiscard]] bool holds(std::uint32_t root, const expression_input& input) const {
        if (root == none) return true;
        const expression_value found = value_of(root, input);
        return found.known && found.truth();
    }
    [[nodiscard]] expression_value value_of(std::uint32_t at, const expression_input& input) const;
    [[nodiscard]] expression_value compared(const node& its, const expression_input& input) const;
    [[nodiscard]] expression_value logic(const node& its, const expression_input& input) const;

    std::vector<node> nodes_;
    std::string texts_;
    std::string canonical_;
    std::uint32_t root_ = none;
    std::uint32_t alone_ = none;
    std::uint32_t behind_ = none;
};

}  // namespace weir
