// SPDX-License-Identifier: Apache-2.0
#include <weir/time/stamp.hpp>

#include <catch2/catch.hpp>
#include <weir/record/binary.hpp>

TEST_CASE("a stamp is a time and a turn, and is stored and read back", "[time]") {
    const weir::timestamp time{weir::duration{-7}};
    const weir::timestamp watermark{weir::duration{-9}};
    const weir::stamp made{time, {watermark, weir::lane::partition(2), 5, {1, weir::tail_word::result_of(3, 4)}}};
    CHECK(made.watermark() == watermark);
    CHECK(weir::stamp{}.watermark() == weir::time_lowest);
    weir::binary_writer writer;
    made.save(writer);
    weir::binary_reader reader{std::span<const std::byte>{writer.bytes()}};
    weir::stamp loaded;
    loaded.load(reader);
    reader.expect_end();
    CHECK(loaded == made);
    CHECK_FALSE(loaded == weir::stamp{});
}

TEST_CASE("the origin of a record is its turn without what stages appended", "[time]") {
    using namespace weir::tail_word;
    const weir::turn source{weir::timestamp{}, weir::lane::partition(1), 8, {}};
    weir::turn made = source;
    CHECK(weir::origin_of(made) == source);
    made.tail = {index(4), result_of(2, 0), index(1), result_of(7, 3)};
    weir::turn wanted = source;
    wanted.tail = {index(4), index(1)};
    CHECK(weir::origin_of(made) == wanted);
}
