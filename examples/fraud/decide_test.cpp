// SPDX-License-Identifier: Apache-2.0
// Decisions against a brute force over all that came before, in every mode; late ones, the edges of rules, the score.
#include "decide.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <sstream>

#include <weir/record/json_encoder.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/requests.hpp>
#include <weir/testing/reference.hpp>
#include <weir/testing/simulation.hpp>

#include "generate.hpp"
#include "program_test.hpp"

namespace {

using namespace std::chrono_literals;
using namespace fraud_test;
namespace json = boost::json;

// A rule and its values, as text and numbers: what both the program and the brute force come to.
using named_values = std::map<std::string, double>;
using fired_rule = std::pair<std::string, named_values>;
struct expected_decision {
    std::string id, at, card, decision;
    std::vector<fired_rule> reasons;
};

struct arrival {
    std::int64_t at_ms;
    double amount;
    std::optional<double> lat, lon;
};

double haversine_km(const arrival& from, const arrival& to) {
    constexpr double radians = std::numbers::pi / 180;
    const double north = std::sin((*to.lat - *from.lat) * radians / 2);
    const double east = std::sin((*to.lon - *from.lon) * radians / 2);
    const double h = north * north + std::cos(*from.lat * radians) * std::cos(*to.lat * radians) * east * east;
    return 2 * 6371.0088 * std::asin(std::min(1.0, std::sqrt(h)));
}

void check_travel(const arrival& last, const arrival& now, std::vector<fired_rule>& fired) {
    if (!last.lat || !last.lon || !now.lat || !now.lon || last.at_ms == now.at_ms) return;
    const double km = haversine_km(last, now);
    const double speed = km / (static_cast<double>(std::abs(now.at_ms - last.at_ms)) / 3.6e6);
    if (speed > 900 && km > 300) {
        fired.emplace_back("impossible_travel", named_values{{"speed_kmh", speed}, {"distance_km", km}});
    }
}

void check_z(const std::vector<arrival>& before, double amount, std::vector<fired_rule>& fired) {
    if (before.size() < 3) return;
    const auto count = static_cast<long double>(before.size());
    long double sum = 0;
    for (const arrival& each : before) sum += each.amount;
    long double squares = 0;
    for (const arrival& each : before) squares += (each.amount - sum / count) * (each.amount - sum / count);
    if (squares == 0) return;
    const auto z = static_cast<double>((amount - sum / count) / std::sqrt(squares / (count - 1)));
    if (z > 3) {
        fired.emplace_back("amount_z", named_values{{"amount", amount}, {"amount_z", z}});
    }
}

// The rules as the README says them, with nothing remembered but the transactions themselves. `before` are those of the
// card, in order of arrival.
std::vector<fired_rule> rules_that_fire(const std::vector<arrival>& before, const arrival& now) {
    std::vector<fired_rule> fired;
    unsigned in_5m = 1;
    unsigned in_7d = 1;
    long double sum_7d = now.amount;
    for (const arrival& each : before) {
        const auto within = [&](std::int64_t ms) { return each.at_ms > now.at_ms - ms && each.at_ms <= now.at_ms; };
        if (within(300'000)) ++in_5m;
        if (!within(7 * 86'400'000)) continue;
        ++in_7d;
        sum_7d += each.amount;
    }
    if (in_5m >= 3) fired.emplace_back("velocity", named_values{{"count_5m", in_5m}});
    if (!before.empty()) check_travel(before.back(), now, fired);
    check_z(before, now.amount, fired);
    const auto mean = static_cast<double>(sum_7d / in_7d);
    if (now.amount > 10 * mean) {
        fired.emplace_back("amount_over_mean", named_values{{"amount", now.amount}, {"mean_7d", mean}});
    }
    return fired;
}

// Of a file whose times are milliseconds.
std::vector<expected_decision> brute_force(const std::string& text, std::int64_t disorder_ms) {
    const auto rows = rows_of(text);
    const auto column = [&](const char* name) {
        return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
    };
    const auto number = [](const std::string& field) {
        return field.empty() ? std::nullopt : std::optional{std::stod(field)};
    };
    std::map<std::string, std::vector<arrival>> cards;
    std::vector<expected_decision> made;
    std::optional<std::int64_t> newest;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto& row = rows[i];
        const arrival now{std::stoll(row[column("at")]), std::stod(row[column("amount")]), number(row[column("lat")]),
                          number(row[column("lon")])};
        expected_decision each{row[column("id")], row[column("at")], row[column("card")], "REVIEW", {}};
        if (newest && now.at_ms < *newest - disorder_ms) {
            const auto by = static_cast<double>(*newest - disorder_ms - now.at_ms);
            each.reasons.emplace_back("late", named_values{{"late_by_ms", by}});
        } else {
            std::vector<arrival>& before = cards[each.card];
            each.reasons = rules_that_fire(before, now);
            each.decision = each.reasons.empty() ? "APPROVE" : each.reasons.size() == 1 ? "REVIEW" : "BLOCK";
            before.push_back(now);
        }
        newest = std::max(newest.value_or(now.at_ms), now.at_ms);
        made.push_back(std::move(each));
    }
    return made;
}

// How often each rule fired.
std::map<std::string, std::size_t> check_lines(const std::string& text,
                                               const std::vector<expected_decision>& expected) {
    std::map<std::string, std::size_t> fired;
    std::istringstream lines(text);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line); ++number) {
        CAPTURE(number, line);
        REQUIRE(number < expected.size());
        const expected_decision& wanted = expected[number];
        const json::object object = json::parse(line).as_object();
        REQUIRE(object.size() == 5);
        REQUIRE(object.at("id").as_string() == wanted.id);
        REQUIRE(object.at("at").as_string() == wanted.at);
        REQUIRE(object.at("card").as_string() == wanted.card);
        REQUIRE(object.at("decision").as_string() == wanted.decision);
        const json::array& reasons = object.at("reasons").as_array();
        REQUIRE(reasons.size() == wanted.reasons.size());
        for (std::size_t i = 0; i < reasons.size(); ++i) {
            const auto& [rule, values] = wanted.reasons[i];
            const json::object& reason = reasons[i].as_object();
            REQUIRE(reason.at("rule").as_string() == rule);
            REQUIRE(reason.size() == values.size() + 1);
            for (const auto& [name, value] : values) {
                CAPTURE(rule, name);
                REQUIRE(reason.at(name).to_number<double>() == Approx(value).epsilon(1e-9));
            }
            ++fired[rule];
        }
    }
    REQUIRE(number == expected.size());
    return fired;
}

