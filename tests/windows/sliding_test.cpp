// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/sliding.hpp>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("sliding describes a grid", "[windows]") {
    const weir::window_grid made = weir::sliding(10s, 3s);
    CHECK(made.size == 10s);
    CHECK(made.slide == 3s);
    CHECK(made.lateness == 0s);
    CHECK_FALSE(made.text.empty());
    CHECK_NOTHROW(made.check());
}
