// SPDX-License-Identifier: Apache-2.0
// What checkpoints cost a run that has much state, of which little changes, and how long it takes to come back:
//
//   pauses      1 M keys, 10,000 of them touched per second by records that come at a steady rate, a checkpoint each
//               second: how long the run rests for it, and how late records are, with checkpoints and without; beside
//               them the machine's own hold-ups
//   throughput  the same as fast as it goes, by turns with checkpoints and without
//   restore     10 M keys of 100 bytes: from the start of a run to its first record
//
//   weir_checkpoint_benchmark FOLDER [seconds] [keys to restore]
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <weir/weir.hpp>

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t keys = 1'000'000;
constexpr std::uint64_t touched_per_second = 10'000;

struct payment {
    std::uint64_t card = 0;
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, amount))
struct spending {
    double sum = 0;
    std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(spending, (), (sum, count))
// With its key some 100 bytes.
struct profile {
    std::array<double, 11> means{};
    std::uint32_t count = 0;
};
BOOST_DESCRIBE_STRUCT(profile, (), (means, count))

// A log of so many records, made one by one.
template <class State, class Make>
weir::graph sums(std::uint64_t records, Make make, weir::latency_histogram* late) {
    const auto total = weir::generate(records, make) | weir::key_by(&payment::card) |
                       weir::named("spending", weir::process<State>([](auto&, const payment& each, State& state) {
                           ++state.count;
                           if constexpr (requires { state.sum; }) state.sum += each.amount;
                           return each;
                       }));
    return weir::graph("sums", total | weir::into(weir::for_each([late](const payment& each) {
                                   if (late != nullptr) late->record(weir::machine().ticks() -
                                                                     std::chrono::nanoseconds{
                                                                         static_cast<std::int64_t>(each.amount)});
                               })));
}

weir::checkpointing every_second(const std::string& folder) { return {.every = 1s, .directory = folder}; }

void print(const std::string& name, const weir::latency_histogram& of) {
    const auto micros = [&](double percent) { return static_cast<double>(of.percentile(percent).count()) / 1000; };
    fmt::print("{:<34} {:>9} {:>10.1f} {:>10.1f} {:>10.1f} {:>10.1f}\n", name, of.count(), micros(50), micros(99),
               micros(99.9), static_cast<double>(of.max().count()) / 1000);
}

// A run that has met every key, and the folder that it leaves.
template <class State> void fill(const std::string& folder, std::uint64_t count) {
    std::filesystem::remove_all(folder);
    std::atomic<bool> stop{false};
    const auto make = [&stop, count](std::uint64_t i) {
        if (i + 1 == count) stop.store(true);
        return payment{i, 1};
    };
    static_cast<void>(weir::run(sums<State>(count * 1'000'000, make, nullptr),
                                weir::batch{.tuning = {.stop = &stop},
                                            .checkpoint = {.every = 1h, .directory = folder}}));
}

// Records due one after the other; their lateness, and the run's pauses.
void paced(const std::string& folder, bool checkpoints, double seconds) {
    weir::environment& where = weir::machine();
    const auto records = static_cast<std::uint64_t>(seconds * touched_per_second);
    weir::latency_histogram late;
    std::atomic<bool> stop{false};
    const auto began = where.ticks() + 200ms;
    const auto interval = std::chrono::nanoseconds{1s} / touched_per_second;
    std::optional<std::uint64_t> first;  // where this run goes on
    const auto make = [&, began, records](std::uint64_t i) {
        const std::uint64_t number = i - (first ? *first : first.emplace(i));
        const auto due = began + interval * static_cast<std::int64_t>(number);
        while (where.ticks() < due) {
        }
        if (number + 1 >= records) stop.store(true);
        return payment{weir::mix_bits(i) % keys, static_cast<double>(due.count())};
    };
    const auto report =
        weir::run(sums<spending>(keys * 1'000'000, make, &late),
                  weir::micro_batch{.max_records = 1,
                                    .tuning = {.stop = &stop},
                                    .checkpoint = checkpoints ? every_second(folder) : weir::checkpointing{}});
    print(checkpoints ? "lateness, with checkpoints" : "lateness, without", late);
    if (checkpoints) {
        print("pauses", report.checkpoints->pauses);
        print("until durable", report.checkpoints->writing);
        fmt::print("{:<34} {:>9.1f} KB per checkpoint\n", "handed over",
                   static_cast<double>(report.checkpoints->bytes) / 1000 /
                       static_cast<double>(std::max<std::uint64_t>(1, report.checkpoints->taken)));
    }
}

void floor_of(double seconds) {
    weir::environment& where = weir::machine();
    weir::latency_histogram late;
    const auto interval = std::chrono::nanoseconds{1s} / touched_per_second;
    const auto began = where.ticks();
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(seconds * touched_per_second); ++i) {
        const auto due = began + interval * i;
        while (where.ticks() < due) {
        }
        late.record(where.ticks() - due);
    }
    print("the machine, doing nothing", late);
}

