// SPDX-License-Identifier: Apache-2.0
#include <weir/pattern/expression_fields.hpp>

#include <boost/multiprecision/cpp_int.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <weir/testing/seeded.hpp>
#include <weir/time/timestamp.hpp>

namespace {

enum class channel : std::uint8_t { web, shop };
BOOST_DESCRIBE_ENUM(channel, web, shop)

struct purchase {
    bool fresh = true;
    std::int64_t amount = 7;
    std::uint64_t id = 12345678901234567890U;
    double rate = 0.5;
    std::string shop = "Anna's";
    channel by = channel::shop;
    weir::timestamp at{std::chrono::hours{1}};
    std::chrono::milliseconds wait{250};
    std::optional<std::int64_t> limit;
    std::optional<bool> checked;
    std::optional<double> score = 0.25;
    std::int32_t small = -3;
    std::chrono::hours far{std::chrono::hours{1'000'000'000}};
    std::vector<int> list;
};
BOOST_DESCRIBE_STRUCT(purchase, (),
                      (fresh, amount, id, rate, shop, by, at, wait, limit, checked, score, small, far, list))

struct asked {
    std::vector<weir::expression_value> answers;
};
weir::expression_value answer(const void* context, std::uint32_t number) {
    return static_cast<const asked*>(context)->answers[number];
}
const asked usual{{weir::expression_value::of(std::int64_t{40}), {}}};

weir::resolved_call resolve(std::string_view function, std::string_view name) {
    if (function != "last") return "no function is named '" + std::string(function) + "'";
    if (name == "probe.amount") return weir::expression_call{weir::expression_type::whole, 0};
    if (name == "probe.limit") return weir::expression_call{weir::expression_type::whole, 1};
    return "no such thing as '" + std::string(name) + "'";
}
weir::expression compiled(std::string_view text) {
    return weir::expression::compile(text, {weir::expression_fields<purchase>, resolve});
}
weir::expression_input input_of(const purchase& of) {
    return {&of, weir::expression_fields<purchase>.data(), answer, &usual};
}
std::string outcome(std::string_view text) {
    const purchase one;
    const weir::expression_value found = compiled(text).evaluate(input_of(one));
    return !found.known ? "unknown" : found.truth() ? "true" : "false";
}
std::string mistake(std::string_view text) {
    try {
        static_cast<void>(compiled(text));
        return "none";
    } catch (const weir::expression_mistake& why) {
        return std::to_string(why.at()) + ": " + why.what();
    }
}

}  // namespace

TEST_CASE("an expression means what it says", "[pattern]") {
    const auto holds = [](std::string_view text) {
        CAPTURE(text);
        CHECK(outcome(text) == "true");
    };
    holds("fresh");
    holds("amount + 2 * 3 == 13");
    holds("(amount + 2) * 3 == 27");
    holds("amount - 2 - 3 == 2");
    holds("amount / 2 == 3 and -amount / 2 == -3 and amount % 4 == 3 and -amount % 4 == -3");
    holds("id == 12345678901234567890 and id != 12345678901234567891");
    holds("id > amount and amount < id and -1 < id");
    holds("rate * 2 == 1 and rate < amount and amount > rate");
    holds("1.5e3 == 1500 and 2e-1 < 0.21");
    holds("shop == 'Anna''s' and shop == \"Anna's\" and shop > 'Ann'");
    holds("starts_with(shop, 'An') and ends_with(shop, 's') and contains(shop, 'na') and contains(shop, '')");
    holds("by == 'shop'");
    holds("at == time('1970-01-01T01:00:00Z') and at + 5m > at and at - (at - 1h) == 1h and 1h + at == at + 1h");
    holds("wait == 250ms and wait * 4 == 1s and wait / 2 < 126ms and -wait < 0s and abs(-wait) == wait");
    holds("abs(small) == 3 and small == -3 and abs(0 - 0.5) == rate");
    holds("not (amount < 3) and not amount < 3 and not not fresh");
    holds("is_null(limit) and not is_null(score) and default(limit, 5) == 5 and default(score, 1) == 0.25");
    holds("last(probe.amount) == 40 and is_null(last(probe.limit))");
    holds("fresh == true and fresh != false");
    holds("false or true and true");
    holds("-9223372036854775808 < amount and 18446744073709551615 > id");
}

TEST_CASE("logic has three values", "[pattern]") {
    CHECK(outcome("limit < 3") == "unknown");
    CHECK(outcome("not checked") == "unknown");
    CHECK(outcome("checked and fresh") == "unknown");
    CHECK(outcome("fresh and checked") == "unknown");
    CHECK(outcome("checked and not fresh") == "false");
    CHECK(outcome("not fresh and checked") == "false");
    CHECK(outcome("checked or fresh") == "true");
    CHECK(outcome("fresh or checked") == "true");
    CHECK(outcome("checked or not fresh") == "unknown");
    CHECK(outcome("checked == checked") == "unknown");
    const purchase one;
    CHECK_FALSE(compiled("limit < 3").holds_alone(input_of(one)));
    CHECK_FALSE(compiled("not (limit < 3)").holds_alone(input_of(one)));
}

TEST_CASE("what does not fit is unknown", "[pattern]") {
    for (const char* each : {"amount / 0 == 1", "amount % 0 == 1", "amount * 9223372036854775807 > 0",
                             "-9223372036854775808 - amount < 0", "id - 12345678901234567890 - 1 < 5", "id + id > 0",
                             "id * amount > 0", "amount + id > 0", "rate / 0 > 0", "abs(-9223372036854775808) > 0",
                             "-9223372036854775808 / small == 1 and -9223372036854775808 / (small + 2) > 0",
                             "far > 1s", "at + 9223372036854775807ns > at", "-id < 0"}) {
        CAPTURE(each);
        CHECK((outcome(each) == "unknown" || outcome(each) == "false"));
        CHECK(outcome("is_null(" + std::string(each) + ")") == (outcome(each) == "unknown" ? "true" : "false"));
    }
    CHECK(outcome("amount / 0 == 1") == "unknown");
    CHECK(outcome("id + id > 0") == "unknown");
    CHECK(outcome("-9223372036854775808 % (small + 2) == 0") == "true");
}

TEST_CASE("the part that looks at the record alone is told apart", "[pattern]") {
    const purchase one;
    const auto both = compiled("amount == 7 and last(probe.amount) == 41 and fresh");
    CHECK(both.looks_back());
    CHECK(both.holds_alone(input_of(one)));
    CHECK_FALSE(both.holds_behind(input_of(one)));
    CHECK_FALSE(compiled("amount == 7 and fresh").looks_back());
    CHECK(compiled("last(probe.amount) == 40 or fresh").holds_alone(input_of(one)));
}

TEST_CASE("what an expression says is the same however it is written", "[pattern]") {
    CHECK(compiled("amount<3 and(fresh)").canonical() == compiled(" ( amount < 3 )  and fresh").canonical());
    CHECK(compiled("amount < 3").canonical() != compiled("amount < 4").canonical());
    CHECK(compiled("shop == 'a''b'").canonical() == "(shop == 'a''b')");
    CHECK(compiled("last(probe.amount) > 1 or is_null(limit)").canonical() ==
          "((last(probe.amount) > 1) or is_null(limit))");
    CHECK(compiled("rate < 0.1").canonical() != compiled("rate < 0.10000000000000002").canonical());
}

TEST_CASE("a wrong expression is refused with its place", "[pattern]") {
    const auto refused = [](std::string_view text, std::string_view sentence) {
        CAPTURE(text);
        CHECK(mistake(text) == sentence);
    };
    refused("amout < 3", "0: no field is named 'amout': there are fresh, amount, id, rate, shop, by, at, wait, limit, "
                         "checked, score, small, far, list");
    refused("fresh and list", "10: field 'list' has a type that conditions cannot use");
    refused("amount", "0: a condition is true or false: this is a whole number");
    refused("amount < ", "9: a value was expected, not the end");
    refused("amount < and", "9: a value was expected, not 'and'");
    refused("fresh fresh",
            "6: the condition goes on with 'fresh' where an operation or the end was expected");
    refused("(fresh", "6: ')' was expected, not the end");
    refused("amount = 3", "7: '=' is no sign: say ==, != or not");
    refused("!fresh", "0: '!' is no sign: say ==, != or not");
    refused("amount & 3", "7: '&' means nothing here");
    refused("shop == 'a", "8: a text that begins here has no end");
    refused("amount < shop", "7: a whole number is not compared with a text");
    refused("fresh < true", "6: booleans are compared with == and != only");
    refused("1 < amount < 3", "11: comparisons do not go on: say `a < b and b < c`");
    refused("amount and fresh", "0: and takes booleans, and this is a whole number");
    refused("fresh or amount", "9: or takes booleans, and this is a whole number");
    refused("not amount", "4: not takes a boolean, and this is a whole number");
    refused("-shop == 'a'", "0: - takes a number or a span of time, and this is a text");
    refused("shop + 1 == 2", "5: there is no a text + a whole number");
    refused("rate % 2 == 1", "5: there is no a real number % a whole number");
    refused("at + at == at", "3: there is no a time + a time");
    refused("wait < 5 parsecs", "5: a span of time is not compared with a whole number");
    refused("wait < 5parsecs", "7: '5parsecs' is no span of time: say 10s, 5m, 250ms");
    refused("18446744073709551616 > id", "0: a whole number does not fit 64 bits");
    refused("-9223372036854775809 < amount", "0: a whole number does not fit 64 bits");
    refused("1e999 > rate", "0: '1e999' does not fit a real number");
    refused("at > time('noon')", "10: time(...) takes a text such as '2026-03-01T12:00:00Z'");
    refused("abs(shop) == 1", "4: abs(...) takes a number or a span of time, and this is a text");
    refused("contains(shop, 1)", "15: contains(...) takes texts, and this is a whole number");
    refused("starts_with(shop)", "16: ',' was expected, not ')'");
    refused("default(limit, 'a') == 1", "15: default(...) takes two of a type, not a whole number and a text");
    refused("probe.amount > 1", "0: fields of other events are asked for by a function, as in last(probe.field)");
    refused("next(probe.amount) > 1", "5: no function is named 'next'");
    refused("last(probe.rate) > 1", "5: no such thing as 'probe.rate'");
    refused("last(3) > 1", "5: a name was expected in last(...), not '3'");
    refused("last(probe.) > 1", "11: a name was expected in last(...), not ')'");
    refused(std::string(40, '(') + "fresh", "32: the condition is nested deeper than 32");
    refused(std::string(40, '-') + "amount < 1", "32: the condition is nested deeper than 32");
    std::string many = "fresh";
    for (int i = 0; i < 200; ++i) many += " and fresh";
    CHECK(mistake(many).ends_with("the condition has more than 256 operations and names"));
    CHECK(mistake(std::string(4097, ' ')) == "0: the condition is longer than 4096 bytes");
}

namespace {

// Another evaluator: numbers without bounds, and what does not fit its type is nothing.
using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;
enum class sort { truth, whole, natural, real };
struct given {
    sort of = sort::truth;
    bool truth = false;
    cpp_int integer = 0;
    double real = 0;
};
using maybe = std::optional<given>;

struct numbers {
    std::int64_t a = 0;
    std::uint64_t b = 0;
    double c = 0;
    std::optional<std::int64_t> d;
    std::optional<bool> e;
    bool f = false;
};
BOOST_DESCRIBE_STRUCT(numbers, (), (a, b, c, d, e, f))

given of_integer(sort as, const cpp_int& value) { return {as, false, value, 0}; }
given of_truth(bool value) { return {sort::truth, value, 0, 0}; }
given of_real(double value) { return {sort::real, false, 0, value}; }
maybe fitting(sort as, const cpp_int& value) {
    const cpp_int least = as == sort::whole ? cpp_int(std::numeric_limits<std::int64_t>::min()) : cpp_int(0);
    const cpp_int most = as == sort::whole ? cpp_int(std::numeric_limits<std::int64_t>::max())
                                           : cpp_int(std::numeric_limits<std::uint64_t>::max());
    if (value < least || value > most) return std::nullopt;
    return of_integer(as, value);
}

struct made {
    std::string text;
    sort of = sort::truth;
    maybe value;
};

struct maker {
    weir::testing::seeded choose;
    numbers at{};
    std::int64_t some() {
        switch (choose.below(4)) {
            case 0: return std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(choose.below(3));
            case 1: return std::numeric_limits<std::int64_t>::min() + static_cast<std::int64_t>(choose.below(3));
            default: return static_cast<std::int64_t>(choose.below(9)) - 4;
        }
    }
    void draw() {
        at = {some(), static_cast<std::uint64_t>(some()), static_cast<double>(some()) / 2, {}, {}, false};
        at.f = choose.below(2) == 0;
        if (choose.below(2) == 0) at.d = some();
        if (choose.below(3) != 0) at.e = choose.below(2) == 0;
    }
    made leaf(sort wanted) {
        if (wanted == sort::truth) {
            if (choose.below(2) == 0) return {"e", wanted, at.e ? maybe(of_truth(*at.e)) : maybe()};
            return {"f", wanted, of_truth(at.f)};
        }
        if (wanted == sort::natural) return {"b", wanted, of_integer(wanted, at.b)};
        if (wanted == sort::real) return {"c", wanted, of_real(at.c)};
        if (choose.below(3) == 0) {
            const std::int64_t value = some();
            // A negative literal is a literal, and has a sign.
            if (value < 0) return {"(" + std::to_string(value) + ")", wanted, of_integer(wanted, value)};
        }
        if (choose.below(2) == 0) return {"d", wanted, at.d ? maybe(of_integer(wanted, *at.d)) : maybe()};
        return {"a", wanted, of_integer(wanted, at.a)};
    }
    made any_number(int depth) { return number(static_cast<sort>(1 + choose.below(3)), depth); }
    static double as_real(const given& of) {
        return of.of == sort::real ? of.real : of.integer.convert_to<double>();
    }
    // Of one of the three types of numbers.
    made number(sort wanted, int depth) {
        if (depth == 0 || choose.below(4) == 0) return leaf(wanted);
        const made left = number(wanted, depth - 1);
        const sort other = wanted == sort::whole ? sort::natural : wanted == sort::real ? sort::whole : wanted;
        const made right = number(choose.below(3) == 0 ? other : wanted, depth - 1);
        const char sign = "+-*/%"[choose.below(wanted == sort::real ? 4 : 5)];
        made all{"(" + left.text + " " + sign + " " + right.text + ")", wanted, {}};
        if (!left.value || !right.value) return all;
        if (wanted == sort::real) {
            const double x = as_real(*left.value);
            const double y = as_real(*right.value);
            if (sign == '/' && y == 0) return all;
            all.value = of_real(sign == '+' ? x + y : sign == '-' ? x - y : sign == '*' ? x * y : x / y);
            return all;
        }
        const maybe x = fitting(wanted, left.value->integer);
        const maybe y = fitting(wanted, right.value->integer);
        if (!x || !y) return all;
        if ((sign == '/' || sign == '%') && y->integer == 0) return all;
        const cpp_int result = sign == '+'   ? cpp_int(x->integer + y->integer)
                               : sign == '-' ? cpp_int(x->integer - y->integer)
                               : sign == '*' ? cpp_int(x->integer * y->integer)
                               : sign == '/' ? cpp_int(x->integer / y->integer)
                                             : cpp_int(x->integer % y->integer);
        all.value = fitting(wanted, result);
        return all;
    }
    static int order(const given& left, const given& right) {  // 2 if there is none
        const auto exact = [](const given& of) {
            return of.of == sort::real ? cpp_rational(of.real) : cpp_rational(of.integer);
        };
        const auto wild = [](const given& of) { return of.of == sort::real && !std::isfinite(of.real); };
        if (wild(left) || wild(right)) {
            const double x = as_real(left);
            const double y = as_real(right);
            return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
        }
        const cpp_rational x = exact(left);
        const cpp_rational y = exact(right);
        return x < y ? -1 : x > y ? 1 : 0;
    }
    made comparison(int depth) {
        const made left = any_number(depth);
        const made right = any_number(depth);
        const auto which = choose.below(6);
        static constexpr const char* signs[]{"==", "!=", "<", "<=", ">", ">="};
        made all{"(" + left.text + " " + signs[which] + " " + right.text + ")", sort::truth, {}};
        if (!left.value || !right.value) return all;
        const int found = order(*left.value, *right.value);
        const bool table[]{found == 0, found != 0, found == -1, found == -1 || found == 0, found == 1,
                           found == 1 || found == 0};
        all.value = of_truth(table[which]);
        return all;
    }
    made condition(int depth) {
        if (depth == 0) return leaf(sort::truth);
        switch (choose.below(5)) {
            case 0: {
                const made one = condition(depth - 1);
                return {"not " + one.text, sort::truth,
                        one.value ? maybe(of_truth(!one.value->truth)) : maybe()};
            }
            case 1: {
                const made one = any_number(depth - 1);
                return {"is_null(" + one.text + ")", sort::truth, of_truth(!one.value)};
            }
            case 2:
            case 3: {
                const bool settles = choose.below(2) == 0;
                const made left = condition(depth - 1);
                const made right = condition(depth - 1);
                made all{"(" + left.text + (settles ? " or " : " and ") + right.text + ")", sort::truth, {}};
                const auto settled = [&](const made& one) { return one.value && one.value->truth == settles; };
                if (settled(left) || settled(right)) {
                    all.value = of_truth(settles);
                } else if (left.value && right.value) {
                    all.value = of_truth(!settles);
                }
                return all;
            }
            default: return comparison(depth - 1);
        }
    }
};

}  // namespace

TEST_CASE("random expressions are what another evaluator says", "[pattern]") {
    const std::uint64_t seed = GENERATE(Catch::Generators::range(1U, 9U));
    maker make{weir::testing::seeded(seed)};
    std::size_t known = 0;
    for (int i = 0; i < 2500; ++i) {
        make.draw();
        const made wanted = make.condition(1 + static_cast<int>(make.choose.below(4)));
        CAPTURE(seed, wanted.text);
        const auto got = weir::expression::compile(wanted.text, {weir::expression_fields<numbers>, {}});
        const weir::expression_input input{&make.at, weir::expression_fields<numbers>.data(), nullptr, nullptr};
        const weir::expression_value value = got.evaluate(input);
        REQUIRE(value.known == wanted.value.has_value());
        if (value.known) REQUIRE(value.truth() == wanted.value->truth);
        REQUIRE(got.holds_alone(input) == (value.known && value.truth()));
        if (value.known) ++known;
    }
    CHECK(known > 500);
    CHECK(known < 2500);
}