struct outcome_of_run {
    std::string bytes;
    fraud::score score;
    bool operator==(const outcome_of_run&) const = default;
};

outcome_of_run decide(const std::string& input, weir::duration disorder, const auto& runner) {
    const fraud::score_sink score;
    const std::string output = folder() + "decisions.jsonl";
    const weir::run_report report = weir::run(fraud::decide({{input}, output, disorder}, score), runner);
    CHECK(report.balanced());
    CHECK(report.of("decisions file").accepted == report.records);
    return {whole_file(output), report.output(score).front()};
}

// All modes and thread counts come to what the batch with one thread comes to.
outcome_of_run decide_in_all_modes(const std::string& input, weir::duration disorder, std::size_t few = 100) {
    const outcome_of_run batch = decide(input, disorder, weir::batch{});
    for (const unsigned threads : {1U, 2U, 4U}) {
        CAPTURE(threads);
        CHECK((decide(input, disorder, weir::batch{.threads = threads, .chunk = 7}) == batch));
        CHECK((decide(input, disorder, weir::micro_batch{.max_records = few, .threads = threads}) == batch));
        CHECK((decide(input, disorder, weir::micro_batch{.every = 1ms, .threads = threads}) == batch));
        CHECK((decide(input, disorder, weir::event_loop{.threads = threads}) == batch));
    }
    return batch;
}

std::string decide_text(const std::string& csv) {
    write_file(folder() + "small.csv", csv);
    REQUIRE(weir_fraud("decide --input " + folder() + "small.csv --output " + folder() + "small.jsonl") == 0);
    return whole_file(folder() + "small.jsonl");
}

}  // namespace

