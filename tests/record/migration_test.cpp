// SPDX-License-Identifier: Apache-2.0
// What an earlier version wrote, read by a later one: the same type, as it was (before) and as it is (now).
#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <weir/record/migration.hpp>
#include <weir/time/timestamp.hpp>

using weir::migration_rules;

namespace before {
enum class color { red, green = 5 };
BOOST_DESCRIBE_ENUM(color, red, green)
struct item {
    std::string word;
    std::uint8_t size = 0;
    bool gone = false;
};
BOOST_DESCRIBE_STRUCT(item, (), (word, size, gone))
struct account {
    std::int32_t count = 0;
    float mean = 0;
    std::map<std::string, std::vector<item>> gone;
    std::uint32_t events = 0;
    color paint = color::red;
    std::optional<std::int8_t> maybe;
    std::vector<item> items;
    std::map<std::uint8_t, item> table;
    std::set<std::int16_t> set;
    std::array<item, 2> pair{};
    std::tuple<std::uint16_t, item> tuple{};
    weir::timestamp at{};
    std::string text;
    std::uint32_t exact = 0;
    std::deque<bool> bits;
    std::optional<item> last;
};
BOOST_DESCRIBE_STRUCT(account, (), (count, mean, gone, events, paint, maybe, items, table, set, pair, tuple, at, text,
                                    exact, bits, last))
}  // namespace before

namespace now {
enum class color { blue = 1, red = 0, green = 5, black };
BOOST_DESCRIBE_ENUM(color, blue, red, green, black)
struct item {
    std::uint32_t size = 0;
    std::uint64_t fresh = 77;
    std::optional<std::string> word;
    friend bool operator==(const item&, const item&) = default;
};
BOOST_DESCRIBE_STRUCT(item, (), (size, fresh, word))
struct account {
    std::string added = "by default";
    std::deque<bool> bits;
    std::optional<item> last;
    std::string text;
    weir::timestamp at{};
    std::tuple<std::int64_t, item> tuple{};
    std::array<item, 2> pair{};
    std::set<std::int64_t> set;
    std::map<std::uint16_t, item> table;
    std::deque<item> items;
    std::optional<std::int64_t> maybe;
    color paint = color::blue;
    std::int64_t happened = 0;  // was events
    double mean = 0;
    std::optional<std::int64_t> count;
    double exact = 0;
    friend bool operator==(const account&, const account&) = default;
};
BOOST_DESCRIBE_STRUCT(account, (), (added, bits, last, text, at, tuple, pair, set, table, items, maybe, paint, happened,
                                    mean, count, exact))

// By hand, what the decoder is to do.
item moved(const before::item& was) { return {was.size, 77, was.word}; }
account moved(const before::account& was) {
    account is;
    is.bits = was.bits;
    if (was.last) is.last = moved(*was.last);
    is.text = was.text;
    is.at = was.at;
    is.tuple = {std::get<0>(was.tuple), moved(std::get<1>(was.tuple))};
    is.pair = {moved(was.pair[0]), moved(was.pair[1])};
    is.set = {was.set.begin(), was.set.end()};
    for (const auto& [key, value] : was.table) is.table.emplace(key, moved(value));
    for (const auto& each : was.items) is.items.push_back(moved(each));
    if (was.maybe) is.maybe = *was.maybe;
    is.paint = was.paint == before::color::red ? color::red : color::green;
    is.happened = was.events;
    is.mean = static_cast<double>(was.mean);
    is.count = was.count;
    is.exact = was.exact;
    return is;
}
}  // namespace now

