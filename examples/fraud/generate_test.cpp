// SPDX-License-Identifier: Apache-2.0
// Made-up transactions: the same bytes for the same seed, as many as asked for, out of order by seconds, and like life.
#include "generate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <weir/base/stable_hash.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/csv.hpp>
#include <weir/weir.hpp>

#include "program_test.hpp"

namespace {

using namespace std::chrono_literals;
using namespace fraud_test;

std::string file_of(const fraud::traffic_options& options) {
    const std::string path = folder() + "generated.csv";
    weir::run(fraud::generate(options, path), weir::batch{});
    return whole_file(path);
}

// As features and decide would read them.
std::vector<fraud::labelled_transaction> read_back(const fraud::traffic_options& options) {
    static_cast<void>(file_of(options));
    const std::vector<std::string> files{folder() + "generated.csv"};
    const auto sink = weir::collect<fraud::labelled_transaction>();
    const auto report = weir::run(
        weir::graph("read back", weir::csv_files<fraud::labelled_transaction>(files) | weir::into(sink)),
        weir::batch{});
    return report.output(sink);
}

double share(std::size_t part, std::size_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

}  // namespace

TEST_CASE("the same seed gives the same bytes, on every machine") {
    const fraud::traffic_options options{200, 20'000, 30, 42};
    const std::string text = file_of(options);
    // Pinned: files that others have made before must not change.
    CHECK(weir::hash_bytes(text.data(), text.size()) == 0x9dc41becdbf590d1U);
    CHECK(text.starts_with("id,at,card,merchant,amount,lat,lon,fraud\n1,"));
    CHECK(file_of(options) == text);
    CHECK(file_of({200, 20'000, 30, 43}) != text);

    const std::string arguments = "generate --cards 200 --transactions 20000 --days 30 --seed 42 --output " + folder();
    REQUIRE(weir_fraud(arguments + "by_command.csv") == 0);
    CHECK(whole_file(folder() + "by_command.csv") == text);
}

TEST_CASE("the random numbers, and e to the power of x, are what they are everywhere") {
    fraud::dice random(1);
    CHECK(random.next() == 0x910a2dec89025cc1U);
    CHECK(random.below(1'000) == 745);
    for (double x = -20; x < 20; x += 0.37) CHECK(fraud::exponential(x) == Approx(std::exp(x)).epsilon(1e-7));
    double sum = 0;
    double squares = 0;
    constexpr int draws = 100'000;
    for (int i = 0; i < draws; ++i) {
        const double z = random.normal();
        sum += z;
        squares += z * z;
    }
    CHECK(std::abs(sum / draws) < 0.02);
    CHECK(std::abs(squares / draws - 1) < 0.02);
}

TEST_CASE("there are as many transactions as asked for, in the days asked for, out of order by seconds") {
    for (const fraud::traffic_options& options :
         {fraud::traffic_options{500, 60'000, 20, 7}, {1, 1, 1, 0}, {1, 3'000, 1, 3}, {30, 5'000, 400, 4},
          {1'000'000'000, 1'000, 2, std::numeric_limits<std::uint64_t>::max()}}) {
        CAPTURE(options.cards, options.transactions, options.days);
        const auto rows = read_back(options);
        REQUIRE(rows.size() == options.transactions);
        const weir::timestamp start{std::chrono::milliseconds{fraud::traffic_start_ms}};
        weir::timestamp newest = start;
        std::size_t out_of_order = 0;
        std::set<std::string> cards;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const fraud::labelled_transaction& each = rows[i];
            REQUIRE(each.id.text == std::to_string(i + 1));
            REQUIRE(each.at.value >= start);
            REQUIRE(each.at.value < start + 24h * options.days);
            REQUIRE(newest - each.at.value <= 30s);
            REQUIRE(each.amount.value >= 0.5);
            REQUIRE(each.fraud.has_value());
            REQUIRE(each.lat.has_value() == each.lon.has_value());
            out_of_order += each.at.value < newest ? 1U : 0U;
            newest = std::max(newest, each.at.value);
            cards.insert(each.card.text);
        }
        CHECK(cards.size() <= options.cards);
        if (options.transactions == 60'000) {
            CHECK(cards.size() > 490);
            CHECK(share(out_of_order, rows.size()) > 0.01);
            CHECK(newest > start + 24h * 20 - 1h);
        }
    }
}

TEST_CASE("made-up transactions are like life") {
    const auto rows = read_back({1'000, 100'000, 60, 5});
    std::map<std::string, std::size_t> of_card;
    std::map<std::string, std::set<std::pair<double, double>>> places;
    std::map<std::string, std::vector<double>> logarithms;
    std::size_t frauds = 0;
    std::size_t tiny_frauds = 0;
    std::size_t without_place = 0;
    for (const fraud::labelled_transaction& each : rows) {
        ++of_card[each.card.text];
        without_place += each.lat ? 0U : 1U;
        frauds += each.fraud->value ? 1U : 0U;
        tiny_frauds += each.fraud->value && each.amount.value < 2 ? 1U : 0U;
        if (each.lat) places[each.merchant.text].emplace(*each.lat, *each.lon);
        CHECK((each.merchant.text.find("online") == std::string::npos) == each.lat.has_value());
        if (!each.fraud->value) logarithms[each.card.text].push_back(std::log(each.amount.value));
    }
    CHECK(share(frauds, rows.size()) > 0.005);
    CHECK(share(frauds, rows.size()) < 0.01);
    CHECK(share(tiny_frauds, frauds) > 0.2);
    CHECK(share(without_place, rows.size()) > 0.05);
    CHECK(share(without_place, rows.size()) < 0.25);
    for (const auto& [merchant, where] : places) {
        CAPTURE(merchant);
        CHECK(where.size() == 1);  // a merchant does not move
    }
    // Most cards are used between 0.3 and 5 times a day.
    const auto usual = std::count_if(of_card.begin(), of_card.end(), [](const auto& each) {
        return each.second >= 18 && each.second <= 300;
    });
    CHECK(share(static_cast<std::size_t>(usual), 1'000) > 0.7);
    // The amounts of a card are spread like a log-normal: the logarithms of most lie within two deviations.
    std::size_t within = 0;
    std::size_t all = 0;
    for (const auto& [card, values] : logarithms) {
        if (values.size() < 100) continue;
        double sum = 0;
        double squares = 0;
        for (const double each : values) sum += each;
        const double mean = sum / static_cast<double>(values.size());
        for (const double each : values) squares += (each - mean) * (each - mean);
        const double deviation = std::sqrt(squares / static_cast<double>(values.size()));
        CHECK(deviation > 0.3);
        CHECK(deviation < 1.5);
        all += values.size();
        within += static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [&](double each) {
            return std::abs(each - mean) < 2 * deviation;
        }));
    }
    CHECK(share(within, all) > 0.92);
    CHECK(share(within, all) < 0.98);
}

TEST_CASE("every card has a number of its own") {
    const fraud::world world(100'000, 9);
    std::set<std::string> numbers;
    for (std::uint32_t card = 0; card < 100'000; ++card) {
        std::string number;
        world.append_card(number, card);
        CHECK(number.size() == 12);
        numbers.insert(number);
    }
    CHECK(numbers.size() == 100'000);
}

TEST_CASE("a transaction of the made-up log depends on its number alone") {
    const fraud::numbered_traffic log({50, 1'000, 10, 3});
    const std::string fifth = log(5).merchant.text + log(5).at.text;
    CHECK(log(900).id.text == "901");
    CHECK(log(5).merchant.text + log(5).at.text == fifth);
    CHECK(log(6).id.text == "7");
}

TEST_CASE("generate refuses bad arguments with a sentence, exit code 2 and no file") {
    refuse("generate --cards 0", "--cards");
    refuse("generate --cards many", "--cards");
    refuse("generate --cards -3", "--cards");
    refuse("generate --transactions 0", "--transactions");
    refuse("generate --transactions 1.5", "--transactions");
    refuse("generate --days 0", "--days");
    refuse("generate --days 100000", "--days");
    refuse("generate --seed -1", "--seed");
    refuse("generate --seed x", "--seed");
    refuse("generate --input x", "--input");
    CHECK(weir_fraud("generate") == 2);
    CHECK(weir_fraud("generate --output " + folder() + "x.csv.gz") == 2);
    CHECK(whole_file(folder() + "err.txt").find("gzip") != std::string::npos);
    CHECK_FALSE(fs::exists(folder() + "x.csv.gz"));
    CHECK(weir_fraud("generate --transactions 10 --output /dev/null") == 2);
    CHECK(weir_fraud("generate --transactions 10 --output " + folder()) == 2);
    CHECK(weir_fraud("generate --transactions 10 --output " + folder() + "no/such/folder/x.csv") == 2);
}
