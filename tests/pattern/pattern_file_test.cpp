// SPDX-License-Identifier: Apache-2.0
// Patterns that were read find what the same patterns find that were compiled with the program.
#include <weir/pattern/pattern_file.hpp>

#include <functional>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/match.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

constexpr weir::pattern_stage<"a"> a;
constexpr weir::pattern_stage<"b"> b;
constexpr weir::pattern_stage<"c"> c;
constexpr weir::pattern_stage<"x"> x;

const auto is_low = [](const reading& each) { return each.amount < 3; };
const auto is_mid = [](const reading& each) { return each.amount >= 3 && each.amount < 6; };
const auto is_high = [](const reading& each) { return each.amount >= 6; };
const auto is_five = [](const reading& each) { return each.amount == 5; };

struct finding {
    std::uint32_t key = 0;
    std::vector<std::vector<std::int64_t>> taken{};
    timestamp from{}, to{};
};
BOOST_DESCRIBE_STRUCT(finding, (), (key, taken, from, to))

template <class Match, class... Name>
finding finding_of(std::uint32_t key, const Match& match, const Name&... names) {
    finding found{key, {}, match.start(), match.end()};
    const auto add = [&](const auto& name) {
        found.taken.emplace_back();
        for (const reading& each : match[name]) found.taken.back().push_back(each.amount);
    };
    (add(names), ...);
    return found;
}

logs amounts(std::uint64_t seed, std::size_t records = 70) {
    weir::testing::seeded choose(seed * 7 + 1);
    logs all = random_logs(seed, {.records = records, .partitions = 1 + choose.below(2), .keys = 3, .disorder = 9});
    for (auto& log : all) {
        for (auto& each : log) {
            each.amount = static_cast<std::int64_t>(choose.below(9));
            each.value = static_cast<double>(choose.below(9)) / 2;
        }
    }
    return all;
}

using stamped_findings = std::vector<weir::stamped<finding>>;
template <class Pattern, class Tell>
stamped_findings found_by(const logs& all, const Pattern& pattern, const Tell& tell) {
    const auto found = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                       weir::key_by(&reading::key) | weir::named("found", weir::match(pattern, tell));
    const auto sink = weir::collect_stamped<finding>();
    const weir::graph what("patterns", found | weir::into(sink));
    return weir::run(what, weir::batch{}).output(sink);
}

// The same records and stamps on random logs. Something is found in one of them, at least.
template <class Pattern, class... Stage>
void check_same(const Pattern& pattern, const std::string& json, Stage... stages) {
    CAPTURE(json);
    const auto loaded = weir::load_pattern<reading>(json, {Stage::name...});
    const auto typed_tell = [=](const std::uint32_t& key, const auto& match) {
        return finding_of(key, match, stages...);
    };
    const auto loaded_tell = [=](const std::uint32_t& key, const auto& match) {
        return finding_of(key, match, std::string_view(Stage::name)...);
    };
    std::size_t count = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        CAPTURE(seed);
        const logs all = amounts(seed);
        const auto wanted = found_by(all, pattern, typed_tell);
        REQUIRE(difference(wanted, found_by(all, loaded, loaded_tell)) == "");
        count += wanted.size();
    }
    CHECK(count > 0);
}
std::string with_stages(const std::string& stages, const std::string& rest = "") {
    return R"({"within": "20ns")" + rest + R"(, "stages": [)" + stages + "]}";
}
const std::string low = R"({"stage": "a", "where": "amount < 3")";
const std::string mid = R"({"stage": "b", "where": "amount >= 3 and amount < 6")";
const std::string high = R"({"stage": "c", "where": "amount >= 6")";
const std::string five = R"("x", "where": "amount == 5")";

}  // namespace

TEST_CASE("stages that were read follow each other as they do in a program", "[pattern]") {
    using namespace weir;
    const auto end = within(20ns);
    check_same(pattern(begin(a, is_low), next(b, is_mid), end),
               with_stages(low + "}," + mid + R"(, "follows": "next"})"), a, b);
    check_same(pattern(begin(a, is_low), followed_by(b, is_mid), end), with_stages(low + "}," + mid + "}"), a, b);
    check_same(pattern(begin(a, is_low), followed_by(b, is_mid), end),
               with_stages(low + "}," + mid + R"(, "follows": "followed_by"})"), a, b);
    check_same(pattern(begin(a, is_low), followed_by_any(b, is_mid), end),
               with_stages(low + "}," + mid + R"(, "follows": "followed_by_any"})"), a, b);
    check_same(pattern(begin(a, is_low), not_next(x, is_five), followed_by(c, is_high), end),
               with_stages(low + R"(},{"follows": "next", "absent": )" + five + "}," + high + "}"), a, c);
    check_same(pattern(begin(a, is_low), not_followed_by(x, is_five), followed_by(c, is_high), end),
               with_stages(low + R"(},{"absent": )" + five + "}," + high + "}"), a, c);
    check_same(pattern(begin(a, is_low), not_followed_by(x, is_five), end),
               with_stages(low + R"(},{"absent": )" + five + "}"), a);
}

