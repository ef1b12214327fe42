// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace fraud {
namespace {

constexpr std::array cities{
    city{"London", {5150740, -12780}, 90},     city{"Paris", {4885660, 235220}, 110},
    city{"Madrid", {4041680, -370380}, 65},    city{"Barcelona", {4138510, 217340}, 55},
    city{"Rome", {4190280, 1249640}, 45},      city{"Milan", {4546420, 919000}, 45},
    city{"Berlin", {5252000, 1340500}, 45},    city{"Hamburg", {5355110, 999370}, 25},
    city{"Munich", {4813510, 1158200}, 30},    city{"Cologne", {5093750, 696030}, 25},
    city{"Vienna", {4820820, 1637380}, 25},    city{"Zurich", {4737690, 854170}, 15},
    city{"Brussels", {5085030, 435170}, 20},   city{"Amsterdam", {5236760, 490410}, 25},
    city{"Copenhagen", {5567610, 1256830}, 18}, city{"Stockholm", {5932930, 1806860}, 20},
    city{"Oslo", {5991390, 1075220}, 12},      city{"Helsinki", {6016990, 2493840}, 13},
    city{"Warsaw", {5222970, 2101220}, 30},    city{"Prague", {5007550, 1443780}, 20},
    city{"Budapest", {4749790, 1904020}, 20},  city{"Lyon", {4576400, 483570}, 20},
    city{"Marseille", {4329650, 536980}, 16},  city{"Lisbon", {3872230, -913930}, 22},
    city{"Porto", {4115790, -862910}, 14},     city{"Dublin", {5334980, -626030}, 14},
    city{"Athens", {3798380, 2372750}, 20},    city{"Naples", {4085180, 1426810}, 20},
    city{"New York", {4071280, -7400600}, 0},  city{"Miami", {2576170, -8019180}, 0},
    city{"Sao Paulo", {-2355050, -4663330}, 0}, city{"Istanbul", {4100820, 2897840}, 0},
    city{"Dubai", {2520480, 5527080}, 0},      city{"Lagos", {652440, 337920}, 0},
    city{"Bangkok", {1375630, 10050180}, 0},   city{"Hong Kong", {2231930, 11416940}, 0},
    city{"Tokyo", {3567620, 13965030}, 0},     city{"Sydney", {-3386880, 15120930}, 0},
};
constexpr auto city_count = static_cast<std::uint32_t>(cities.size());

constexpr std::uint32_t all_people = [] {
    std::uint32_t sum = 0;
    for (const city& each : cities) sum += each.people;
    return sum;
}();

struct trade {
    std::string_view name;
    double price_level;
};
constexpr std::array trades{
    trade{"Market", 1.1},      trade{"Bakery", 0.5},     trade{"Market", 1.3},   trade{"Cafe", 0.45},
    trade{"Fuel", 1.6},        trade{"Market", 0.9},     trade{"Pharmacy", 0.8}, trade{"Restaurant", 1.2},
    trade{"Supermarket", 1.6}, trade{"Kiosk", 0.5},      trade{"Fashion", 1.9},  trade{"Restaurant", 1.5},
    trade{"Market", 1},        trade{"Electronics", 2.5}, trade{"Hotel", 2.8},   trade{"Transport", 0.6},
};
constexpr std::array online_trades{
    trade{"Webshop", 1.4}, trade{"Streaming", 0.6}, trade{"Tickets", 1.8}, trade{"Webshop", 1}, trade{"Games", 0.9},
};

// Of the cards, how many in a hundred transact how often: most seldom, few all the time.
struct habit {
    std::uint32_t cards_of_100;
    std::uint32_t rate;
};
constexpr std::array habits{habit{30, 3}, habit{35, 8}, habit{22, 15}, habit{10, 30}, habit{3, 60}};
constexpr std::uint32_t all_rates = [] {
    std::uint32_t sum = 0;
    for (const habit& each : habits) sum += each.cards_of_100 * each.rate;
    return sum;
}();

constexpr std::uint32_t usual_merchants = 8;
constexpr std::uint64_t hour_ms = 3'600'000;
constexpr std::uint64_t day_ms = 24 * hour_ms;
constexpr std::uint64_t trips_every_ms = 28 * day_ms;

const trade& trade_of(const merchant& shop) {
    const std::uint64_t mixed = scatter(shop.number + 1);
    return shop.online ? online_trades[mixed % online_trades.size()] : trades[mixed % trades.size()];
}

// No shorter than the great circle, and found without sines.
double most_km(const place& from, const place& to) {
    const std::int32_t across = std::abs(from.lon - to.lon);
    const std::int32_t degrees = std::abs(from.lat - to.lat) + std::min(across, 36'000'000 - across);
    return static_cast<double>(degrees) * (111.2 / 1e5);
}

// From door to door, at a speed that nobody finds impossible.
std::uint64_t travel_ms(std::uint32_t from, std::uint32_t to) {
    const double hours = 2 + most_km(cities[from].at, cities[to].at) / 700;
    return static_cast<std::uint64_t>(hours * static_cast<double>(hour_ms));
}

void append_number(std::string& out, std::uint64_t number) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

const city& city_of(std::uint32_t number) { return cities[number]; }

card_holder world::holder(std::uint32_t card) const {
    card_holder made;
    made.seed = seed_of(seed_, card);
    dice random(made.seed);
    std::uint32_t person = random.below(all_people);
    while (person >= cities[made.home].people) person -= cities[made.home++].people;
    made.usual_cents = 2'200 * random.log_normal(0.45);
    made.spread = 0.3 + 0.2 * random.share();
    made.online_share = 0.04 + 0.2 * random.share();
    return made;
}

// Multiplying by a number without common divisor with their count gives every card another number.
void world::append_card(std::string& out, std::uint32_t card) const {
    constexpr std::uint64_t count = 900'000'000'000;
    const std::uint64_t mixed = card * std::uint64_t{2'654'435'761} + scatter(seed_) % count;
    append_number(out, 100'000'000'000 + mixed % count);
}

std::uint32_t world::pick_card(dice& random) const {
    std::uint32_t rate = random.below(all_rates);
    std::uint64_t cards_before = 0;
    for (const habit& each : habits) {
        const std::uint32_t rates = each.cards_of_100 * each.rate;
        if (rate < rates) {
            const auto first = static_cast<std::uint32_t>(cards_before * cards_ / 100);
            const auto end = static_cast<std::uint32_t>((cards_before + each.cards_of_100) * cards_ / 100);
            if (first < end) return first + random.below(end - first);
            break;  // of so few cards, none has this habit
        }
        rate -= rates;
        cards_before += each.cards_of_100;
    }
    return random.below(cards_);
}

// Every four weeks some go on a trip, which ends before the four weeks do.
world::whereabouts world::find(const card_holder& holder, std::uint64_t at_ms) const {
    dice random(seed_of(holder.seed, 1 + at_ms / trips_every_ms));
    if (!random.happens(0.18)) return {false, holder.home};
    std::uint32_t goal = random.below(city_count);
    if (goal == holder.home) goal = (goal + 1) % city_count;
    const std::uint64_t leaves = random.below(17 * 24) * hour_ms;
    const std::uint64_t stays = random.between(2 * 24, 7 * 24) * hour_ms;
    const std::uint64_t travels = travel_ms(holder.home, goal);
    const std::uint64_t at = at_ms % trips_every_ms;
    if (at < leaves || at >= leaves + travels + stays + travels) return {false, holder.home};
    if (at < leaves + travels || at >= leaves + travels + stays) return {true, holder.home};
    return {false, goal};
}

std::uint32_t world::pick_far_city(std::uint32_t from, dice& random) const {
    std::uint32_t found = random.below(city_count);
    while (most_km(cities[from].at, cities[found].at) < 1'000) found = (found + 1) % city_count;
    return found;
}

std::uint32_t world::merchants_in(std::uint32_t city) const {
    const std::uint64_t holders = std::uint64_t{cards_} * cities[city].people / all_people;
    return static_cast<std::uint32_t>(30 + holders / 4);
}

merchant world::pick_merchant(const card_holder& holder, std::uint32_t city, dice& random) const {
    const std::uint32_t count = merchants_in(city);
    if (city != holder.home || random.happens(0.35)) return {false, city, random.small_below(count)};
    dice usual(seed_of(holder.seed, (std::uint64_t{1} << 32U) + random.small_below(usual_merchants)));
    return {false, city, usual.small_below(count)};
}

merchant world::pick_online(dice& random) const { return {true, 0, random.small_below(merchants_online())}; }

void world::append_name(std::string& out, const merchant& shop) const {
    out += trade_of(shop).name;
    out += ' ';
    if (shop.online) {
        out += "online ";
    } else {
        out += cities[shop.city].name;
        out += ' ';
    }
    append_number(out, shop.number + 1);
}

place world::where(const merchant& shop) const {
    dice random(seed_of(seed_of(seed_, ~std::uint64_t{shop.city}), shop.number));
    const place& centre = cities[shop.city].at;
    const auto around = [&](std::int32_t most) {
        return static_cast<std::int32_t>(random.between(0, static_cast<std::uint32_t>(2 * most))) - most;
    };
    const std::int32_t north = around(9'000);
    return {centre.lat + north, centre.lon + around(14'000)};
}

double world::price_level(const merchant& shop) const { return trade_of(shop).price_level; }

}  // namespace fraud
