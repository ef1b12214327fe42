// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <weir/record/binary.hpp>
#include <weir/time/timestamp.hpp>

namespace {

enum class color : std::uint8_t { red, green = 5 };
BOOST_DESCRIBE_ENUM(color, red, green)
enum plain_enum { first_value, second_value };
BOOST_DESCRIBE_ENUM(plain_enum, first_value, second_value)
enum undescribed_plain { some_value };

struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

struct point {
    double x = 0;
    float y = 0;
    friend bool operator==(const point&, const point&) = default;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

// Writes its own bytes, and fewer than its members would.
class counter {
  public:
    counter() = default;
    explicit counter(std::uint16_t count) : count_(count) {}
    void save(weir::binary_writer& writer) const { writer.write_fixed(count_); }
    void load(weir::binary_reader& reader) { count_ = reader.read_fixed<std::uint16_t>(); }
    friend bool operator==(const counter&, const counter&) = default;

  private:
    std::uint16_t count_ = 0;
};

struct silent {
    void save(weir::binary_writer&) const {}
    void load(weir::binary_reader&) {}
    friend bool operator==(const silent&, const silent&) = default;
};

struct everything {
    bool yes = false;
    char letter = 'a';
    std::int8_t tiny = 0;
    std::uint64_t large = 0;
    double real = 0;
    color paint = color::red;
    plain_enum plain = first_value;
    std::string text;
    weir::timestamp at{};
    weir::duration lasting{};
    std::optional<double> maybe;
    std::array<point, 2> points{};
    int raw[3] = {0, 0, 0};
    std::vector<std::string> words;
    std::vector<std::uint32_t> numbers;
    std::vector<bool> bits;
    std::deque<point> queue;
    std::map<std::string, std::vector<int>> table;
    std::set<int> set;
    std::pair<int, std::string> pair;
    std::tuple<bool, point> tuple;
    counter own;
    silent quiet;
    friend bool operator==(const everything&, const everything&) = default;
};
BOOST_DESCRIBE_STRUCT(everything, (),
                      (yes, letter, tiny, large, real, paint, plain, text, at, lasting, maybe, points, raw, words,
                       numbers, bits, queue, table, set, pair, tuple, own, quiet))

struct no_bytes {
    void* pointer;
};
BOOST_DESCRIBE_STRUCT(no_bytes, (), (pointer))

template <class T>
std::string bytes_of(const T& value) {
    weir::binary_writer writer;
    weir::save(writer, value);
    return std::string(writer.text());
}

template <class T>
T value_of(std::string_view bytes) {
    weir::binary_reader reader(bytes);
    T value = weir::load<T>(reader);
    reader.expect_end();
    return value;
}

// Damaged snapshots are refused with the one kind of error that says so.
template <class T>
bool refused(std::string_view bytes) {
    try {
        (void)value_of<T>(bytes);
        return false;
    } catch (const weir::error& problem) {
        return problem.kind() == weir::error_kind::state;
    }
}

everything random_everything(std::mt19937_64& random) {
    const auto text = [&random] {
        std::string result(random() % 20, ' ');
        for (char& c : result) c = static_cast<char>(random());
        return result;
    };
    everything some;
    some.yes = random() % 2 == 0;
    some.letter = static_cast<char>(random());
    some.tiny = static_cast<std::int8_t>(random());
    some.large = random();
    some.real = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 100);
    some.paint = random() % 2 == 0 ? color::red : color::green;
    some.plain = random() % 2 == 0 ? first_value : second_value;
    some.text = text();
    some.at = weir::timestamp{weir::duration{static_cast<std::int64_t>(random())}};
    some.lasting = weir::duration{static_cast<std::int64_t>(random())};
    if (random() % 2 == 0) some.maybe = -1.5;
    some.points[1] = {1e300, -2.5F};
    some.raw[2] = static_cast<int>(random());
    for (auto i = random() % 5; i != 0; --i) {
        some.words.push_back(text());
        some.numbers.push_back(static_cast<std::uint32_t>(random()));
        some.bits.push_back(random() % 2 == 0);
        some.queue.push_back({static_cast<double>(i), 1.0F});
        some.table[text()].assign(random() % 3, 7);
        some.set.insert(static_cast<int>(random() % 100));
    }
    some.pair = {3, text()};
    some.tuple = {true, {4, 5}};
    some.own = counter(static_cast<std::uint16_t>(random()));
    return some;
}

}  // namespace

