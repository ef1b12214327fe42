// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <weir/record/binary.hpp>
#include <weir/record/schema.hpp>

namespace {

struct point {
    double x = 0;
    std::int32_t y = 0;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

struct no_tag {
    std::uint64_t hidden = 0;
    void save(weir::binary_writer&) const {}
    void load(weir::binary_reader&) {}
};
struct holds_no_tag {
    point place;
    no_tag what;
};
BOOST_DESCRIBE_STRUCT(holds_no_tag, (), (place, what))

std::string difference(std::string_view was, std::string_view is) { return weir::tag_difference(was, is); }

}  // namespace

TEST_CASE("what has a tag, has it; of the rest nothing is known") {
    STATIC_REQUIRE(weir::tagged<point>);
    STATIC_REQUIRE(weir::tagged<std::map<std::string, std::vector<point>>>);
    STATIC_REQUIRE(weir::tagged<std::pair<const int, std::optional<std::array<point, 2>>>>);
    STATIC_REQUIRE(!weir::tagged<no_tag>);
    STATIC_REQUIRE(!weir::tagged<holds_no_tag>);
    STATIC_REQUIRE(!weir::tagged<std::vector<no_tag>>);
    CHECK(weir::tag_if_known<point>() == "struct{x:f64,y:i32}");
    CHECK(weir::tag_if_known<holds_no_tag>() == "?");
}

TEST_CASE("what differs between two tags is said in a sentence") {
    CHECK(difference("struct{a:u64,b:text}", "struct{a:u64,b:text}").empty());
    CHECK(difference("u64", "text") == "it was u64 and is text");
    CHECK(difference("struct{key:u64,state:struct{count:i64,sum:f64}}",
                     "struct{key:u64,state:struct{count:f64,sum:f64}}") == "state.count was i64 and is f64");
    CHECK(difference("struct{key:u64,state:struct{count:i64,note:text}}", "struct{key:u64,state:struct{count:i64}}") ==
          "state has no field 'note' any more, which was text");
    CHECK(difference("struct{state:struct{count:i64}}", "struct{state:struct{count:i64,at:time}}") ==
          "state has a new field 'at', which is time");
    CHECK(difference("struct{state:struct{a:i64,b:i64}}", "struct{state:struct{b:i64,a:i64}}") ==
          "state has its fields in another order: 'a' was where 'b' is");
    CHECK(difference("struct{key:u8,state:struct{a:i64,b:i64,gone:text}}",
                     "struct{key:u16,state:struct{a:i64,b:f64,c:u8}}") ==
          "key was u8 and is u16; state.b was i64 and is f64; state has no field 'gone' any more, which was text; "
          "state has a new field 'c', which is u8");
    CHECK(difference("struct{a:list<struct{x:f64,y:f64}>}", "struct{a:list<struct{x:f64,y:f32}>}") ==
          "a[].y was f64 and is f32");
    CHECK(difference("struct{a:map<text,struct{x:f64}>}", "struct{a:map<text,struct{x:u8}>}") ==
          "a[1].x was f64 and is u8");
    CHECK(difference("struct{a:array<f64,3>}", "struct{a:array<f64,4>}") == "a was array<f64,3> and is array<f64,4>");
    CHECK(difference("struct{a:optional<f64>}", "struct{a:f64}") == "a was optional<f64> and is f64");
    CHECK(difference("struct{a:enum{red,green=4}}", "struct{a:enum{red,green=5}}") ==
          "a was enum{red,green=4} and is enum{red,green=5}");
    CHECK(difference("struct{a:enum:i16}", "struct{a:enum:i32}") == "a was enum:i16 and is enum:i32");
    CHECK(difference("struct{key:u64,window:tumbling 10s}", "struct{key:u64,window:sliding 10s 1s late 5s}") ==
          "window was tumbling 10s and is sliding 10s 1s late 5s");
    CHECK(difference("struct{count:u64,count:u64}", "struct{count:u64}") == "it has another number of fields");
    CHECK(difference("", "struct{count:u64}") == "it was nothing known and is struct{count:u64}");
}

// A file may hold anything.
TEST_CASE("tags that are none end in a sentence, too") {
    const std::string deep(100000, '<');
    for (const std::string each : {"", "<", "}", "struct{", "struct{a", "struct{a:", "a<b<c", "struct{:,:}", ",,,",
                                    "{}", "struct{a:u64}}", deep.c_str()}) {
        CHECK(difference(each, each).empty());
        CHECK(!difference(each, "struct{a:u64}").empty());
        CHECK(!difference("struct{a:u64}", each).empty());
    }
    CHECK(weir::word_in_tag("sum, of {a<b>}:") == "sum_ of _a_b___");
}
