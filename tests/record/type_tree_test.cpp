// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <weir/record/binary.hpp>
#include <weir/record/schema.hpp>
#include <weir/record/type_tree.hpp>
#include <weir/time/timestamp.hpp>

using weir::type_kind;

namespace {

enum class color { red, green = 5, blue };
BOOST_DESCRIBE_ENUM(color, red, green, blue)
enum class level : std::uint8_t { low };
struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())
struct inner {
    float x = 0;
    std::vector<std::string> words;
};
BOOST_DESCRIBE_STRUCT(inner, (), (x, words))
struct everything {
    bool yes = true;
    char letter = 'c';
    std::int16_t small = -2;
    double real = 2.5;
    std::string text = "a text";
    color paint = color::green;
    level how{};
    weir::timestamp at{};
    std::chrono::milliseconds lasting{7};
    std::optional<inner> maybe = inner{1, {"one"}};
    std::optional<inner> missing;
    std::array<inner, 2> two{};
    std::array<inner, 0> none{};
    std::map<std::string, inner> table{{"key", {2, {"", "two"}}}};
    std::set<std::uint64_t> set{1, 2};
    std::tuple<int, inner> tuple{};
    std::tuple<> empty_tuple{};
    nothing empty{};
    std::vector<nothing> nothings{3};
};
BOOST_DESCRIBE_STRUCT(everything, (), (yes, letter, small, real, text, paint, how, at, lasting, maybe, missing, two,
                                       none, table, set, tuple, empty_tuple, empty, nothings))
struct own_bytes {
    int x = 0;
    void save(weir::binary_writer& writer) const { writer.write_fixed(x); }
    void load(weir::binary_reader& reader) { x = reader.read_fixed<int>(); }
};
BOOST_DESCRIBE_STRUCT(own_bytes, (), (x))

}  // namespace

TEST_CASE("a tag is taken apart", "[record]") {
    const auto tree = weir::parse_type(weir::type_tag<everything>());
    REQUIRE(tree);
    CHECK(tree->kind == type_kind::structure);
    CHECK(tree->text == weir::type_tag<everything>());
    const std::vector<std::pair<std::string, type_kind>> fields{
        {"yes", type_kind::boolean}, {"letter", type_kind::character}, {"small", type_kind::number},
        {"real", type_kind::number}, {"text", type_kind::text}, {"paint", type_kind::enumeration},
        {"how", type_kind::enumeration}, {"at", type_kind::time}, {"lasting", type_kind::span},
        {"maybe", type_kind::optional}, {"missing", type_kind::optional}, {"two", type_kind::array},
        {"none", type_kind::array}, {"table", type_kind::map}, {"set", type_kind::set}, {"tuple", type_kind::tuple},
        {"empty_tuple", type_kind::tuple}, {"empty", type_kind::structure}, {"nothings", type_kind::list}};
    REQUIRE(tree->parts.size() == fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
        CAPTURE(fields[i].first);
        CHECK(tree->parts[i].name == fields[i].first);
        CHECK(tree->parts[i].kind == fields[i].second);
    }
    CHECK(tree->parts[2].number == weir::number_type::i16);
    CHECK(tree->parts[5].parts[1].name == "green");
    CHECK(tree->parts[5].parts[2].value == 6);
    CHECK(tree->parts[6].number == weir::number_type::u8);
    CHECK(tree->parts[11].length == 2);
    CHECK(tree->parts[13].parts[1].parts[1].text == "list<text>");
}

TEST_CASE("what a tag does not say is a type of its own", "[record]") {
    for (const char* each : {"exact_sum", "mean<i128>", "?", "list", "list<u8,u8>", "array<u8>", "array<u8,-1>",
                             "list{u8}", "text<>", "enum{}", "enum{a=b}", "enum{a<b>}", "enum:text", "map<u8>", "f16",
                             "tuple{u8}"}) {
        CAPTURE(each);
        const auto tree = weir::parse_type(each);
        REQUIRE(tree);
        CHECK(tree->kind == type_kind::own);
        std::string own;
        CHECK_FALSE(weir::can_skip(*tree, own));
        CHECK(own == each);
    }
    CHECK(weir::type_tag<own_bytes>() == "own<struct{x:i32}>");
    CHECK(weir::parse_type(weir::type_tag<own_bytes>())->kind == type_kind::own);
    for (const char* each : {"", "list<u8", "list<u8>>", "struct{u8}", "struct{:u8}", "struct{x:}", "list<u8}", ",",
                             "struct{x:u8,}", "u8,u8", "list<,>"}) {
        CAPTURE(each);
        CHECK_FALSE(weir::parse_type(each));
    }
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "list<";
    CHECK_FALSE(weir::parse_type(deep + "u8" + std::string(100'000, '>')));
}

TEST_CASE("a value is passed over by its tag alone", "[record]") {
    const auto tree = *weir::parse_type(weir::type_tag<everything>());
    std::string own;
    REQUIRE(weir::can_skip(tree, own));
    weir::binary_writer writer;
    weir::save(writer, everything{});
    weir::binary_reader reader{writer.bytes()};
    weir::skip_value(reader, tree);
    CHECK(reader.at_end());
    for (std::size_t cut = 0; cut < writer.size(); ++cut) {
        weir::binary_reader less{writer.bytes().first(cut)};
        CHECK_THROWS_AS(weir::skip_value(less, tree), weir::error);
    }
}

TEST_CASE("any text is taken apart or not, and any bytes are passed over or refused", "[record]") {
    const bool holds = rc::check([] {
        std::string tag = weir::type_tag<everything>();
        const auto changes = *rc::gen::inRange(0, 4);
        for (int i = 0; i < changes; ++i) {
            const auto at = *rc::gen::inRange<std::size_t>(0, tag.size());
            static const std::string letters = "<>{},:=0189ulistmapre";
            if (*rc::gen::arbitrary<bool>()) {
                tag[at] = *rc::gen::elementOf(letters);
            } else {
                tag.erase(at, *rc::gen::inRange<std::size_t>(1, 9));
            }
        }
        const auto tree = weir::parse_type(tag);
        if (!tree) return;
        RC_ASSERT(tree->text == tag);
        std::string own;
        if (!weir::can_skip(*tree, own)) return;
        weir::binary_writer writer;
        weir::save(writer, everything{});
        std::string bytes{writer.text()};
        bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
        weir::binary_reader reader{std::string_view{bytes}};
        try {
            weir::skip_value(reader, *tree);
        } catch (const weir::error& refused) {
            RC_ASSERT(refused.kind() == weir::error_kind::state);
        }
    });
    CHECK(holds);
}