TEST_CASE("what has bytes is known when the program is compiled") {
    STATIC_REQUIRE(weir::storable<everything>);
    STATIC_REQUIRE(weir::storable<std::vector<std::optional<point>>>);
    STATIC_REQUIRE_FALSE(weir::storable<no_bytes>);
    STATIC_REQUIRE_FALSE(weir::storable<std::vector<int*>>);
    STATIC_REQUIRE_FALSE(weir::storable<long double>);
    STATIC_REQUIRE_FALSE(weir::storable<undescribed_plain>);
}

TEST_CASE("the bytes are little endian and of fixed width") {
    using namespace std::string_literals;
    CHECK(bytes_of(std::uint32_t{0x01020304}) == "\x04\x03\x02\x01"s);
    CHECK(bytes_of(std::int16_t{-2}) == "\xFE\xFF"s);
    CHECK(bytes_of(true) == "\x01"s);
    CHECK(bytes_of(1.0) == "\0\0\0\0\0\0\xF0\x3F"s);
    CHECK(bytes_of("ab"s) == "\2\0\0\0ab"s);
    CHECK(bytes_of(color::green) == "\5\0\0\0\0\0\0\0"s);
    CHECK(bytes_of(weir::timestamp{weir::duration{258}}) == "\2\1\0\0\0\0\0\0"s);
    CHECK(bytes_of(std::optional<std::uint8_t>{7}) == "\1\7"s);
    CHECK(bytes_of(std::optional<std::uint8_t>{}) == "\0"s);
    CHECK(bytes_of(std::vector<std::uint16_t>{1, 2}) == "\2\0\0\0\1\0\2\0"s);
    CHECK(bytes_of(std::tuple<std::uint8_t, bool>{9, true}) == "\x09\1"s);
    CHECK(bytes_of(nothing{}) == "\0"s);
    CHECK(bytes_of(silent{}) == "\0"s);
    CHECK(bytes_of(std::array<int, 0>{}) == "\0"s);
}

TEST_CASE("values come back to the bit") {
    std::mt19937_64 random(20240101);
    for (int round = 0; round < 200; ++round) {
        const everything some = random_everything(random);
        const std::string bytes = bytes_of(some);
        const everything back = value_of<everything>(bytes);
        REQUIRE(back == some);
        REQUIRE(bytes_of(back) == bytes);
    }
    CHECK(std::signbit(value_of<double>(bytes_of(-0.0))));
    CHECK(std::isnan(value_of<double>(bytes_of(std::numeric_limits<double>::quiet_NaN()))));
    CHECK(value_of<std::uint64_t>(bytes_of(~std::uint64_t{0})) == ~std::uint64_t{0});
}

TEST_CASE("loading replaces what was there") {
    everything target;
    target.words = {"old"};
    target.table["old"] = {1};
    target.maybe = 3;
    const std::string bytes = bytes_of(everything{});
    weir::binary_reader reader(bytes);
    weir::load(reader, target);
    CHECK(target == everything{});
}

TEST_CASE("bytes cut short at any length are refused") {
    std::mt19937_64 random(7);
    const std::string bytes = bytes_of(random_everything(random));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        INFO(length);
        REQUIRE(refused<everything>(std::string_view(bytes).substr(0, length)));
    }
    CHECK(refused<everything>(bytes + "x"));
}

TEST_CASE("damaged bytes are refused or read, never more") {
    std::mt19937_64 random(8);
    const std::string bytes = bytes_of(random_everything(random));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const char damage : {'\x00', '\x01', '\x7F', '\xFF'}) {
            std::string damaged = bytes;
            damaged[at] = damage;
            try {
                (void)value_of<everything>(damaged);
            } catch (const weir::error& problem) {
                REQUIRE(problem.kind() == weir::error_kind::state);
            }
        }
    }
    using namespace std::string_literals;
    CHECK(refused<bool>("\2"));
    CHECK(refused<nothing>("\1"));
    CHECK(refused<color>("\0\1\0\0\0\0\0\0"s));       // does not fit the underlying type
    CHECK(refused<plain_enum>("\2\0\0\0\0\0\0\0"s));  // has no name
    CHECK(refused<std::vector<double>>("\xFF\xFF\xFF\xFF"s));
    CHECK(refused<std::vector<nothing>>("\xFF\xFF\xFF\xFF"s));
    CHECK(refused<std::set<std::uint8_t>>("\2\0\0\0\5\5"s));
}

TEST_CASE("a writer that was cleared keeps nothing but its memory") {
    weir::binary_writer writer;
    weir::save(writer, std::string(1000, 'x'));
    const auto* block = writer.bytes().data();
    writer.clear();
    CHECK(writer.size() == 0);
    weir::save(writer, std::uint8_t{1});
    CHECK(writer.bytes().data() == block);
    CHECK(writer.size() == 1);
}
