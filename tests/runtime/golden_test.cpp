// SPDX-License-Identifier: Apache-2.0
// Savepoints that earlier versions have written, kept in tests/golden, one folder for each: every later version goes on
// from them, and gives what one run gives. To add one:
//
//   WEIR_WRITE_GOLDEN=tests/golden/<name> <the test's binary> "[golden]"
//
// The program below may only change in ways that its state survives (record/migration.hpp); a folder that has been
// written is never changed.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/first.hpp>
#include <weir/aggregates/last.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/mean.hpp>
#include <weir/aggregates/min.hpp>
#include <weir/aggregates/plain_sum.hpp>
#include <weir/aggregates/stddev.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/checkpoint_store.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/memory.hpp>

#include "temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace weir;

namespace golden_test {

enum class shape : std::uint8_t { round, square = 7 };
BOOST_DESCRIBE_ENUM(shape, round, square)
enum class size : std::int32_t { any };

struct reading {
    std::uint64_t id = 0;
    std::uint32_t card = 0;
    timestamp at{};
    std::int64_t cents = 0;
    double ratio = 0;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(reading, (), (id, card, at, cents, ratio, note))

struct place {
    float x = 0;
    std::int16_t y = 0;
};
BOOST_DESCRIBE_STRUCT(place, (), (x, y))

// Writes its own bytes.
struct own {
    std::uint64_t number = 0;
    static std::string type_tag() { return "golden_own"; }
    void save(binary_writer& writer) const { writer.write_fixed(number); }
    void load(binary_reader& reader) { number = reader.read_fixed<std::uint64_t>(); }
};

// A type of its own for each field.
struct everything {
    bool yes = false;
    char letter = 'a';
    std::int8_t i8 = 0;
    std::int16_t i16 = 0;
    std::int32_t i32 = 0;
    std::int64_t i64 = 0;
    std::uint8_t u8 = 0;
    std::uint16_t u16 = 0;
    std::uint32_t u32 = 0;
    std::uint64_t u64 = 0;
    float f32 = 0;
    double f64 = 0;
    std::string text;
    shape form = shape::round;
    size how{};
    timestamp at{};
    duration lasting{};
    std::chrono::milliseconds coarse{};
    std::optional<double> maybe;
    std::array<place, 2> two{};
    std::vector<place> list;
    std::vector<std::uint16_t> numbers;
    std::map<std::string, place> table;
    std::set<std::int64_t> set;
    std::tuple<std::uint8_t, std::string> tuple{};
    own bytes;

