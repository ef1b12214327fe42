// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/cogroup.hpp>

#include <weir/operators/into.hpp>

#include "operators/paired_windows_oracle.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct both {
    std::uint32_t key = 0;
    timestamp start{}, end{};
    std::vector<std::int64_t> left{}, right{};
};
BOOST_DESCRIBE_STRUCT(both, (), (key, start, end, left, right))

struct gather {
    both operator()(std::uint32_t key, const weir::window_bounds& window, std::span<const reading> left,
                    std::span<const click> right) const {
        both all{key, window.start, window.end};
        for (const reading& each : left) all.left.push_back(each.amount);
        for (const click& each : right) all.right.push_back(each.number);
        return all;
    }
};
struct gather_if_both {
    std::optional<both> operator()(std::uint32_t key, const weir::window_bounds& window, std::span<const reading> left,
                                   std::span<const click> right) const {
        if (left.empty() || right.empty()) return {};
        return gather{}(key, window, left, right);
    }
};

template <class Windows, class Function>
void check_cogroup(std::uint64_t seed, weir::testing::seeded& choose, const cut& how, Windows windows,
                   Function function) {
    const auto some = [&](std::uint64_t of) {
        logs made = random_logs(of, {.records = 50, .partitions = 1 + choose.below(2), .keys = 4,
                                     .disorder = 5 + choose.below(25)});
        number_amounts(made);
        return made;
    };
    const logs left = some(seed);
    const logs right = some(seed + 1000);
    const weir::duration bound{choose.below(12)};
    const auto groups = weir::named(
        "groups", weir::cogroup(keyed_readings(left, bound), keyed_clicks(right, bound), windows, function,
                                weir::allowed_lateness(how.lateness),
                                how.once ? weir::emit::final : weir::emit::on_time));
    const auto sink = weir::collect_stamped<both>();
    const auto late_left = weir::collect_stamped<reading>();
    const auto late_right = weir::collect_stamped<click>();
    const weir::graph what("cogroup", groups | weir::into(sink), weir::late_left(groups) | weir::into(late_left),
                           weir::late_right(groups) | weir::into(late_right));
    const auto say = [](const spoken& told) {
        const bool says = std::is_same_v<Function, gather> || (!told.left.empty() && !told.right.empty());
        return std::vector<both>(says ? 1 : 0, both{told.key, told.start, told.end, told.left, told.right});
    };
    const paired_windows_oracle<both> wanted(both_sides(left, right, bound), how,
                                             what.number_of(groups.from().get()), say);
    const auto report = run_everywhere(what, seed, sink, late_left, late_right);
    REQUIRE(difference(wanted.results, report.output(sink)) == "");
    CHECK(report.output(late_left).size() == wanted.late_left.size());
    CHECK(report.output(late_right).size() == wanted.late_right.size());
    CHECK(report.of("groups").updates == wanted.updates);
    for (const auto& each : report.stages) CHECK((each.name != "groups" || each.state.keys == 0));
    if (seed % 5 == 0) restore_everywhere(what, report, sink, late_left, late_right);
}

}  // namespace

TEST_CASE("a cogroup of windows on a grid, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const weir::duration slide{1 + choose.below(14)};
    const auto grid = weir::sliding(choose.below(2) == 0 ? slide : slide + weir::duration{choose.below(30)}, slide);
    const cut how{.grid = grid, .lateness = weir::duration{choose.below(25)}, .once = choose.below(3) == 0};
    check_cogroup(seed, choose, how, grid, gather_if_both{});
}

TEST_CASE("a cogroup of sessions, which late records reopen and join, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const weir::duration gap{1 + choose.below(12)};
    const cut how{.gap = gap, .lateness = weir::duration{choose.below(25)}, .once = choose.below(3) == 0};
    check_cogroup(seed, choose, how, weir::session(gap), gather{});
}

TEST_CASE("a cogroup refuses what its windows refuse", "[operators]") {
    const auto none = keyed_readings({{}}, 0ns);
    const auto clicks = keyed_clicks({{}}, 0ns);
    require_refused([&] { static_cast<void>(weir::cogroup(none, clicks, weir::tumbling(0s), gather{})); },
                    "a size and a slide above zero");
    require_refused([&] {
        static_cast<void>(weir::cogroup(none, clicks, weir::tumbling(1s), gather{}, weir::emit::after(2)));
    }, "cogroup: windows of two streams speak at their end");
    const auto groups = weir::cogroup(none, clicks, weir::session(30min), gather{}, weir::allowed_lateness(1h));
    CHECK(groups.from()->detail() == "by key and user, session 30m late 1h");
}
