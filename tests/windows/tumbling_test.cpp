// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/tumbling.hpp>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("tumbling describes a grid", "[windows]") {
    const weir::window_grid made = weir::tumbling(10s);
    CHECK(made.size == 10s);
    CHECK(made.slide == 10s);
    CHECK(made.lateness == 0s);
    CHECK_FALSE(made.text.empty());
    CHECK_NOTHROW(made.check());
}
