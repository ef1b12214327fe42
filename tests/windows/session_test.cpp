// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/session.hpp>

#include <catch2/catch.hpp>


using namespace std::chrono_literals;

namespace {
struct visit_of {
    int minutes;
    weir::duration pause = 7s;
};
}  // namespace

TEST_CASE("a record opens a window of the gap", "[windows]") {
    const auto by = [](const auto& sessions, const visit_of& record) {
        weir::timestamp start, end;
        sessions.windows_of(record, weir::timestamp{10s}, [&](weir::timestamp from, weir::timestamp to) {
            start = from;
            end = to;
        });
        return std::pair{start, end};
    };
    CHECK(by(weir::session(30min), {1}) == std::pair{weir::timestamp{10s}, weir::timestamp{10s + 30min}});
    const auto own = weir::session([](const visit_of& each) { return std::chrono::minutes{each.minutes}; });
    CHECK(by(own, {2}) == std::pair{weir::timestamp{10s}, weir::timestamp{10s + 2min}});
    CHECK(by(weir::session(&visit_of::pause), {2}).second == weir::timestamp{17s});
}
