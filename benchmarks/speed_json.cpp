// SPDX-License-Identifier: Apache-2.0
// JSON Lines of 200 bytes in memory to structs: weir's decoder against simdjson's on-demand reading, that is, its
// iterate_many over all of the text, which trusts its input. And back: weir's encoder against one fmt call per record.
#include <fmt/compile.h>
#include <simdjson.h>

#include <random>

#include <weir/json/json_decoder.hpp>
#include <weir/record/json_encoder.hpp>

#include "speed.hpp"

namespace speed {
namespace {

enum class channel { card, online };
BOOST_DESCRIBE_ENUM(channel, card, online)
struct position {
    double lat = 0;
    double lon = 0;
};
BOOST_DESCRIBE_STRUCT(position, (), (lat, lon))
struct purchase {
    std::uint64_t id = 0;
    std::uint32_t card = 0;
    weir::timestamp at{};
    double amount = 0;
    std::string merchant;
    std::string city;
    channel how{};
    position where;
    bool fraud = false;
};
BOOST_DESCRIBE_STRUCT(purchase, (), (id, card, at, amount, merchant, city, how, where, fraud))

void take(checksum& total, const purchase& each) {
    total.take(each.amount + each.where.lat + each.where.lon);
    total.bits += each.id + each.card + each.merchant.size() + each.city.size() + (each.fraud ? 1 : 0);
    total.bits += static_cast<std::uint64_t>(each.at.time_since_epoch().count()) + (each.how == channel::card ? 7 : 0);
}

std::vector<purchase> make_purchases(std::size_t records) {
    std::mt19937_64 random(7);
    std::vector<purchase> made(records);
    for (std::size_t i = 0; i < records; ++i) {
        const auto decimals = [&random](std::uint64_t range, double parts) {
            return static_cast<double>(random() % range) / parts;
        };
        made[i].id = random() >> 20U;
        made[i].card = static_cast<std::uint32_t>(random() % 100'000);
        made[i].at = weir::timestamp{std::chrono::milliseconds{1'700'000'000'000 + static_cast<std::int64_t>(i)}};
        made[i].amount = decimals(1'000'000, 100);
        made[i].merchant = "merchant number " + std::to_string(random() % 100'000);
        made[i].city = "City of " + std::to_string(random() % 1'000'000);
        made[i].how = random() % 2 == 0 ? channel::card : channel::online;
        made[i].where = {decimals(18'000'000, 1e5) - 90, decimals(36'000'000, 1e5) - 180};
        made[i].fraud = random() % 50 == 0;
    }
    return made;
}

// Times as milliseconds: reading RFC 3339 is no part of simdjson.
std::string make_lines(std::size_t records) {
    std::string text;
    for (const purchase& each : make_purchases(records)) {
        fmt::format_to(std::back_inserter(text),
                       R"({{"id":{},"card":{},"at":{},"amount":{:.2f},"merchant":"{}","city":"{}","how":"{}",)"
                       R"("where":{{"lat":{:.5f},"lon":{:.5f}}},"fraud":{}}})" "\n",
                       each.id, each.card,
                       std::chrono::duration_cast<std::chrono::milliseconds>(each.at.time_since_epoch()).count(),
                       each.amount, each.merchant, each.city, weir::enum_name(each.how), each.where.lat,
                       each.where.lon, each.fraud);
    }
    return text;
}

checksum bare(const simdjson::padded_string& text) {
    checksum total;
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document_stream lines = parser.iterate_many(text, std::size_t{1} << 20U);
    for (auto line : lines) {
        purchase each;
        simdjson::ondemand::object object = line.get_object();
        each.id = object["id"].get_uint64();
        each.card = static_cast<std::uint32_t>(std::uint64_t{object["card"].get_uint64()});
        each.at = weir::timestamp{std::chrono::milliseconds{std::int64_t{object["at"].get_int64()}}};
        each.amount = object["amount"].get_double();
        each.merchant = std::string_view{object["merchant"].get_string()};
        each.city = std::string_view{object["city"].get_string()};
        each.how = std::string_view{object["how"].get_string()} == "card" ? channel::card : channel::online;
        simdjson::ondemand::object where = object["where"].get_object();
        each.where.lat = where["lat"].get_double();
        each.where.lon = where["lon"].get_double();
        each.fraud = object["fraud"].get_bool();
        take(total, each);
    }
    return total;
}

checksum decoded(std::string_view text) {
    checksum total;
    weir::json_decoder<purchase> decoder("memory");
    const auto on_record = [&](purchase&& each) { take(total, each); };
    const auto on_bad = [](weir::bad_record&& each) { throw weir::error(weir::error_kind::input, each.sentence()); };
    decoder.decode(text, true, ~std::size_t{0}, on_record, on_bad);
    return total;
}

contest read_lines(std::size_t records) {
    auto text = std::make_shared<simdjson::padded_string>(make_lines(records));
    return {records, [text] { return decoded(*text); }, [text] { return bare(*text); }, {}};
}

// Both sides write whole records to one string, which is taken from time to time.
template <class Append>
checksum written(const std::vector<purchase>& records, Append append) {
    checksum total;
    std::string text;
    for (const purchase& each : records) {
        append(text, each);
        ++total.rows;
        if (text.size() < (std::size_t{1} << 17U)) continue;
        total.bits += text.size();
        text.clear();
    }
    total.bits += text.size();
    return total;
}

contest write_lines(std::size_t records) {
    auto made = std::make_shared<std::vector<purchase>>(make_purchases(records));
    const auto by_hand = [](std::string& text, const purchase& each) {
        fmt::format_to(std::back_inserter(text),
                       FMT_COMPILE(R"({{"id":{},"card":{},"at":")"), each.id, each.card);
        weir::append_time(text, each.at);
        fmt::format_to(std::back_inserter(text),
                       FMT_COMPILE(R"(","amount":{},"merchant":"{}","city":"{}","how":"{}",)"
                                   R"("where":{{"lat":{},"lon":{}}},"fraud":{}}})" "\n"),
                       each.amount, each.merchant, each.city, each.how == channel::card ? "card" : "online",
                       each.where.lat, each.where.lon, each.fraud);
    };
    return {records,
            [made] {
                const weir::json_encoder<purchase> encoder;
                return written(*made, [&](std::string& text, const purchase& each) { encoder.append(text, each); });
            },
            [made, by_hand] { return written(*made, by_hand); },
            {}};
}

}  // namespace

void add_json_cases(std::vector<speed_case>& cases) {
    cases.push_back({"json", "JSON Lines to struct, against bare simdjson", 1 / 0.7, 300'000, read_lines});
    cases.push_back({"json_write", "struct to JSON Lines, against fmt", 1.0, 300'000, write_lines});
}

}  // namespace speed
