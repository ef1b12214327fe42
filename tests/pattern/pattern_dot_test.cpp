// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <weir/pattern/pattern.hpp>

using namespace std::chrono_literals;

namespace {

constexpr weir::pattern_stage<"probe"> probe;
constexpr weir::pattern_stage<"calm"> calm;
constexpr weir::pattern_stage<"large"> large;
const auto any = [](int) { return true; };

}  // namespace

TEST_CASE("an automaton is drawn with what each of its edges passes over", "[pattern]") {
    const auto pattern = weir::pattern(weir::begin(probe, any).times_or_more(2).until(any),
                                       weir::not_followed_by(calm, any),
                                       weir::followed_by_any(large, any).within_gap(5s), weir::within(10min),
                                       weir::skip::to_first(large));
    CHECK(weir::explain_dot(*pattern.image()) == R"(digraph pattern {
    rankdir=LR;
    label="within 10m\nskips to the first large";
    node [shape=circle];
    start [shape=point];
    match [shape=doublecircle];
    p0 [label="probe\n1"];
    p1 [label="probe\n2"];
    p2 [label="large"];
    start -> p0 [label=""];
    p0 -> p1 [label="until of probe ends it"];
    p1 -> p1 [label="no calm\nuntil of probe ends it"];
    p1 -> p2 [label="no calm\nless than 5s", style=dashed];
    p2 -> match [label=""];
}
)");
}

TEST_CASE("what must be absent at the end is drawn as what time completes", "[pattern]") {
    const auto pattern = weir::pattern(weir::begin(probe, any), weir::next(large, any),
                                       weir::not_followed_by(calm, any), weir::within(1min));
    const std::string drawn = weir::explain_dot(*pattern.image());
    CHECK(drawn.find("p0 -> p1 [label=\"\", style=bold];") != std::string::npos);
    CHECK(drawn.find("p1 -> match [label=\"when time is up\\nno calm\"];") != std::string::npos);
}