TEST_CASE("decisions are those of a brute force, in every mode: the case by others") {
    const auto made = decide_in_all_modes(oracle + "input.csv", 1h);
    auto fired = check_lines(made.bytes, brute_force(whole_file(oracle + "input.csv"), 3'600'000));
    CHECK(fired["late"] > 0);
    CHECK(fired["velocity"] > 0);
    CHECK(fired["impossible_travel"] > 0);
    CHECK(fired["amount_z"] > 0);
}

TEST_CASE("decisions are those of a brute force, in every mode: made-up transactions, some of them late") {
    const std::string input = folder() + "made_up.csv";
    weir::run(fraud::generate({60, 12'000, 60, 11}, input), weir::batch{});
    const auto made = decide_in_all_modes(input, 2s, 1'000);
    auto fired = check_lines(made.bytes, brute_force(whole_file(input), 2'000));
    for (const char* rule : {"late", "velocity", "impossible_travel", "amount_z", "amount_over_mean"}) {
        CAPTURE(rule);
        CHECK(fired[rule] > 0);
    }
}

TEST_CASE("decisions are those of a brute force, in every mode: the data that ships") {
    const std::string packed = std::string{WEIR_SOURCE_DIR} + "/examples/fraud/data/transactions.csv.gz";
    const std::string input = folder() + "shipped.csv";
    REQUIRE(std::system(("gzip -dc '" + packed + "' >" + input).c_str()) == 0);
    const auto made = decide_in_all_modes(packed, 1h, 10'000);
    check_lines(made.bytes, brute_force(whole_file(input), 3'600'000));
}

TEST_CASE("each rule fires above its limit, and not at it") {
    const std::string header = "id,at,card,merchant,amount,lat,lon\n";
    SECTION("velocity: the third in five minutes, of which the oldest moment is not part") {
        CHECK(decide_text(header + "a,0,c,m,1,,\nb,1000,c,m,1,,\nc,300000,c,m,1,,\nd,300999,c,m,1,,\n"
                                   "e,300999,other,m,1,,\n") ==
              R"({"id":"a","at":"0","card":"c","decision":"APPROVE","reasons":[]})" "\n"
              R"({"id":"b","at":"1000","card":"c","decision":"APPROVE","reasons":[]})" "\n"
              R"({"id":"c","at":"300000","card":"c","decision":"APPROVE","reasons":[]})" "\n"
              R"({"id":"d","at":"300999","card":"c","decision":"REVIEW",)"
              R"("reasons":[{"rule":"velocity","count_5m":3}]})" "\n"
              R"({"id":"e","at":"300999","card":"other","decision":"APPROVE","reasons":[]})" "\n");
    }
    SECTION("travel: 334 km in ten minutes, but not 289 km, not at once, and not without a position") {
        const std::string made = decide_text(header + "a,0,c,m,1,0,0\nb,600000,c,m,1,3,0\nc,1200000,c,m,1,5.6,0\n"
                                                      "d,1200000,c,m,1,50,0\ne,2000000,c,m,1,,\nf,2400000,c,m,1,9,9\n"
                                                      "g,2800000,c,m,1,9,\nh,90000000,c,m,1,40,40\n");
        CAPTURE(made);
        CHECK(std::count(made.begin(), made.end(), '\n') == 8);
        CHECK(made.find(R"("id":"b","at":"600000","card":"c","decision":"REVIEW",)"
                        R"("reasons":[{"rule":"impossible_travel","speed_kmh":2001.)") != std::string::npos);
        CHECK(made.find(R"("distance_km":333.58)") != std::string::npos);
        CHECK(made.find("REVIEW") == made.rfind("REVIEW"));
        CHECK(made.find("BLOCK") == std::string::npos);
    }
    SECTION("z and mean: eleven in a week, of which one is far larger; two rules block") {
        std::string rows;
        for (int i = 0; i < 10; ++i) rows += std::to_string(i) + "," + std::to_string(i * 3'600'000) + ",c,m,10,,\n";
        // Equal amounts have no deviation, so z is not known; 1000 is ten times the mean of eleven, and not more.
        CHECK(decide_text(header + rows + "x,36000000,c,m,1000,,\n").find("REVIEW") == std::string::npos);
        CHECK(decide_text(header + rows + "x,36000000,c,m,1001,,\n").find(
                  R"("decision":"REVIEW","reasons":[{"rule":"amount_over_mean","amount":1001,"mean_7d":)") !=
              std::string::npos);
        CHECK(decide_text(header + rows + "y,36000000,c,m,11,,\nx,36000001,c,m,2000,,\n").find(
                  R"("decision":"BLOCK","reasons":[{"rule":"amount_z","amount":2000,"amount_z":)") !=
              std::string::npos);
    }
}

TEST_CASE("a late transaction is for a person to look at, stands in its place, and enters no feature") {
    const std::string made =
        decide_text("id,at,card,merchant,amount\n"
                    "a,2024-01-01T02:00:00Z,c,m,1\nb,2024-01-01T00:59:59.5Z,c,m,1\nc,2024-01-01T02:00:01+00:00,c,m,1\n"
                    "d,2024-01-01T02:00:02Z,c,m,1\n");
    CHECK(made ==
          R"({"id":"a","at":"2024-01-01T02:00:00Z","card":"c","decision":"APPROVE","reasons":[]})" "\n"
          R"({"id":"b","at":"2024-01-01T00:59:59.5Z","card":"c","decision":"REVIEW",)"
          R"("reasons":[{"rule":"late","late_by_ms":500}]})" "\n"
          R"({"id":"c","at":"2024-01-01T02:00:01+00:00","card":"c","decision":"APPROVE","reasons":[]})" "\n"
          R"({"id":"d","at":"2024-01-01T02:00:02Z","card":"c","decision":"REVIEW",)"
          R"("reasons":[{"rule":"velocity","count_5m":3}]})" "\n");
}

TEST_CASE("whatever the amounts and names, every line is JSON") {
    std::string rows = "id,at,card,merchant,amount\n";
    for (int i = 0; i < 4; ++i) {
        const std::string at = std::to_string(i * 1'000'000);
        rows += "\"a\n\"\"" + std::to_string(i) + "\x1b\"," + at + ",\"c\\\"\"é\",m,-1.7e308\n";
        rows += "b," + at + ",c,m," + std::to_string(i) + "\n";
    }
    const std::string made = decide_text(rows + "z,5000000,\"c\\\"\"é\",m,1.7e308\n");
    std::istringstream lines(made);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        CAPTURE(line);
        const json::object object = json::parse(line).as_object();
        CHECK(object.size() == 5);
    }
    CHECK(count == 9);
    CHECK(made.find(R"("mean_7d":"-inf")") != std::string::npos);
}

TEST_CASE("the score counts decisions and rules against what is known of fraud") {
    decide_text("id,at,card,merchant,amount,fraud\n"
                "1,0,c,m,1,0\n2,1000,c,m,1,1\n3,2000,c,m,1,1\n4,3000,c,m,1,0\n5,4000,c,m,1,\n6,5000,c,m,1,true\n"
                "7,9000000,c,m,1,0\n8,6000,c,m,1,1\n9,6000,c,m,1,\n");
    const std::string said = whole_file(folder() + "out.txt");
    CAPTURE(said);
    CHECK(said.ends_with("decision               not fraud       fraud     unknown\n"
                         "APPROVE                        2           1           0\n"
                         "REVIEW                         1           3           2\n"
                         "BLOCK                          0           0           0\n"
                         "\n"
                         "rule                       fired    on fraud   precision      recall\n"
                         "velocity                       3           2      66.6 %      50.0 %\n"
                         "impossible_travel              0           0           -       0.0 %\n"
                         "amount_z                       0           0           -       0.0 %\n"
                         "amount_over_mean               0           0           -       0.0 %\n"
                         "late                           1           1     100.0 %      25.0 %\n"
                         "REVIEW or BLOCK                4           3      75.0 %      75.0 %\n"
                         "BLOCK                          0           0           -       0.0 %\n"));
    decide_text("id,at,card,merchant,amount\n1,0,c,m,1\n");
    CHECK(whole_file(folder() + "out.txt").ends_with("Of no transaction it is known whether it was fraud.\n"));
}

TEST_CASE("decisions of transactions from memory are those of the reference run, with limits of one's own") {
    fraud::traffic traffic({5, 300, 1, 3});
    std::vector<fraud::transaction> records;
    for (int i = 0; i < 300; ++i) records.push_back(traffic.next());
    fraud::rules limits;
    limits.count_5m = 2;
    const auto sink = weir::collect_stamped<fraud::card_decision>();
    const weir::graph graph("decisions",
                            fraud::decisions(weir::memory(records)
                                                 | weir::event_time([](const auto& each) { return each.at.value; },
                                                                    weir::out_of_order(2s)),
                                             limits)
                                | weir::into(sink));
    weir::testing::simulation where(1);
    const auto reference = weir::testing::reference_run(graph, where);
    const auto& wanted = reference.output(sink);
    REQUIRE(wanted.size() == 300);
    std::size_t twice = 0;
    for (const auto& each : wanted) {
        if (each.record.reasons.velocity && each.record.reasons.velocity->count_5m == 2) ++twice;
    }
    CHECK(twice > 0);
    CHECK(weir::run(graph, weir::event_loop{}).output(sink) == wanted);
    CHECK(weir::run(graph, weir::batch{.threads = 2, .chunk = 7}).output(sink) == wanted);
}

TEST_CASE("asked one by one, the decisions are those that decide writes") {
    const std::string input = folder() + "to_ask.csv";
    weir::run(fraud::generate({20, 10'000, 1, 4}, input), weir::batch{});
    const auto records = weir::collect<fraud::labelled_transaction>();
    const std::vector<std::string> files{input};
    const auto read = weir::run(
        weir::graph("read", weir::csv_files<fraud::labelled_transaction>(files) | weir::into(records)), weir::batch{});

    const auto requests = weir::requests<fraud::labelled_transaction, fraud::card_decision>();
    auto engine = weir::start(weir::graph("asked", fraud::decisions(requests
                                                                    | weir::event_time(
                                                                        [](const auto& each) { return each.at.value; },
                                                                        weir::out_of_order(2s)))
                                                       | weir::reply(requests)),
                              weir::event_loop{});
    std::string lines;
    std::size_t late = 0;
    const weir::json_encoder<fraud::card_decision> encoder;
    for (const fraud::labelled_transaction& each : read.output(records)) {
        const weir::result<fraud::card_decision> made = engine.ask(requests, each, 10s);
        REQUIRE(made.has_value());
        encoder.append(lines, *made);
        late += made->reasons.late ? 1U : 0U;
    }
    CHECK(late > 0);
    CHECK(lines == decide(input, 2s, weir::batch{}).bytes);
}

TEST_CASE("decide refuses bad arguments and bad files with a sentence, exit code 2 and no file") {
    const std::string good = oracle + "input.csv";
    refuse("decide --input " + folder() + "missing.csv", "missing.csv");
    refuse("decide --input " + good + " --mode stream", "--mode");
    refuse("decide --input " + good + " --threads 0", "--threads");
    refuse("decide --input " + good + " --max-disorder soon", "--max-disorder");
    refuse("decide --input " + good + " --interval 0s", "--interval");
    refuse("decide --input " + good + " --unknown 1", "--unknown");
    refuse("decide", "--input");
    CHECK(weir_fraud("decide --input " + good + " --output " + good) == 2);
    CHECK(weir_fraud("decide --input " + good + " --output /dev/stdout") == 2);
    CHECK(weir_fraud("decide --input " + good + " --output " + folder() + "no/such/folder/x.jsonl") == 2);
    CHECK(weir_fraud("explain everything") == 2);

    const std::string header = "id,at,card,merchant,amount,fraud\n";
    write_file(folder() + "bad.csv", header + "1,1,c,m,1,0\n2,2,c,m,1,maybe\n");
    refuse("decide --input " + folder() + "bad.csv", "bad.csv:3:");
    write_file(folder() + "bad.csv", header + "1,1,c,m,1,0\n2,2,c,m\n");
    refuse("decide --input " + folder() + "bad.csv", "bad.csv:3:");
}
