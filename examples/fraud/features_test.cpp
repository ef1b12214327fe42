// SPDX-License-Identifier: Apache-2.0
// weir-fraud against a brute force by others, in every mode, and what it does with bad arguments and bad files.
#include "features.hpp"

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <weir/runtime/run.hpp>

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const std::string oracle = std::string{WEIR_SOURCE_DIR} + "/tests/oracles/fraud_features/";

std::string folder() {
    static const std::string made = [] {
        const fs::path path = fs::temp_directory_path() / ("weir-fraud-test-" + std::to_string(getpid()));
        fs::create_directories(path);
        return path.string() + "/";
    }();
    return made;
}

std::string whole_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

// Rows of fields; quoted ones without their quotes.
std::vector<std::vector<std::string>> rows_of(const std::string& text) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row{""};
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            row.emplace_back();
        } else if (c == '\n' && !quoted) {
            rows.push_back(std::move(row));
            row = {""};
        } else {
            row.back() += c;
        }
    }
    return rows;
}

bool same_value(const std::string& column, const std::string& left, const std::string& right) {
    if (left == right) return true;
    if (left.empty() || right.empty()) return false;
    const double l = std::stod(left);
    const double r = std::stod(right);
    if (column != "card_speed_kmh" && column != "card_amount_z") return l == r;
    return std::abs(l - r) <= 1e-9 * std::max(1.0, std::abs(r));
}

int weir_fraud(const std::string& arguments) {
    const std::string command = std::string{WEIR_FRAUD} + " " + arguments + " >" + folder() + "out.txt 2>" + folder() +
                                "err.txt </dev/null";
    return WEXITSTATUS(std::system(command.c_str()));
}

void refuse(const std::string& arguments, const std::string& sentence) {
    CAPTURE(arguments);
    const std::string output = folder() + "refused.csv";
    CHECK(weir_fraud(arguments + " --output " + output) == 2);
    const std::string said = whole_file(folder() + "err.txt") + whole_file(folder() + "out.txt");
    CAPTURE(said);
    CHECK(said.find(sentence) != std::string::npos);
    CHECK_FALSE(fs::exists(output));
    CHECK_FALSE(fs::exists(output + ".late.csv"));
}

}  // namespace

TEST_CASE("the features are those of a brute force by others, in every mode") {
    const std::string output = folder() + "features.csv";
    const weir::graph graph = fraud::features({{oracle + "input.csv"}, output, 1h});
    const auto run_and_read = [&](const auto& runner) {
        const weir::run_report report = weir::run(graph, runner);
        CHECK(report.balanced());
        const std::uint64_t late = report.of("late transactions").accepted;
        CHECK(late == rows_of(whole_file(oracle + "expected.csv.late.csv")).size() - 1);
        for (const char* stage : {"card windows", "merchant windows"}) {
            CHECK(report.of(stage).late == late);
            CHECK(report.of(stage).accepted + late == report.records);
        }
        return whole_file(output) + whole_file(output + ".late.csv");
    };
    const std::string batch = run_and_read(weir::batch{});
    const auto ours = rows_of(whole_file(output));
    const auto theirs = rows_of(whole_file(oracle + "expected.csv"));
    REQUIRE(ours.size() == theirs.size());
    REQUIRE(ours.front() == theirs.front());
    for (std::size_t row = 1; row < ours.size(); ++row) {
        REQUIRE(ours[row].size() == theirs[row].size());
        for (std::size_t column = 0; column < ours[row].size(); ++column) {
            CAPTURE(ours[row][0], ours[0][column], ours[row][column], theirs[row][column]);
            REQUIRE(same_value(ours[0][column], ours[row][column], theirs[row][column]));
        }
    }
    CHECK(rows_of(whole_file(output + ".late.csv")) == rows_of(whole_file(oracle + "expected.csv.late.csv")));

    for (const unsigned threads : {1U, 2U, 4U}) {
        CAPTURE(threads);
        CHECK(run_and_read(weir::batch{.threads = threads, .chunk = 7}) == batch);
        CHECK(run_and_read(weir::micro_batch{.max_records = 100, .threads = threads}) == batch);
        CHECK(run_and_read(weir::micro_batch{.every = 1ms, .threads = threads}) == batch);
        CHECK(run_and_read(weir::event_loop{.threads = threads}) == batch);
    }
}

