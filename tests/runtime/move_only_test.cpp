// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>

TEST_CASE("results that cannot be copied go to one consumer; a second one is an error, not a loss") {
    auto boxes = weir::memory(std::vector<int>{1, 2, 3}) | weir::key_by([](const int& each) { return each; })
               | weir::process<int>([](auto&, const int& each, int&) { return std::make_unique<int>(each); });
    int sum = 0;
    const auto add = [&sum](const std::unique_ptr<int>& box) { sum += *box; };
    weir::run(weir::graph("one", boxes | weir::into(weir::for_each(add))), weir::batch{});
    CHECK(sum == 6);
    const auto run_two = [&] {
        weir::run(weir::graph("two", boxes | weir::into(weir::for_each(add)), boxes | weir::into(weir::for_each(add))),
                  weir::batch{});
    };
    CHECK_THROWS_AS(run_two(), weir::error);
}
