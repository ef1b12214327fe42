// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <compare>

#include <weir/pattern/expression.hpp>

namespace weir {
namespace {

using type = expression_type;
using operation = expression_operation;
using value = expression_value;

std::partial_ordering reversed(std::partial_ordering order) { return 0 <=> order; }

// A whole number and a real one, without rounding either.
template <class Whole> std::partial_ordering compare_exactly(Whole whole, double real, double least, double beyond) {
    if (std::isnan(real)) return std::partial_ordering::unordered;
    if (real >= beyond) return std::partial_ordering::less;
    if (real < least) return std::partial_ordering::greater;
    const double cut = std::trunc(real);
    const auto its = static_cast<Whole>(cut);
    if (whole != its) return whole <=> its;
    return cut <=> real;
}
constexpr double two_to_63 = 9223372036854775808.0;

std::partial_ordering compare_with_real(type left, value whole, double real) {
    return left == type::natural ? compare_exactly(whole.bits, real, 0, 2 * two_to_63)
                                 : compare_exactly(whole.whole(), real, -two_to_63, two_to_63);
}

std::partial_ordering compare(type left_type, value left, type right_type, value right) {
    if (left_type == type::text) return left.text() <=> right.text();
    if (left_type == type::real && right_type == type::real) return left.real() <=> right.real();
    if (left_type == type::real) return reversed(compare_with_real(right_type, right, left.real()));
    if (right_type == type::real) return compare_with_real(left_type, left, right.real());
    const bool left_natural = left_type == type::natural;
    const bool right_natural = right_type == type::natural;
    if (left_natural == right_natural) {
        if (left_natural) return left.bits <=> right.bits;
        return left.whole() <=> right.whole();
    }
    if (left_natural) {
        return right.whole() < 0 ? std::partial_ordering::greater
                                 : std::partial_ordering(left.bits <=> right.bits);
    }
    return left.whole() < 0 ? std::partial_ordering::less : std::partial_ordering(left.bits <=> right.bits);
}

// Unknown if the result does not fit.
template <class Number> value whole_arithmetic(operation what, Number left, Number right) {
    Number made{};
    bool too_large = false;
    if (what == operation::add) {
        too_large = __builtin_add_overflow(left, right, &made);
    } else if (what == operation::subtract) {
        too_large = __builtin_sub_overflow(left, right, &made);
    } else if (what == operation::multiply) {
        too_large = __builtin_mul_overflow(left, right, &made);
    } else {
        if (right == 0) return {};
        if (right == static_cast<Number>(-1) && static_cast<Number>(-1) < Number{0}) {  // the least one has no opposite
            if (what == operation::remainder) return value::of(Number{0});
            too_large = __builtin_sub_overflow(Number{0}, left, &made);
        } else {
            made = what == operation::divide ? left / right : left % right;
        }
    }
    return too_large ? value{} : value::of(made);
}
value real_arithmetic(operation what, double left, double right) {
    if (what == operation::add) return value::of(left + right);
    if (what == operation::subtract) return value::of(left - right);
    if (what == operation::multiply) return value::of(left * right);
    return right == 0 ? value{} : value::of(left / right);
}

value opposite(type of, value operand) {
    if (of == type::real) return value::of(-operand.real());
    return whole_arithmetic(operation::subtract, std::int64_t{0}, operand.whole());
}
value converted(operation how, type from, value operand) {
    if (how == operation::to_whole) return operand.whole() < 0 ? value{} : operand;  // of a natural number
    return value::of(from == type::natural ? static_cast<double>(operand.bits) : static_cast<double>(operand.whole()));
}
value of_one(operation what, type from, value operand) {
    if (!operand.known) return {};
    switch (what) {
        case operation::negation: return value::of(!operand.truth());
        case operation::negate: return opposite(from, operand);
        case operation::absolute: {
            if (from == type::real) return value::of(std::fabs(operand.real()));
            return from != type::natural && operand.whole() < 0 ? opposite(from, operand) : operand;
        }
        default: return converted(what, from, operand);
    }
}

bool ordered_so(operation what, std::partial_ordering order) {
    switch (what) {
        case operation::equal: return order == 0;
        case operation::unequal: return order != 0;
        case operation::less: return order < 0;
        case operation::at_most: return order <= 0;
        case operation::greater: return order > 0;
        default: return order >= 0;
    }
}

}  // namespace

const char* to_text(expression_type of) noexcept {
    switch (of) {
        case type::boolean: return "a boolean";
        case type::whole: return "a whole number";
        case type::natural: return "a whole number without sign";
        case type::real: return "a real number";
        case type::text: return "a text";
        case type::time: return "a time";
        default: return "a span of time";
    }
}

expression_value expression::logic(const node& its, const expression_input& input) const {
    // The one that settles it: false of both, true of either.
    const bool settles = its.operation == operation::either;
    const value left = value_of(its.left, input);
    if (left.known && left.truth() == settles) return left;
    const value right = value_of(its.right, input);
    if (right.known && right.truth() == settles) return right;
    return left.known ? right : left;
}

expression_value expression::compared(const node& its, const expression_input& input) const {
    const value left = value_of(its.left, input);
    const value right = value_of(its.right, input);
    if (!left.known || !right.known) return {};
    switch (its.operation) {
        case operation::starts_with: return value::of(left.text().starts_with(right.text()));
        case operation::ends_with: return value::of(left.text().ends_with(right.text()));
        case operation::contains: return value::of(left.text().find(right.text()) != std::string_view::npos);
        default: break;
    }
    return value::of(ordered_so(its.operation, compare(nodes_[its.left].type, left, nodes_[its.right].type, right)));
}

expression_value expression::value_of(std::uint32_t at, const expression_input& input) const {
    const node& its = nodes_[at];
    switch (its.operation) {
        case operation::literal: {
            return its.type == type::text ? value{true, its.bits, texts_.data() + its.left}
                                          : value{true, its.bits, nullptr};
        }
        case operation::field: return input.fields[its.bits].read(input.record);
        case operation::call: return input.call(input.context, static_cast<std::uint32_t>(its.bits));
        case operation::both:
        case operation::either: return logic(its, input);
        case operation::is_null: return value::of(!value_of(its.left, input).known);
        case operation::otherwise: {
            const value first = value_of(its.left, input);
            return first.known ? first : value_of(its.right, input);
        }
        case operation::negation:
        case operation::negate:
        case operation::absolute:
        case operation::to_whole:
        case operation::to_real: return of_one(its.operation, nodes_[its.left].type, value_of(its.left, input));
        case operation::add:
        case operation::subtract:
        case operation::multiply:
        case operation::divide:
        case operation::remainder: {
            const value left = value_of(its.left, input);
            const value right = value_of(its.right, input);
            if (!left.known || !right.known) return {};
            if (its.type == type::real) return real_arithmetic(its.operation, left.real(), right.real());
            if (its.type == type::natural) return whole_arithmetic(its.operation, left.bits, right.bits);
            return whole_arithmetic(its.operation, left.whole(), right.whole());
        }
        default: return compared(its, input);
    }
}

}  // namespace weir