TEST_CASE("several inputs are one log, in the order given") {
    const std::string text = whole_file(oracle + "input.csv");
    const std::size_t header = text.find('\n') + 1;
    const std::size_t middle = text.find('\n', text.size() / 2) + 1;
    write_file(folder() + "b.csv", text.substr(0, middle));
    write_file(folder() + "a.csv", text.substr(0, header) + text.substr(middle));
    const std::string common = " --max-disorder 1h --threads 2 --mode micro-batch --interval 1ms --output ";
    REQUIRE(weir_fraud("features --input " + oracle + "input.csv" + common + folder() + "one.csv") == 0);
    REQUIRE(weir_fraud("features --input " + folder() + "b.csv " + folder() + "a.csv" + common + folder() +
                       "two.csv") == 0);
    CHECK(whole_file(folder() + "one.csv") == whole_file(folder() + "two.csv"));
    CHECK(whole_file(folder() + "one.csv.late.csv") == whole_file(folder() + "two.csv.late.csv"));
}

TEST_CASE("exactly the allowed disorder is not late; text stands in the late file as it was") {
    write_file(folder() + "edge.csv",
               "amount,merchant,card,at,id,fraud\n"
               "1.0,m,007,2024-01-01T00:00:10Z,a,\n"
               "2.50,m,7,2024-01-01T00:00:05Z,b,\n"
               "3.250,\"x, \"\"y\"\"\",7,2024-01-01T01:00:04.999+01:00,c,maybe\n");
    REQUIRE(weir_fraud("features --max-disorder 5s --input " + folder() + "edge.csv --output " + folder() +
                       "edge_out.csv") == 0);
    const auto rows = rows_of(whole_file(folder() + "edge_out.csv"));
    REQUIRE(rows.size() == 3);
    CHECK(rows[2][0] == "b");
    CHECK(rows[2][13] == "1");  // card 7 is not card 007
    CHECK(whole_file(folder() + "edge_out.csv.late.csv") ==
          "id,at,card,merchant,amount,late_by_ms\n"
          "c,2024-01-01T01:00:04.999+01:00,7,\"x, \"\"y\"\"\",3.250,1\n");
}

TEST_CASE("times may lie further apart than 292 years") {
    write_file(folder() + "far.csv",
               "id,at,card,merchant,amount,lat,lon\n"
               "a,-9000000000000,c,m,1,0,0\n"
               "b,9000000000000,c,m,1,0,180\n"
               "c,-9000000000000,c,m,1,0,0\n");
    REQUIRE(weir_fraud("features --max-disorder 0s --input " + folder() + "far.csv --output " + folder() +
                       "far_out.csv") == 0);
    const auto rows = rows_of(whole_file(folder() + "far_out.csv"));
    REQUIRE(rows.size() == 3);
    REQUIRE(rows[0][18] == "card_seconds_since_last");
    CHECK(rows[2][18] == "18000000000");
    CHECK(std::stod(rows[2][19]) == Approx(3.14159265358979 * 6371.0088 / 5e6));
    CHECK(rows_of(whole_file(folder() + "far_out.csv.late.csv")).at(1).back() == "18000000000000");
}

TEST_CASE("bad arguments and bad files end with a sentence, exit code 2 and no file") {
    const std::string good = oracle + "input.csv";
    refuse("features --input " + folder() + "missing.csv", "missing.csv");
    refuse("features --input " + good + " --mode stream", "--mode");
    refuse("features --input " + good + " --threads 0", "--threads");
    refuse("features --input " + good + " --max-disorder soon", "--max-disorder");
    refuse("features --input " + good + " --max-disorder -1h", "--max-disorder");
    refuse("features --input " + good + " --interval 0s", "--interval");
    refuse("features --input " + good + " --unknown 1", "--unknown");
    refuse("features", "--input");
    CHECK(weir_fraud("") == 2);
    CHECK(weir_fraud("--help") == 0);

    const std::string header = "id,at,card,merchant,amount\n";
    const auto refuse_text = [&](const std::string& text, const std::string& sentence) {
        write_file(folder() + "bad.csv", text);
        refuse("features --input " + folder() + "bad.csv", sentence);
    };
    refuse_text("", "bad.csv");
    refuse_text("id,at,card,amount\n1,1,1,1\n", "merchant");
    refuse_text(header + "1,1700000000000,c,m,abc\n", "bad.csv:2:");
    refuse_text(header + "1,1700000000000,c,m,nan\n", "nan");
    refuse_text(header + "1,1700000000000,,m,1\n", "card");
    refuse_text(header + "1,yesterday,c,m,1\n", "yesterday");
    refuse_text(header + "1,1700000000000,c,m,1\n2,1700000000000,c,\"m,1\n", "bad.csv:3:");
    refuse_text(header + "1,1700000000000,c,m,1\n2,1700000000000,c\n", "bad.csv:3:");
    refuse_text(header + "1,1700000000000,c,\xff,1\n", "bad.csv:2:");
}

TEST_CASE("an output that cannot be written is said, and nothing is left") {
    CHECK(weir_fraud("features --input " + oracle + "input.csv --output " + folder() + "no/such/folder/x.csv") == 2);
    CHECK_FALSE(whole_file(folder() + "err.txt").empty());
}
