// SPDX-License-Identifier: Apache-2.0
// weir_fraud_benchmark <weir-fraud> <folder>: how fast the whole program is, from file to file: `weir-fraud features`
// on 1.75 million transactions of 5,000 cards at 10,000 merchants in 183 days, in batch, with one thread. Prints the
// median of five runs. The input is made anew in the folder, the same each time.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include <weir/base/environment.hpp>
#include <weir/testing/simulation.hpp>

namespace {

constexpr std::uint64_t records = 1'750'000;
constexpr std::uint64_t cards = 5'000;
constexpr std::uint64_t merchants = 10'000;
constexpr std::uint64_t length_ms = 183ULL * 86'400'000;
constexpr std::uint64_t start_ms = 1'704'067'200'000;
constexpr double goal = 400'000;  // records per second
constexpr unsigned runs = 5;

// Where a transaction may lie: homes of cards all over the United States, shops about a degree around them.
void append_transaction(std::string& out, std::uint64_t number, weir::testing::seeded& random) {
    const std::uint64_t card = random.below(cards);
    const std::uint64_t merchant = random.below(merchants) * random.below(merchants) / merchants;  // few are popular
    const std::uint64_t late_ms = random.one_in(10) ? random.below(5'000) : 0;
    const std::uint64_t at = start_ms + length_ms / records * number - late_ms;
    const std::uint64_t cents = 100 + random.below(100) * random.below(300);
    const auto within_a_degree = [&] { return static_cast<double>(random.below(1'000'000)) / 1e6; };
    const double lat = 25 + static_cast<double>(card % 2'000) / 100 + within_a_degree();
    const double lon = -120 + static_cast<double>(card % 4'500) / 100 + within_a_degree();
    fmt::format_to(std::back_inserter(out), "{},{},{},merchant {},{}.{:02},{:.6f},{:.6f}\n", number, at,
                   4'000'000'000'000'000 + card * 7'919, merchant, cents / 100, cents % 100, lat, lon);
}

void write_input(const std::string& path) {
    const auto file = weir::machine().create_output(path);
    weir::testing::seeded random(1'750'000);
    std::string text = "id,at,card,merchant,amount,lat,lon\n";
    for (std::uint64_t number = 0; number < records; ++number) {
        append_transaction(text, number, random);
        if (text.size() < (std::size_t{1} << 20U)) continue;
        file->write(text);
        text.clear();
    }
    file->write(text);
}

struct measured {
    double wall_seconds = 0;
    double cpu_seconds = 0;
};

rusage used_by_children() {
    rusage used{};
    ::getrusage(RUSAGE_CHILDREN, &used);
    return used;
}
double cpu_seconds(const rusage& used) {
    const auto seconds = [](const timeval& each) {
        return static_cast<double>(each.tv_sec) + static_cast<double>(each.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

measured measure(const std::string& command) {
    const double cpu_before = cpu_seconds(used_by_children());
    const auto start = weir::machine().ticks();
    if (std::system(command.c_str()) != 0) {
        fmt::print(stderr, "failed: {}\n", command);
        std::exit(1);
    }
    const std::chrono::duration<double> wall = weir::machine().ticks() - start;
    return {wall.count(), cpu_seconds(used_by_children()) - cpu_before};
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        fmt::print(stderr, "usage: weir_fraud_benchmark <weir-fraud> <folder>\n");
        return 2;
    }
    const std::string input = std::string{arguments[2]} + "/fraud_input.csv";
    const std::string output = std::string{arguments[2]} + "/fraud_features.csv";
    write_input(input);
    const std::string command = fmt::format("'{}' features --mode batch --threads 1 --input '{}' --output '{}' "
                                            ">/dev/null",
                                            arguments[1], input, output);
    std::vector<measured> all;
    for (unsigned run = 0; run < runs; ++run) all.push_back(measure(command));
    std::sort(all.begin(), all.end(), [](const measured& left, const measured& right) {
        return left.wall_seconds < right.wall_seconds;
    });
    const measured& middle = all[runs / 2];
    const double rate = static_cast<double>(records) / middle.wall_seconds;
    fmt::print("weir-fraud features, 1.75 M transactions, one thread, file to file, median of {}: {:.0f} k records/s "
               "(goal {:.0f}, {}), {:.2f} s, {:.2f} s of CPU, {} MB at most\n",
               runs, rate / 1e3, goal / 1e3, rate >= goal ? "ok" : "MISSED", middle.wall_seconds, middle.cpu_seconds,
               used_by_children().ru_maxrss / 1024);
    return 0;
}
