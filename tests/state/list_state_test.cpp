// SPDX-License-Identifier: Apache-2.0
#include <weir/state/list_state.hpp>

#include <catch2/catch.hpp>
#include <deque>
#include <weir/testing/seeded.hpp>

TEST_CASE("list_state is a list", "[state]") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        weir::list_state<std::string> tested;
        std::deque<std::string> wanted;
        for (int step = 0; step < 300; ++step) {
            const std::string value = "value number " + std::to_string(step);
            const std::uint64_t what = choose.below(8);
            if (what == 0 && !wanted.empty()) {
                tested.pop_front();
                wanted.pop_front();
            } else if (what == 1 && !wanted.empty()) {
                tested.pop_back();
                wanted.pop_back();
            } else if (what == 2 && choose.one_in(10)) {
                tested.clear();
                wanted.clear();
            } else if (what > 2) {
                CHECK(tested.push_back(value) == value);
                wanted.push_back(value);
            }
            std::deque<std::string> got;
            tested.for_each([&](const std::string& each) { got.push_back(each); });
            REQUIRE(got == wanted);
            REQUIRE(tested.size() == wanted.size());
            REQUIRE(tested.empty() == wanted.empty());
            if (wanted.empty()) continue;
            REQUIRE(tested.front() == wanted.front());
            REQUIRE(tested.back() == wanted.back());
        }
        weir::binary_writer writer;
        weir::save(writer, tested);
        weir::binary_reader reader(writer.text());
        const auto copy = weir::load<weir::list_state<std::string>>(reader);
        std::deque<std::string> got;
        copy.for_each([&](const std::string& each) { got.push_back(each); });
        CHECK(got == wanted);
    }
    CHECK(weir::type_tag<weir::list_state<std::string>>() == "list_state<text>");
}
