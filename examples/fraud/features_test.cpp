// SPDX-License-Identifier: Apache-2.0
// weir-fraud against a brute force by others, in every mode, and what it does with bad arguments and bad files.
#include "features.hpp"

#include <cmath>

#include <weir/runtime/run.hpp>

#include "program_test.hpp"

namespace {

using namespace std::chrono_literals;
using namespace fraud_test;

bool same_value(const std::string& column, const std::string& left, const std::string& right) {
    if (left == right) return true;
    if (left.empty() || right.empty()) return false;
    const double l = std::stod(left);
    const double r = std::stod(right);
    if (column != "card_speed_kmh" && column != "card_amount_z") return l == r;
    return std::abs(l - r) <= 1e-9 * std::max(1.0, std::abs(r));
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

TEST_CASE("the demo shows what a person can read, whatever stands in the fields") {
    write_file(folder() + "odd.csv",
               "id,at,card,merchant,amount\n"
               "a1,1000,c,m,1\na2,2000,c,m,1.5\na3,3000,c,m,2\n"
               "late,-3597001,c,m,9\n"
               "\"a\n4\x1b[31m\",4000,c,\"a \"\"shop\"\", far\",500\n"
               "a5,5000,d,m,1e308\na6,6000,d,m,-1e308\na7,7000,d,m,1e308\na8,8000,d,m,-1.7e308\n");
    REQUIRE(weir_fraud("demo --input " + folder() + "odd.csv --folder " + folder() + "made/for/this") == 0);
    const std::string shown = whole_file(folder() + "out.txt");
    CAPTURE(shown);
    CHECK(shown.find("a\\n4\\x1b[31m 1970-01-01T00:00:04Z") != std::string::npos);
    CHECK(shown.find("a \"shop\", far") != std::string::npos);
    CHECK(shown.find('\x1b') == std::string::npos);
    CHECK(shown.find("All modes wrote the same files") != std::string::npos);

    write_file(folder() + "bad.csv", "id,at\n1,2\n");
    CHECK(weir_fraud("demo --input " + folder() + "bad.csv --folder " + folder() + "never/made") == 2);
    CHECK_FALSE(fs::exists(folder() + "never"));
}

TEST_CASE("an output that is an input, a folder or a device is refused, and nothing is touched") {
    const std::string text = "id,at,card,merchant,amount\n1,1000,c,m,1\n";
    write_file(folder() + "in.csv", text);
    write_file(folder() + "other.csv.late.csv", text);
    fs::create_directories(folder() + "taken.csv.late.csv");
    fs::remove(folder() + "alias.csv");
    fs::create_symlink(folder() + "in.csv", folder() + "alias.csv");
    const auto refuse_output = [&](const std::string& input, const std::string& output, const std::string& sentence) {
        CAPTURE(input, output);
        CHECK(weir_fraud("features --input " + input + " --output '" + output + "'") == 2);
        const std::string said = whole_file(folder() + "err.txt");
        CAPTURE(said);
        CHECK(said.find(sentence) != std::string::npos);
        CHECK(said.find("weir::") == std::string::npos);
        CHECK(whole_file(folder() + "in.csv") == text);
    };
    const std::string in = folder() + "in.csv";
    refuse_output(in, in, "is also an input");
    refuse_output(in, folder() + "./../" + fs::path(in).parent_path().filename().string() + "/in.csv", "also an input");
    refuse_output(in, folder() + "alias.csv", "is also an input");
    refuse_output(in + " " + folder() + "other.csv.late.csv", folder() + "other.csv", "other.csv.late.csv' is also");
    CHECK(whole_file(folder() + "other.csv.late.csv") == text);
    refuse_output(in, folder() + "new/", "is a folder");
    CHECK_FALSE(fs::exists(folder() + "new"));
    refuse_output(in, folder(), "is a folder");
    refuse_output(in, "", "--output");
    refuse_output(in, "/dev/stdout", "is a device");
    refuse_output(in, folder() + "taken.csv", "Is a directory");
    CHECK_FALSE(fs::exists(folder() + "taken.csv"));
}

TEST_CASE("bad arguments and bad files end with a sentence, exit code 2 and no file") {
    const std::string good = oracle + "input.csv";
    refuse("features --input " + folder() + "missing.csv", "missing.csv");
    refuse("features --input " + good + " --mode stream", "--mode");
    refuse("features --input " + good + " --threads 0", "--threads");
    refuse("features --input " + good + " --max-disorder soon", "--max-disorder");
    refuse("features --input " + good + " --max-disorder -1h", "--max-disorder");
    refuse("features --input " + good + " --max-disorder 106752d", "longer than 106751d");
    refuse("features --input " + good + " --interval 0s", "--interval");
    refuse("features --input '[ab]'", "'[ab]'");
    refuse("features --input '\x1b[31m.csv'", "'\\x1b[31m.csv'");
    refuse("features --mode '\x1b[31m' --input " + good, "\\x1b[31m");
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
