// SPDX-License-Identifier: Apache-2.0
// Turns are unique on a stream and stay in order whatever stages append: named cases in which they did not, found by
// random graphs and by thinking about prefixes.
#include <weir/testing/verify.hpp>

#include <catch2/catch.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/record/describe.hpp>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::testing;

namespace turn_order_test {
struct step {
    std::uint32_t key = 0;
    std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(step, (), (key, value))
struct total {
    std::int64_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (sum))
}  // namespace turn_order_test
using namespace turn_order_test;

namespace {

// Numbers the records of a key as they come.
const auto numbered = [](auto from) {
    return from | key_by(&step::key) | process<total>([](auto&, const step& each, total& state) {
               return step{each.key, each.value * 10 + ++state.sum};
           });
};
const script<step> two{at(1s, step{0, 1}), at(2s, step{1, 2}), watermark(2s), at(3s, step{0, 3})};

}  // namespace

TEST_CASE("turns: a record and the copies of a flat_map keep their order behind a merge", "[laws]") {
    // The merge's word for its input 0 could be taken for the index of the first copy.
    verify(
        [](auto from) {
            const auto copies =
                from | flat_map([](const step& each) {
                    return std::vector<step>{{each.key, each.value + 100}, {each.key, each.value + 200}};
                });
            return numbered(numbered(merge(from, copies)) | map([](step each) {
                                each.key = 9;
                                return each;
                            }));
        },
        script<step>{at(1s, step{0, 1})},
        trace<step>{out(1s, no_watermark{}, step{9, 10111}), out(1s, no_watermark{}, step{9, 20122}),
                    out(1s, no_watermark{}, step{9, 133})});
}

TEST_CASE("turns: two pairs of one record are told apart and keep their order", "[laws]") {
    verify(
        [](auto from) {
            const auto twice =
                from | key_by(&step::key) | process<total, step>([](auto& context, const step& each, total&) {
                    context.emit({each.key, each.value});
                    context.emit({each.key + 1, each.value + 5});
                });
            const auto pairs = join_by_origin(twice, twice) | map([](const joined<step, step>& pair) {
                                   return step{pair.left.key, pair.left.value + 100 * pair.right.value};
                               });
            return numbered(numbered(pairs) | map([](step each) { return step{7, each.value}; }));
        },
        two,
        trace<step>{out(1s, no_watermark{}, step{7, 10111}), out(1s, no_watermark{}, step{7, 60612}),
                    out(2s, no_watermark{}, step{7, 20223}), out(2s, no_watermark{}, step{7, 70714}),
                    out(3s, 2s, step{7, 30325}), out(3s, 2s, step{7, 80836})});
}
