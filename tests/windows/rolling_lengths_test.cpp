// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/rolling_lengths.hpp>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("rolling lengths know the longest, and are above zero", "[windows]") {
    const weir::rolling_lengths<3> made{{5s, 24h, 1min}};
    CHECK(made.longest() == 24h);
    CHECK_NOTHROW(made.check());
    CHECK_THROWS_AS((weir::rolling_lengths<2>{{5s, 0s}}.check()), weir::error);
    CHECK_THROWS_AS((weir::rolling_lengths<1>{{-1ns}}.check()), weir::error);
}

TEST_CASE("lengths read as people say them", "[windows]") {
    const auto text = [](weir::duration length) { return weir::detail::length_text(length); };
    CHECK(text(5min) == "5m");
    CHECK(text(60s) == "1m");
    CHECK(text(90s) == "90s");
    CHECK(text(1h) == "1h");
    CHECK(text(24h) == "24h");
    CHECK(text(48h) == "2d");
    CHECK(text(7 * 24h) == "7d");
    CHECK(text(250ms) == "250ms");
    CHECK(text(3us) == "3us");
    CHECK(text(7ns) == "7ns");
}