namespace {

const migration_rules renamed{{"events", "happened"}};

rc::Gen<before::item> an_item() {
    return rc::gen::build<before::item>(rc::gen::set(&before::item::word), rc::gen::set(&before::item::size),
                                        rc::gen::set(&before::item::gone));
}

before::account any_account() {
    before::account made;
    made.count = *rc::gen::arbitrary<std::int32_t>();
    made.mean = *rc::gen::arbitrary<float>();
    made.gone = *rc::gen::container<std::map<std::string, std::vector<before::item>>>(
        rc::gen::arbitrary<std::string>(), rc::gen::container<std::vector<before::item>>(an_item()));
    made.events = *rc::gen::arbitrary<std::uint32_t>();
    made.paint = *rc::gen::element(before::color::red, before::color::green);
    if (*rc::gen::arbitrary<bool>()) made.maybe = *rc::gen::arbitrary<std::int8_t>();
    made.items = *rc::gen::container<std::vector<before::item>>(an_item());
    made.table =
        *rc::gen::container<std::map<std::uint8_t, before::item>>(rc::gen::arbitrary<std::uint8_t>(), an_item());
    made.set = *rc::gen::arbitrary<std::set<std::int16_t>>();
    made.pair = {*an_item(), *an_item()};
    made.tuple = {*rc::gen::arbitrary<std::uint16_t>(), *an_item()};
    made.at = weir::timestamp{weir::duration{*rc::gen::arbitrary<std::int64_t>()}};
    made.text = *rc::gen::arbitrary<std::string>();
    made.exact = *rc::gen::arbitrary<std::uint32_t>();
    for (const bool each : *rc::gen::arbitrary<std::vector<bool>>()) made.bits.push_back(each);
    if (*rc::gen::arbitrary<bool>()) made.last = *an_item();
    return made;
}

// The sentence for values that were of type Was and are to be of type Is.
template <class Was, class Is> std::string sentence(const migration_rules& rules = {}) {
    return weir::why_incompatible<Is>(weir::type_tag<Was>(), rules);
}

template <class Is, class Was> Is moved(const Was& value, const migration_rules& rules = {}) {
    const weir::migration<Is> how(weir::type_tag<Was>(), rules);
    CHECK(how.why_not() == "");
    weir::binary_writer writer;
    weir::save(writer, value);
    weir::binary_reader reader{writer.bytes()};
    Is made{};
    how.load(reader, made);
    CHECK(reader.at_end());
    return made;
}

template <int Which> struct versions;
#define VERSION(number, type)                        \
    template <> struct versions<number> {            \
        type field{};                                \
        int beside = 0;                              \
    };                                               \
    BOOST_DESCRIBE_STRUCT(versions<number>, (), (field, beside))
VERSION(0, std::int32_t)
VERSION(1, std::uint32_t)
VERSION(2, std::string)
VERSION(3, now::item)
VERSION(4, std::optional<std::int32_t>)
VERSION(5, std::vector<std::int64_t>)
VERSION(6, std::vector<std::int32_t>)
#undef VERSION

enum class renumbered { green, red };
BOOST_DESCRIBE_ENUM(renumbered, green, red)
enum class shorter { red };
BOOST_DESCRIBE_ENUM(shorter, red)
enum class small : std::uint8_t { one };
enum class large : std::int32_t { one };

struct own_before {
    static std::string type_tag() { return "coin"; }
    std::int32_t cents = 0;
    void save(weir::binary_writer& writer) const { writer.write_fixed(cents); }
    void load(weir::binary_reader& reader) { cents = reader.read_fixed<std::int32_t>(); }
};
struct own_now : own_before {
    static std::string type_tag() { return "coin of 64 bits"; }
};
struct own_as_number : own_before {
    static std::string type_tag() { return "i64"; }
};
struct purse {
    int x = 0;
    own_before coin;
};
BOOST_DESCRIBE_STRUCT(purse, (), (x, coin))
struct later_purse {
    int x = 0;
    own_now coin;
};
BOOST_DESCRIBE_STRUCT(later_purse, (), (x, coin))
struct empty_purse {
    int x = 0;
};
BOOST_DESCRIBE_STRUCT(empty_purse, (), (x))
struct same_purse {
    own_before coin;
    std::int64_t x = 0;
};
BOOST_DESCRIBE_STRUCT(same_purse, (), (coin, x))
struct counting_purse {
    std::int32_t coin = 0;
};
BOOST_DESCRIBE_STRUCT(counting_purse, (), (coin))
struct masked_purse {
    own_as_number coin;
};
BOOST_DESCRIBE_STRUCT(masked_purse, (), (coin))
struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

}  // namespace

TEST_CASE("a value of an earlier version is read by a later one", "[record]") {
    CHECK(sentence<before::account, now::account>(renamed) == "");
    const bool holds = rc::check([] {
        const before::account was = any_account();
        RC_ASSERT(moved<now::account>(was, renamed) == now::moved(was));
    });
    CHECK(holds);
}

TEST_CASE("a value of the present version is read as it is", "[record]") {
    const bool holds = rc::check([] {
        const now::account is = now::moved(any_account());
        RC_ASSERT(moved<now::account>(is, renamed) == is);
    });
    CHECK(holds);
}

