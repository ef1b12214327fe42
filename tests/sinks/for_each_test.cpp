// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <weir/operators/into.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>

TEST_CASE("for_each calls a function in turn") {
    std::vector<int> seen;
    const weir::graph what(
        "g", weir::memory<int>({3, 1, 2}) | weir::into(weir::for_each([&seen](int each) { seen.push_back(each); })));
    const auto check = [&](const auto& runner) {
        seen.clear();
        const auto report = weir::run(what, runner);
        CHECK(seen == std::vector<int>{3, 1, 2});
        CHECK(report.balanced());
        CHECK(report.stages.back().counts.accepted == 3);
    };
    check(weir::event_loop{});
    check(weir::batch{});
    check(weir::batch{.threads = 2});
}

TEST_CASE("the function may ask for the stamp") {
    std::vector<std::uint64_t> positions;
    const auto keep = [&positions](int, const weir::stamp_view& at) { positions.push_back(at.at().position); };
    weir::run(weir::graph("g", weir::memory<int>({5, 6, 7}) | weir::into(weir::for_each(keep))), weir::batch{});
    CHECK(positions == std::vector<std::uint64_t>{0, 1, 2});
}

TEST_CASE("the function may take a record that cannot be copied") {
    std::vector<std::unique_ptr<std::uint64_t>> kept;
    const auto source = weir::generate(5, [](std::uint64_t index) { return std::make_unique<std::uint64_t>(index); });
    const auto keep = [&kept](std::unique_ptr<std::uint64_t>&& each) { kept.push_back(std::move(each)); };
    weir::run(weir::graph("g", source | weir::into(weir::for_each(keep))), weir::batch{.chunk = 2});
    REQUIRE(kept.size() == 5);
    CHECK(*kept[4] == 4);
}

TEST_CASE("what the function throws ends the run") {
    std::size_t called = 0;
    const auto fails = [&called](int each) {
        ++called;
        if (each == 2) throw std::runtime_error("no twos here");
    };
    const weir::graph what("g", weir::memory<int>({1, 2, 3}) | weir::into(weir::for_each(fails)));
    CHECK_THROWS_WITH(weir::run(what, weir::event_loop{}), "no twos here");
    CHECK(called == 2);
    CHECK_THROWS_WITH(weir::run(what, weir::batch{.threads = 2}), "no twos here");
}