TEST_CASE("repetitions that were read are those of a program", "[pattern]") {
    using namespace weir;
    const auto end = within(20ns);
    const auto check = [&](const auto& stage, const std::string& members) {
        check_same(pattern(begin(a, is_low), stage, followed_by(c, is_high), end),
                   with_stages(low + "}," + mid + ", " + members + "}," + high + "}"), a, b, c);
    };
    const auto middle = followed_by(b, is_mid);
    check(middle.times(2), R"("times": 2)");
    check(middle.times(1, 3), R"("times": [1, 3])");
    check(middle.times_or_more(2), R"("times_or_more": 2)");
    check(middle.one_or_more(), R"("one_or_more": true)");
    check(middle.optional(), R"("optional": true)");
    check(middle.one_or_more().optional(), R"("one_or_more": true, "optional": true)");
    check(middle.times(2).consecutive(), R"("times": 2, "consecutive": true)");
    check(middle.times(2).allow_combinations(), R"("times": 2, "allow_combinations": true)");
    check(middle.one_or_more().until(is_five), R"("one_or_more": true, "until": "amount == 5")");
    check(middle.one_or_more().possessive(), R"("one_or_more": true, "possessive": true)");
    check(middle.one_or_more().reluctant(), R"("one_or_more": true, "reluctant": true)");
    check(middle.within_gap(4ns), R"("within_gap": "4ns")");
    check(middle.times(2).repeated_within(4ns), R"("times": 2, "repeated_within": "4ns")");
}

TEST_CASE("groups, branches and skip strategies that were read are those of a program", "[pattern]") {
    using namespace weir;
    const auto end = within(20ns);
    const std::string inner = mid + "}," + high + R"(, "follows": "next"})";
    check_same(pattern(begin(a, is_low), followed_by(group(begin(b, is_mid), next(c, is_high))).times(1, 2), end),
               with_stages(low + R"(},{"times": [1, 2], "group": [)" + inner + "]}"), a, b, c);
    check_same(pattern(begin(a, is_low), followed_by(one_of(next(b, is_mid), next(c, is_high))), end),
               with_stages(low + R"(},{"one_of": [)" + mid + R"(, "follows": "next"},)" + high +
                           R"(, "follows": "next"}]})"),
               a, b, c);
    const auto with_skip = [&](const skip& how, const std::string& text) {
        check_same(pattern(begin(a, is_low).times(1, 2), followed_by_any(c, is_high), end, how),
                   with_stages(low + R"(, "times": [1, 2]},)" + high + R"(, "follows": "followed_by_any"})",
                               ", \"skip\": " + text), a, c);
    };
    with_skip(skip::to_next, R"("to_next")");
    with_skip(skip::past_last, R"("past_last")");
    with_skip(skip::to_first(c), R"({"to_first": "c"})");
    with_skip(skip::to_last(a), R"({"to_last": "a"})");
    check_same(pattern(begin(a, is_low), followed_by(b, is_mid), allow_unbounded()),
               R"({"allow_unbounded": true, "description": "for ever", "stages": [)" + low + "}," + mid + "}]}", a, b);
}