TEST_CASE("damaged values of an earlier version are read or refused", "[record]") {
    const weir::migration<now::account> how(weir::type_tag<before::account>(), renamed);
    const bool holds = rc::check([&] {
        weir::binary_writer writer;
        weir::save(writer, any_account());
        std::string bytes{writer.text()};
        for (int changes = *rc::gen::inRange(1, 4); changes > 0; --changes) {
            bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
        }
        bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
        weir::binary_reader reader{std::string_view{bytes}};
        now::account made;
        try {
            how.load(reader, made);
        } catch (const weir::error& refused) {
            RC_ASSERT(refused.kind() == weir::error_kind::state);
        }
    });
    CHECK(holds);
}

TEST_CASE("any tag of an earlier version is a way to read or a sentence", "[record]") {
    const bool holds = rc::check([] {
        std::string tag = weir::type_tag<before::account>();
        for (int changes = *rc::gen::inRange(1, 4); changes > 0; --changes) {
            static const std::string letters = "<>{},:=0189ulistmapref";
            tag[*rc::gen::inRange<std::size_t>(0, tag.size())] = *rc::gen::elementOf(letters);
        }
        const weir::migration<now::account> how(tag, renamed);
        weir::binary_writer writer;
        weir::save(writer, any_account());
        weir::binary_reader reader{writer.bytes()};
        now::account made;
        try {
            how.load(reader, made);
        } catch (const weir::error& refused) {
            RC_ASSERT(refused.kind() == weir::error_kind::state);
            RC_ASSERT(how.why_not().empty() || how.why_not() == refused.what());
        }
    });
    CHECK(holds);
}

TEST_CASE("numbers become wider where every value fits", "[record]") {
    const auto widens = []<class Was, class Is>(Was, Is) { return sentence<Was, Is>().empty(); };
    const auto check_all = [&]<class Was>(Was was, std::string_view wider) {
        const auto one = [&]<class Is>(Is is, std::string_view name) {
            CAPTURE(weir::type_tag<Was>(), name);
            const bool expected = std::is_same_v<Was, Is> || wider.find(name) != std::string_view::npos;
            CHECK(widens(was, is) == expected);
            if (!expected) return;
            for (const Was value : {std::numeric_limits<Was>::lowest(), Was{1}, std::numeric_limits<Was>::max()}) {
                CHECK(moved<Is>(value) == static_cast<Is>(value));
                CHECK(static_cast<Was>(moved<Is>(value)) == value);
            }
        };
        one(std::int8_t{}, "i8"), one(std::int16_t{}, "i16"), one(std::int32_t{}, "i32"), one(std::int64_t{}, "i64");
        one(std::uint8_t{}, "u8"), one(std::uint16_t{}, "u16"), one(std::uint32_t{}, "u32");
        one(std::uint64_t{}, "u64");
        one(0.0F, "f32"), one(0.0, "f64");
    };
    check_all(std::int8_t{}, "i16 i32 i64 f64"), check_all(std::int16_t{}, "i32 i64 f64");
    check_all(std::int32_t{}, "i64 f64"), check_all(std::int64_t{}, "");
    check_all(std::uint8_t{}, "u16 u32 u64 i16 i32 i64 f64"), check_all(std::uint16_t{}, "u32 u64 i32 i64 f64");
    check_all(std::uint32_t{}, "u64 i64 f64"), check_all(std::uint64_t{}, "");
    check_all(0.0F, "f64"), check_all(0.0, "");
}