// Records per second, after every key has been met. In each second some 10,000 keys are touched: which ones moves on.
double at_full_speed(const std::string& folder, bool checkpoints, double seconds) {
    weir::environment& where = weir::machine();
    std::filesystem::remove_all(folder);
    std::atomic<bool> stop{false};
    // By then all keys are there, and the checkpoint that has them all is written.
    constexpr auto warm_up = 3s;
    const auto began = where.ticks() + warm_up;
    std::uint64_t first = 0;
    std::uint64_t made = 0;
    const auto make = [&](std::uint64_t i) {
        if (i < keys) return payment{i, 1};
        if (i % 1024 == 0) {
            const auto elapsed = where.ticks() - began;
            if (elapsed > std::chrono::duration<double>(seconds)) stop.store(true);
            if (elapsed < 0s) made = 0;
            first = static_cast<std::uint64_t>((elapsed + warm_up) / 1s) * touched_per_second;
        }
        ++made;
        return payment{(first + weir::mix_bits(i) % touched_per_second) % keys, 1};
    };
    static_cast<void>(weir::run(sums<spending>(keys * 1'000'000, make, nullptr),
                                weir::batch{.tuning = {.stop = &stop},
                                            .checkpoint = checkpoints ? every_second(folder) : weir::checkpointing{}}));
    return static_cast<double>(made) / seconds;
}

void restore(const std::string& folder, std::uint64_t count) {
    weir::environment& where = weir::machine();
    fmt::print("\n{} keys of about {} bytes: filling ...\n", count, 8 + sizeof(profile));
    fill<profile>(folder, count);
    std::atomic<bool> stop{false};
    std::chrono::nanoseconds first{};
    const auto began = where.ticks();
    const auto make = [&](std::uint64_t i) {
        if (first.count() == 0) first = where.ticks();
        stop.store(true);
        return payment{i, 1};
    };
    static_cast<void>(weir::run(sums<profile>(count * 1'000'000, make, nullptr),
                                weir::batch{.tuning = {.stop = &stop},
                                            .checkpoint = {.every = 1h, .directory = folder}}));
    fmt::print("from the start to the first record: {:.2f} s\n", std::chrono::duration<double>(first - began).count());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: weir_checkpoint_benchmark FOLDER [seconds] [keys to restore]\n");
        return 2;
    }
    const std::string folder = std::string{argv[1]} + "/checkpoint_benchmark";
    const double seconds = argc > 2 ? std::atof(argv[2]) : 10;
    const std::uint64_t restored = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 10'000'000;
    fmt::print("{} keys, {} touched per second, a checkpoint each second; microseconds\n\n{:<34} {:>9} {:>10} {:>10} "
               "{:>10} {:>10}\n",
               keys, touched_per_second, "", "count", "p50", "p99", "p99.9", "max");
    floor_of(seconds);
    fill<spending>(folder, keys);
    paced(folder, true, seconds);
    paced(folder, false, seconds);
    std::vector<double> ratios;
    for (int i = 0; i < 3; ++i) {
        const double with = at_full_speed(folder, true, seconds / 2);
        const double without = at_full_speed(folder, false, seconds / 2);
        ratios.push_back(with / without);
        fmt::print("{:<34} {:>9.2f} M/s with, {:.2f} M/s without\n", "throughput", with / 1e6, without / 1e6);
    }
    std::sort(ratios.begin(), ratios.end());
    fmt::print("throughput with checkpoints, of that without: {:.3f} (median of 3)\n", ratios[1]);
    if (restored != 0) restore(folder, restored);
    std::filesystem::remove_all(folder);
}