TEST_CASE("conditions that were read see what a match has taken", "[pattern]") {
    using namespace weir;
    const auto check = [&](const auto& condition, const std::string& text) {
        check_same(pattern(begin(a, is_low).times(1, 3), followed_by(c, is_high, condition), within(20ns)),
                   with_stages(low + R"(, "times": [1, 3]},{"stage": "c", "where": "amount >= 6 and )" + text + "\"}"),
                   a, c);
    };
    const auto folded = [](const auto& range, auto start, const auto& add) {
        for (const reading& each : range) start = add(start, each.amount);
        return start;
    };
    const auto plus = [](std::int64_t l, std::int64_t r) { return l + r; };
    check([](const reading& e, const auto& m) { return e.amount > 6 + m[a].back().amount; },
          "amount > 6 + last(a.amount)");
    check([](const reading& e, const auto& m) { return e.value < m[a].front().value; }, "value < first(a.value)");
    check([](const reading&, const auto& m) { return m[a].size() == 2; }, "count(a) == 2");
    check([=](const reading& e, const auto& m) { return e.amount > 5 + folded(m[a], std::int64_t{0}, plus); },
          "amount > 5 + sum(a.amount)");
    check([](const reading&, const auto& m) {
        double sum = 0;
        for (const reading& each : m[a]) sum += each.value;
        return sum < 4;
    }, "sum(a.value) < 4");
    check([=](const reading&, const auto& m) {
        const auto most = [](std::int64_t l, std::int64_t r) { return std::max(l, r); };
        const auto least = [](std::int64_t l, std::int64_t r) { return std::min(l, r); };
        return folded(m[a], std::int64_t{-1}, most) - folded(m[a], std::int64_t{99}, least) == 1;
    }, "max(a.amount) - min(a.amount) == 1");
    check([](const reading& e, const auto& m) { return e.at - m[a].front().at < 6ns; }, "at - first(a.at) < 6ns");
    check([](const reading&, const auto&) { return true; }, "is_null(last(c.amount)) and count(c) == 0");
}

TEST_CASE("a pattern that was read is the same in every run, restored anywhere", "[pattern]") {
    const std::uint64_t seed = GENERATE(range(1U, 4U));
    const auto loaded = weir::load_pattern<reading>(
        with_stages(low + R"-(, "times_or_more": 2},{"stage": "c", "where": "amount > 2 * sum(a.amount)"})-"));
    const auto found = weir::memory_partitions(amounts(seed)) |
                       weir::event_time(&reading::at, weir::out_of_order(5ns)) | weir::key_by(&reading::key) |
                       weir::named("found", weir::match(loaded, [](const std::uint32_t& key, const auto& match) {
                                       return finding_of(key, match, std::string_view("a"), std::string_view("c"));
                                   }));
    const auto sink = weir::collect_stamped<finding>();
    const auto late = weir::collect_stamped<reading>();
    const weir::graph what("patterns", found | weir::into(sink), weir::late(found) | weir::into(late));
    const auto report = run_everywhere(what, seed, sink, late);
    CHECK(!report.output(sink).empty());
    for (const auto& each : report.stages) CHECK((each.name != "found" || each.state.keys == 0));
    restore_everywhere(what, report, sink, late);
}

TEST_CASE("what conditions say belongs to the fingerprint of a pattern", "[pattern]") {
    const auto print = [](const std::string& where) {
        return weir::load_pattern<reading>(R"({"stages": [{"stage": "a", "where": ")" + where + "\"}]}")
            .image()->fingerprint();
    };
    CHECK(print("amount < 3") == print("( amount<3 )"));
    CHECK(print("amount < 3") != print("amount < 4"));
    CHECK(print("amount < 3") != print("amount <= 3"));
}

namespace {

struct odd {
    std::int64_t amount = 0;
    std::string name;
    std::vector<int> list;
    weir::timestamp at{};
};
BOOST_DESCRIBE_STRUCT(odd, (), (amount, name, list, at))

std::string refusal(std::string_view json, std::initializer_list<std::string_view> needed = {}) {
    try {
        static_cast<void>(weir::load_pattern<odd>(json, needed));
        return "none";
    } catch (const weir::error& why) {
        CHECK(why.kind() == weir::error_kind::configuration);
        return why.what();
    }
}
std::string refused_stage(const std::string& members, const std::string& rest = "") {
    const std::string prefix = "pattern: ";
    const std::string why = refusal("{\"stages\": [\n{" + members + "}]" + rest + "}");
    return why.starts_with(prefix) ? why.substr(prefix.size()) : why;
}

}  // namespace