TEST_CASE("what cannot be read is a sentence with the field, what it was and what it is", "[record]") {
    CHECK(sentence<versions<1>, versions<0>>() ==
          "field 'field' was u32 and is i32, which cannot hold every value it had");
    CHECK(sentence<versions<0>, versions<2>>() == "field 'field' was i32 and is text");
    CHECK(sentence<versions<3>, versions<0>>() ==
          "field 'field' was struct{size:u32,fresh:u64,word:optional<text>} and is i32");
    CHECK(sentence<versions<4>, versions<0>>() == "field 'field' was optional<i32> and is i32");
    CHECK(sentence<versions<5>, versions<6>>() ==
          "field 'field[]' was i64 and is i32, which cannot hold every value it had");
    CHECK(sentence<std::int64_t, std::string>() == "it was i64 and is text");
    CHECK(sentence<std::array<int, 2>, std::array<int, 3>>() == "it was array<i32,2> and is array<i32,3>");
    CHECK(sentence<std::tuple<int>, std::tuple<int, int>>() == "it was tuple<i32> and is tuple<i32,i32>");
    CHECK(sentence<std::tuple<int, bool>, std::tuple<int, char>>() == "field '[1]' was bool and is char");
    CHECK(sentence<std::map<std::string, bool>, std::map<std::string, char>>() == "field '[]' was bool and is char");
    CHECK(sentence<std::vector<int>, std::set<int>>() == "it was list<i32> and is set<i32>");
    CHECK(sentence<weir::timestamp, weir::duration>() == "it was time and is duration");
    CHECK(sentence<weir::duration, std::chrono::milliseconds>() == "it was duration and is duration<1/1000>");
    // Two keys might become one.
    CHECK(sentence<std::set<std::pair<int, int>>, std::set<std::pair<int, std::int64_t>>>() ==
          "field '[key]' was tuple<i32,i32> and is tuple<i32,i64>");
    CHECK(weir::why_incompatible<int>("list<") == "it was list< and is i32");
}

TEST_CASE("enums keep their numbers", "[record]") {
    CHECK(sentence<before::color, now::color>() == "");
    CHECK(moved<now::color>(before::color::green) == now::color::green);
    CHECK(sentence<now::color, before::color>() ==
          "it was enum{blue=1,red=0,green=5,black} and is enum{red,green=5}: 'blue' is gone");
    CHECK(sentence<before::color, renumbered>() ==
          "it was enum{red,green=5} and is enum{green,red}: 'red' was 0 and is 1");
    CHECK(sentence<before::color, shorter>() == "it was enum{red,green=5} and is enum{red}: 'green' is gone");
    CHECK(moved<large>(small::one) == large::one);
    CHECK(sentence<large, small>() == "it was enum:i32 and is enum:u8");
    CHECK(sentence<small, shorter>() == "it was enum:u8 and is enum{red}");
}

TEST_CASE("types with an encoding of their own are the same or refused", "[record]") {
    purse was{7, {}};
    was.coin.cents = 12;
    const auto is = moved<same_purse>(was);
    CHECK(is.x == 7);
    CHECK(is.coin.cents == 12);
    CHECK(sentence<purse, later_purse>() == "field 'coin' was coin and is coin of 64 bits");
    CHECK(sentence<purse, empty_purse>() ==
          "field 'coin', which was coin, is gone and cannot be passed over: only coin itself knows where its bytes "
          "end");
    CHECK(sentence<counting_purse, masked_purse>() ==
          "field 'coin' has an encoding of its own, which has changed: what it belongs to was struct{coin:i32} and is "
          "struct{coin:i64}");
}

TEST_CASE("what has no content is written as a zero, before and after", "[record]") {
    CHECK(moved<empty_purse>(nothing{}).x == 0);
    static_cast<void>(moved<nothing>(empty_purse{3}));
    CHECK(moved<std::vector<empty_purse>>(std::vector<nothing>(3)).size() == 3);
    static_cast<void>(moved<std::array<std::int64_t, 0>>(std::array<std::int32_t, 0>{}));
}

TEST_CASE("a rename is of the field that it names, and of no other", "[record]") {
    CHECK(sentence<before::item, now::item>({{"word", "missing"}}) ==
          "field 'word', which was text, is declared to be 'missing' now, which is no field");
    CHECK(sentence<before::item, now::item>({{"word", "size"}}) ==
          "field 'word' was text and is u32; field 'size' would be made of two: of 'word', which was text, and of "
          "'size', which was u8");
    CHECK(sentence<before::item, now::item>({{"gone", "word"}}) ==
          "field 'word' would be made of two: of 'word', which was text, and of 'gone', which was bool");
    // A rule that has done its work may stay.
    CHECK(sentence<now::item, now::item>({{"text", "word"}}) == "");
    CHECK(sentence<before::item, now::item>({{"text", "word"}}) == "");
    // Names may be exchanged, and it holds within lists and maps.
    CHECK(moved<before::item>(before::item{"a", 1, true}, {{"gone", "word"}}).gone);
    const auto items = moved<std::vector<now::item>>(std::vector<before::item>{{"a", 1, true}}, {{"[].size", "fresh"}});
    CHECK(items == std::vector<now::item>{{0, 1, "a"}});
}
