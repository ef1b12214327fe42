// SPDX-License-Identifier: Apache-2.0
#include <weir/time/turn.hpp>

#include <catch2/catch.hpp>
#include <vector>
#include <weir/record/binary.hpp>

namespace {
weir::turn at(std::int64_t watermark, weir::lane from, std::uint64_t position,
              std::initializer_list<std::uint64_t> tail) {
    return {weir::timestamp{weir::duration{watermark}}, from, position, tail};
}
}  // namespace

TEST_CASE("turns order word by word, a cause before what it causes", "[time]") {
    const auto first = weir::lane::partition(0);
    const auto second = weir::lane::partition(1);
    const auto due = weir::lane::stage(0);
    const std::vector<weir::turn> in_order{
        {},
        at(-5, first, 9, {}),
        at(3, first, 0, {}),
        at(3, first, 0, {weir::tail_word::index(0)}),
        at(3, first, 0, {weir::tail_word::index(0), weir::tail_word::result_of(2, 0)}),
        at(3, first, 0, {weir::tail_word::index(1)}),
        at(3, first, 0, {weir::tail_word::result_of(2, 0)}),
        at(3, first, 0, {weir::tail_word::result_of(2, 1)}),
        at(3, first, 0, {weir::tail_word::result_of(3, 0)}),
        at(3, first, 1, {}),
        at(3, second, 0, {}),
        at(3, due, 0, {0}),
        at(3, due, 0, {1}),
        at(3, due, ~std::uint64_t{0}, {0}),
        at(3, weir::lane::stage(1), 0, {0}),
        at(4, first, 0, {}),
    };
    for (std::size_t i = 0; i < in_order.size(); ++i) {
        for (std::size_t j = 0; j < in_order.size(); ++j) {
            CAPTURE(i, j);
            CHECK((in_order[i] <=> in_order[j]) == (i <=> j));
            CHECK((in_order[i] == in_order[j]) == (i == j));
        }
        weir::binary_writer writer;
        in_order[i].save(writer);
        weir::binary_reader reader{std::span<const std::byte>{writer.bytes()}};
        weir::turn loaded = at(1, due, 2, {3, 4, 5});
        loaded.load(reader);
        CHECK(loaded == in_order[i]);
    }
}

TEST_CASE("a mark passes what is below it, whatever its tail", "[time]") {
    const auto first = weir::lane::partition(0);
    const weir::turn some = at(3, first, 7, {1, 2});
    CHECK(some.head() == weir::mark{some.watermark, first, 7});
    CHECK_FALSE(some.passed_by({some.watermark, first, 7}));
    CHECK(some.passed_by({some.watermark, first, 8}));
    CHECK(some.passed_by({some.watermark, weir::lane::stage(0), 0}));
    CHECK_FALSE(some.passed_by({}));
    CHECK(some.passed_by(weir::mark::end()));
    CHECK(weir::mark::end().ended());
    CHECK_FALSE(weir::mark{}.ended());
}

TEST_CASE("words of stages are told from indices", "[time]") {
    CHECK(weir::tail_word::of_stage(weir::tail_word::result_of(0, 0)));
    CHECK(weir::tail_word::of_stage(weir::tail_word::result_of(~std::uint32_t{0} >> 1, ~std::uint32_t{0})));
    CHECK_FALSE(weir::tail_word::of_stage(weir::tail_word::index(~std::uint32_t{0})));
    CHECK(weir::lane::stage(3).triggered());
    CHECK_FALSE(weir::lane::partition(3).triggered());
}