TEST_CASE("a wrong text is refused with what is wrong where", "[pattern]") {
    CHECK(refusal("").starts_with("pattern: line 1, column 1: this is no JSON: "));
    CHECK(refusal("{\"stages\":\n[}").starts_with("pattern: line 2, column 2: this is no JSON: "));
    CHECK(refusal("{} x").starts_with("pattern: line 1, column 4: this is no JSON: "));
    CHECK(refusal("[]") == "pattern: line 1, column 1: a pattern is an object, in { and }");
    CHECK(refusal("{}") == "pattern: line 1, column 1: there is no 'stages', which is needed");
    CHECK(refusal(R"({"stages": 3})") == "pattern: line 1, column 12, stages: this is a list of stages, in [ and ]");
    CHECK(refusal(R"({"stages": []})") == "pattern: line 1, column 12, stages: it has stages");
    CHECK(refusal(R"({"stages": [3]})") == "pattern: line 1, column 13, stages[0]: a stage is an object, in { and }");
    CHECK(refusal(R"({"stage": []})") == "pattern: line 1, column 11: 'stage' is nothing that can be said here: there "
                                         "are description, stages, within, skip, allow_unbounded");
    CHECK(refusal(R"({"within": "1s", "within": "2s", "stages": []})") ==
          "pattern: line 1, column 1: a name stands twice in this object");
    CHECK(refusal(std::string((1U << 20U) + 1, ' ')) ==
          "pattern: line 1, column 1: a pattern is at most 1 MiB of text");
    const std::string good = R"({"stages": [{"stage": "a", "where": "amount < 3"}]})";
    CHECK(refusal(good) == "none");
    CHECK(refusal(good, {"a", "big"}) == "pattern: line 1, column 12, stages: no stage that takes events is named "
                                         "'big', which the program asks for");
    const std::string a_stage = R"("stage": "a", "where": "amount < 3")";
    const auto with_rest = [&](const std::string& rest) { return refused_stage(a_stage, ", " + rest); };
    CHECK(with_rest(R"("within": 3)") == "line 2, column 51, within: this is a text, in quotes");
    CHECK(with_rest(R"("within": "0s")") ==
          "line 2, column 51, within: this is a span of time above zero: say \"10s\", \"5m\", \"250ms\"");
    CHECK(with_rest(R"("allow_unbounded": 1)") == "line 2, column 60, allow_unbounded: this is true or false");
    CHECK(with_rest(R"("description": 1)") == "line 2, column 56, description: this is a text, in quotes");
    CHECK(with_rest(R"("skip": "far")") == "line 2, column 49, skip: skip is \"to_next\", \"past_last\", "
                                           "{\"to_first\": stage} or {\"to_last\": stage}");
    CHECK(with_rest(R"("within": "1s", "skip": {"to_last": "q"})") ==
          "line 1, column 12, stages: no stage that takes events is named 'q': a match cannot skip to it");
}

TEST_CASE("a wrong stage is refused with what is wrong where", "[pattern]") {
    const std::string good = R"("stage": "a", "where": "amount < 3")";
    const auto with = [&](const std::string& members) {
        const std::string why = refused_stage(good + ", " + members);
        return why.substr(std::min(why.size(), why.find(": ") + 2));
    };
    CHECK(refused_stage(R"("where": "amount < 3")") ==
          "line 2, column 1, stages[0]: this has no 'stage', 'absent', 'group' or 'one_of'");
    CHECK(refused_stage(R"("stage": "a")") == "line 2, column 1, stages[0]: a stage has a condition: \"where\"");
    CHECK(refused_stage(R"("stage": 1, "where": "amount < 3")") ==
          "line 2, column 11, stages[0].stage: this is a text, in quotes");
    CHECK(refused_stage(R"("stage": "a", "where": true)") ==
          "line 2, column 25, stages[0].where: this is a text, in quotes");
    CHECK(refused_stage(good + R"(, "whre": 1)").starts_with(
        "line 2, column 47, stages[0]: 'whre' is nothing that can be said here: there are stage, absent, "));
    CHECK(with(R"("group": [])") == "this is both 'stage' and 'group'");
    CHECK(refused_stage(R"("group": [], "where": "amount < 3")") ==
          "line 2, column 24, stages[0].where: conditions belong to the stages of a group");
    CHECK(refused_stage(R"("group": [])") == "line 1, column 12, stages: a group has stages");
    CHECK(refused_stage(R"("group": [{}])") ==
          "line 2, column 12, stages[0].group[0]: this has no 'stage', 'absent', 'group' or 'one_of'");
    CHECK(with(R"("follows": "soon")") ==
          "'soon' is no way to follow: there are next, followed_by, followed_by_any");
    CHECK(with(R"("times": 0)") == "this is a whole number above zero");
    CHECK(with(R"("times": -1)") == "this is a whole number above zero");
    CHECK(with(R"("times": 1.5)") == "this is a whole number above zero");
    CHECK(with(R"("times": [1])") == "times is a number, or a list of least and most");
    CHECK(with(R"("times": [3, 2])") == "stage 'a' is repeated at least 3 times and at most 2 times");
    CHECK(with(R"("times": 2, "one_or_more": true)") == "of 'times', 'times_or_more' and 'one_or_more' there is one");
    CHECK(with(R"("consecutive": true, "allow_combinations": true)") ==
          "of 'consecutive' and 'allow_combinations' there is one");
    CHECK(with(R"("times": 257, "consecutive": true)") ==
          "stages are counted one by one: all repetitions together are at most 256");
    CHECK(with(R"("one_or_more": true)") ==
          "a match that has begun may wait for ever: add within(...), or allow_unbounded()");
    CHECK(with(R"("until": "amount < 1")") ==
          "until() of stage 'a' ends a loop: say times_or_more() or one_or_more()");
    const auto absent = [&](const std::string& members) {
        return refused_stage(good + R"(},{"absent": "x", "where": "amount > 3", )" + members, R"(, "within": "1s")");
    };
    CHECK(absent(R"("follows": "followed_by_any")").ends_with("what is absent follows by next or followed_by"));
    CHECK(absent(R"("optional": true)").ends_with("what is absent is neither optional nor repeated"));
    std::string many;
    for (int i = 0; i < 65; ++i) {
        many += (i == 0 ? "" : "},{") + std::string(R"("where": "true", "stage": "s)") + std::to_string(i) + "\"";
    }
    CHECK(refused_stage(many, R"(, "within": "1s")").ends_with("a pattern has at most 64 conditions"));
}