    void take(const reading& each) {
        const auto number = each.id;
        yes = !yes;
        letter = static_cast<char>('a' + number % 26);
        i8 = static_cast<std::int8_t>(i8 - 3);
        i16 = static_cast<std::int16_t>(-each.cents);
        i32 -= 70'000;
        i64 -= each.cents * 10'000'000'000;
        u8 = static_cast<std::uint8_t>(u8 + 5);
        u16 = static_cast<std::uint16_t>(u16 + 301);
        u32 += 100'003;
        u64 = u64 * 31 + number;
        f32 += 0.25F;
        f64 += each.ratio;
        text += each.note;
        form = number % 2 == 0 ? shape::round : shape::square;
        how = static_cast<size>(number * 1'000);
        at = each.at;
        lasting += each.at.time_since_epoch();
        coarse += 1ms;
        maybe = number % 3 == 0 ? std::nullopt : std::optional{each.ratio};
        two[number % 2].x += 1;
        list.push_back({each.note.empty() ? -1.0F : 1.0F, i16});
        numbers.push_back(static_cast<std::uint16_t>(number));
        if (list.size() > 3) list.erase(list.begin()), numbers.erase(numbers.begin());
        table[each.note] = list.back();
        set.insert(each.cents % 4);
        tuple = {u8, each.note + "!"};
        bytes.number += number;
    }
};
BOOST_DESCRIBE_STRUCT(everything, (),
                      (yes, letter, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, text, form, how, at, lasting,
                       coarse, maybe, two, list, numbers, table, set, tuple, bytes))

// What each branch says.
struct line {
    std::string branch;
    std::uint64_t id = 0;
    std::uint64_t digest = 0;
    double value = 0;
    friend bool operator==(const line&, const line&) = default;
};
BOOST_DESCRIBE_STRUCT(line, (), (branch, id, digest, value))

std::uint64_t digest_of(const everything& state) {
    binary_writer writer;
    save(writer, state);
    std::uint64_t digest = 0xcbf29ce484222325;
    for (const std::byte each : writer.bytes()) digest = (digest ^ static_cast<std::uint64_t>(each)) * 0x100000001b3;
    return digest;
}

constexpr std::uint64_t readings = 240;
using line_sink = decltype(collect<line>());

reading reading_of(std::uint64_t i) {
    const auto time = static_cast<std::int64_t>(i * 1000 + mix_bits(i) % 5000);
    const auto cents = static_cast<std::int64_t>(mix_bits(i + 1) % 1000);
    return {i, static_cast<std::uint32_t>(mix_bits(i + 2) % 5), timestamp{std::chrono::milliseconds{time}}, cents,
            static_cast<double>(cents) / 7, std::string(i % 3, static_cast<char>('a' + i % 5))};
}

// Every operator that keeps something. The second log is ahead of the first, so that records wait where both meet.
graph program(std::atomic<bool>& stop, std::uint64_t stop_at, const line_sink& sink) {
    const auto timed = generate(readings, [&stop, stop_at](std::uint64_t i) {
        if (i == stop_at) stop = true;
        return reading_of(i);
    }) | named("readings", event_time(&reading::at, out_of_order(5s)));
    std::vector<reading> later;
    for (std::uint64_t i = 0; i < 20; ++i) later.push_back(reading_of(180 + i));
    const auto ahead = memory(later) | named("ahead", event_time(&reading::at, out_of_order(5s)));

    const auto states = merge(timed, ahead) | key_by(&reading::card) |
                        named("states", process<everything, line>(
                                            [](auto& context, const reading& each, everything& state) {
                                                state.take(each);
                                                context.emit({"state", each.id, digest_of(state), state.f64});
                                                context.set_timer(each.at + 30s);
                                            },
                                            [](auto& context, std::uint32_t card, everything& state) {
                                                context.emit({"timer", card, digest_of(state), 0});
                                            }));
    const auto texts = timed | key_by(&reading::note) |
                       named("texts", process<std::uint64_t>([](auto&, const reading& each, std::uint64_t& state) {
                           return line{"text", each.id, state += each.id, 0};
                       }));
    const auto rows = timed | key_by(&reading::card) | rolling(10s, 60s) |
                      named("rolling", aggregate(sum(&reading::ratio), count(), over(60s, distinct(&reading::note)),
                                                 max(&reading::cents), last(&reading::note))) |
                      map([](const auto& row) {
                          return line{"rolling", row.record.id, row.template get<1>()[1], row.template get<0>()[1]};
                      });
    const auto windows = timed | key_by(&reading::card) | window(tumbling(50s)) |
                         named("tumbling", aggregate(sum(&reading::ratio), mean(&reading::cents), min(&reading::ratio),
                                                     distinct(&reading::note), first(&reading::id))) |
                         map([](const auto& row) {
                             return line{"tumbling", row.key, row.template get<4>(), row.template get<0>()};
                         });
    const auto slides = timed | key_by(&reading::card) | window(sliding(60s, 20s), allowed_lateness{5s}) |
                        named("sliding", aggregate(count(), stddev(&reading::ratio), last(&reading::cents))) |
                        map([](const auto& row) {
                            return line{"sliding", row.key, row.template get<0>(), row.template get<1>().value_or(-1)};
                        });
    const auto sorted = timed | named("sorted", sort_by_time()) | map([](const reading& each) {
                            return line{"sorted", each.id, 0, each.ratio};
                        });
    const auto pairs = named("pairs", join_by_origin(timed, texts)) | map([](const auto& pair) {
                           return line{"pair", pair.left.id, pair.right.digest, 0};
                       });
    const auto all = named("all", merge(states, texts, rows, windows, slides, sorted, pairs));
    return graph("golden", all | named("lines", into(sink)));
}

struct outcome {
    std::vector<line> lines;
    bool ended = false;
};

template <class Runner> outcome run_once(Runner how, std::uint64_t stop_at, const checkpointing& checkpoint) {
    std::atomic<bool> stop{false};
    const line_sink sink = collect<line>();
    how.tuning.stop = &stop;
    how.checkpoint = checkpoint;
    how.checkpoint.every = 1h;
    const run_report report = run(program(stop, stop_at, sink), how);
    CHECK(report.balanced());
    if (report.checkpoints && !checkpoint.from.empty()) CHECK(report.checkpoints->resumed_from > 0);
    return {report.output(sink), report.reached_end};
}

void write_golden(const std::string& folder) {
    const outcome made = run_once(batch{.chunk = 16}, readings / 2, {.directory = folder});
    REQUIRE_FALSE(made.ended);
}

// Every stage has left something, and records waited in front of one.
void check_covers_all(const std::string& folder) {
    std::vector<std::string> problems;
    const auto all = list_checkpoints(machine(), folder, problems);
    REQUIRE(problems.empty());
    REQUIRE(all.size() == 1);
    CHECK(all.front().savepoint);
    std::set<std::string> names;
    bool waited = false;
    read_checkpoint(machine(), folder, all.front(), [&](const state_batch::entry& each) {
        names.insert(all.front().stages.at(each.stage).name);
        waited = waited || each.shard == 0xfffe;
    });
    CHECK(waited);
    for (const char* name : {"readings", "ahead", "states", "texts", "rolling", "tumbling", "sliding", "sorted",
                             "pairs", "all", "lines"}) {
        CAPTURE(name);
        CHECK(names.contains(name));
    }
}

}  // namespace golden_test
using namespace golden_test;

TEST_CASE("a savepoint of this version is gone on from", "[runtime]") {
    const temporary_folder folder;
    write_golden(folder / "golden");
    const outcome whole = run_once(batch{}, readings, {});
    const outcome rest = run_once(event_loop{}, readings, {.directory = folder / "state", .from = folder / "golden"});
    CHECK(rest.ended);
    CHECK((rest.lines == whole.lines));
}

TEST_CASE("savepoints of earlier versions are gone on from", "[runtime][golden]") {
    if (const char* const folder = std::getenv("WEIR_WRITE_GOLDEN"); folder != nullptr) write_golden(folder);
    const outcome whole = run_once(batch{}, readings, {});
    REQUIRE(whole.ended);
    for (const char* branch : {"state", "timer", "text", "rolling", "tumbling", "sliding", "sorted", "pair"}) {
        CAPTURE(branch);
        CHECK(std::any_of(whole.lines.begin(), whole.lines.end(),
                          [&](const line& each) { return each.branch == branch; }));
    }
    std::size_t found = 0;
    const auto golden = std::filesystem::path(WEIR_SOURCE_DIR) / "tests/golden";
    for (const auto& each : std::filesystem::directory_iterator(golden)) {
        if (!each.is_directory()) continue;
        ++found;
        check_covers_all(each.path().string());
        for (unsigned run = 0; run < 9; ++run) {
            const unsigned runner = run % 3;
            const unsigned threads = 1 + run / 3;
            CAPTURE(each.path().string(), runner, threads);
            const temporary_folder folder;
            const checkpointing checkpoint{.directory = folder / "state", .from = each.path().string()};
            const outcome rest =
                runner == 0   ? run_once(event_loop{.threads = threads}, readings, checkpoint)
                : runner == 1 ? run_once(micro_batch{.max_records = 10, .threads = threads}, readings, checkpoint)
                              : run_once(batch{.threads = threads}, readings, checkpoint);
            CHECK(rest.ended);
            CHECK((rest.lines == whole.lines));
        }
    }
    CHECK(found != 0);
}
