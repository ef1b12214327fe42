// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/evict.hpp>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace {
struct kept {
    weir::timestamp at;
    int record;
    [[nodiscard]] weir::timestamp time() const { return at; }
};
std::vector<int> after(const auto& evictor, std::vector<kept> rows) {
    evictor.rule(rows);
    std::vector<int> left;
    for (const kept& each : rows) left.push_back(each.record);
    return left;
}
std::vector<kept> some() {
    return {{weir::timestamp{5s}, 1}, {weir::timestamp{3s}, 7}, {weir::timestamp{9s}, 2}, {weir::timestamp{4s}, 5}};
}
}  // namespace

TEST_CASE("what evictors leave", "[windows]") {
    CHECK(after(weir::evict::all_but_last(2), some()) == std::vector{2, 5});
    CHECK(after(weir::evict::all_but_last(9), some()) == std::vector{1, 7, 2, 5});
    CHECK(after(weir::evict::older_than(4s), some()) == std::vector{2});  // at the limit is gone
    CHECK(after(weir::evict::older_than(5s), some()) == std::vector{1, 2});
    const auto less_by = [](int each, int last) { return last - each; };
    CHECK(after(weir::evict::apart(less_by, 3), some()) == std::vector{7, 5});
    CHECK(after(weir::evict::apart(less_by, 3), {}).empty());
    CHECK(weir::evict::all_but_last(2).after().text() == "evicting all but 2 afterwards");
}