TEST_CASE("a wrong condition is refused with its place in the text", "[pattern]") {
    const auto where = [](const std::string& text) {
        return refused_stage(R"("stage": "a", "where": ")" + text + "\"");
    };
    CHECK(where("amount < 3 and amout > 2") ==
          "line 2, column 41, stages[0].where: no field is named 'amout': there are amount, name, list, at");
    CHECK(where(R"(name == \"a\" and amout > 2)").starts_with("line 2, column 44, stages[0].where: no field"));
    CHECK(where(R"(name == 'a\u0062' and amout > 2)").starts_with("line 2, column 48, stages[0].where: no field"));
    CHECK(where("last(q.amount) > 1").ends_with("no stage that takes events is named 'q'"));
    CHECK(where("last(a) > 1").ends_with("last(...) takes a field of a stage: say stage.field"));
    CHECK(where("last(a.amout) > 1").ends_with("no field is named 'amout'"));
    CHECK(where("last(a.list) > 1").ends_with("field 'list' has a type that conditions cannot use"));
    CHECK(where("count(a.amount) > 1").ends_with("count(...) takes a stage, without a field"));
    CHECK(where("sum(a.name) > 1").ends_with("sum(...) takes numbers or spans of time, and this is a text"));
    CHECK(where("median(a.amount) > 1").ends_with("no function is named 'median'"));
}

TEST_CASE("a bad text leaves the pattern that is in use as it is", "[pattern]") {
    auto in_use = weir::load_pattern<odd>(R"({"stages": [{"stage": "a", "where": "amount < 3"}]})");
    const auto kept = in_use.image();
    const auto bad = weir::try_load_pattern<odd>(R"({"stages": [{"stage": "a", "where": "amount <"}]})");
    REQUIRE_FALSE(bad.has_value());
    CHECK(std::string(bad.failure().text()) ==
          "pattern: line 1, column 46, stages[0].where: a value was expected, not the end");
    auto good = weir::try_load_pattern<odd>(R"({"stages": [{"stage": "b", "where": "amount < 3"}]})", {"b"});
    REQUIRE(good.has_value());
    CHECK(in_use.image() == kept);
    in_use = *good;
    CHECK(in_use.image() != kept);
}

TEST_CASE("a stage that a pattern has not is an error of kind user where it is asked for", "[pattern]") {
    const auto loaded = weir::load_pattern<odd>(R"({"stages": [{"stage": "a", "where": "amount < 3"}]})");
    try {
        static_cast<void>(weir::detail::stage_asked_for(*loaded.image(), "b"));
        FAIL("nothing was thrown");
    } catch (const weir::error& why) {
        CHECK(why.kind() == weir::error_kind::user);
        CHECK(std::string(why.what()).starts_with("match: this pattern has no stage named 'b' that takes events"));
    }
}
