// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/attempt.hpp>

#include <new>
#include <stdexcept>

#include <weir/flow/explain.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

using failures = std::vector<weir::stamped<weir::failed_record<reading>>>;

auto timed(const logs& all) {
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(5ns));
}
// Throws on a fifth of the records.
void dislike(const reading& each) {
    if (each.amount % 5 == 0) throw std::runtime_error("I dislike " + std::to_string(each.amount));
}
failures disliked(const logs& all) {
    failures made;
    for (const auto& [record, at] : arrivals(all, 5ns)) {
        if (record.amount % 5 != 0) continue;
        made.push_back({{record, "I dislike " + std::to_string(record.amount)}, at});
    }
    return made;
}
weir::stamp indexed(weir::stamp at, std::uint32_t index) {
    at.at.tail.push_back(weir::tail_word::index(index));
    return at;
}

}  // namespace

TEST_CASE("a map that throws puts the record aside, in every run", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.partitions = 1 + seed % 3});
    const auto sink = weir::collect_stamped<std::string>();
    const auto aside = weir::collect_stamped<weir::failed_record<reading>>();
    const auto notes = timed(all) | weir::named("notes", weir::attempt(weir::map([](const reading& each) {
                           dislike(each);
                           return each.note;
                       })));
    const weir::graph what("attempt", notes | weir::into(sink), weir::failed(notes) | weir::into(aside));
    const auto report = run_everywhere(what, seed, sink, aside);
    if (seed < 3) restore_everywhere(what, report, sink, aside);
    std::vector<weir::stamped<std::string>> wanted;
    for (const auto& [record, at] : arrivals(all, 5ns)) {
        if (record.amount % 5 != 0) wanted.push_back({record.note, at});
    }
    CHECK_FALSE(disliked(all).empty());
    REQUIRE(difference(wanted, report.output(sink)) == "");
    REQUIRE(difference(disliked(all), report.output(aside)) == "");
    const std::uint64_t bad = disliked(all).size();
    CHECK(report.of("notes") == weir::ledger{.in = wanted.size() + bad, .accepted = wanted.size(), .dead_letter = bad,
                                             .results = wanted.size()});
    CHECK(weir::explain(what).find("failures aside") != std::string::npos);
    CHECK(weir::explain(what).find("non-deterministic points: none") != std::string::npos);
}

TEST_CASE("a predicate that throws puts the record aside, others are kept or filtered", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 5U));
    const logs all = random_logs(seed, {.partitions = 2});
    const auto sink = weir::collect_stamped<reading>();
    const auto aside = weir::collect_stamped<weir::failed_record<reading>>();
    const auto kept = timed(all) | weir::named("kept", weir::attempt(weir::filter([](const reading& each) {
                          dislike(each);
                          return each.amount % 2 == 0;
                      })));
    const weir::graph what("attempt", kept | weir::into(sink), weir::failed(kept) | weir::into(aside));
    const auto report = run_everywhere(what, seed, sink, aside);
    std::vector<weir::stamped<reading>> wanted;
    std::uint64_t filtered = 0;
    for (const auto& each : arrivals(all, 5ns)) {
        if (each.record.amount % 5 == 0) continue;
        if (each.record.amount % 2 == 0) wanted.push_back(each);
        filtered += each.record.amount % 2 == 0 ? 0U : 1U;
    }
    REQUIRE(difference(wanted, report.output(sink)) == "");
    REQUIRE(difference(disliked(all), report.output(aside)) == "");
    CHECK(report.of("kept").filtered == filtered);
    CHECK(report.of("kept").dead_letter == disliked(all).size());
    CHECK(report.balanced());
}

namespace {
// A range whose elements are made when they are looked at; the third one cannot be.
struct counting {
    int count;
    struct place {
        int at;
        int operator*() const {
            if (at == 3) throw std::out_of_range("no third one");
            return at;
        }
        place& operator++() {
            ++at;
            return *this;
        }
        bool operator!=(const place& other) const { return at != other.at; }
    };
    [[nodiscard]] place begin() const { return {1}; }
    [[nodiscard]] place end() const { return {count + 1}; }
};
}  // namespace

TEST_CASE("a flat_map that throws half-way gives nothing of that record, behind another flat_map too", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 5U));
    const logs all = random_logs(seed, {.partitions = 2});
    const auto sink = weir::collect_stamped<int>();
    const auto aside = weir::collect_stamped<weir::failed_record<int>>();
    const auto twice = [](const reading& each) {
        const int count = static_cast<int>((each.amount + 30) % 4);
        return std::vector<int>{count, 2};
    };
    const auto made = timed(all) | weir::flat_map(twice) |
                      weir::named("made", weir::attempt(weir::flat_map([](int count) { return counting{count}; })));
    const weir::graph what("attempt", made | weir::into(sink), weir::failed(made) | weir::into(aside));
    const auto report = run_everywhere(what, seed, sink, aside);
    std::vector<weir::stamped<int>> wanted;
    std::vector<weir::stamped<weir::failed_record<int>>> bad;
    std::uint64_t in = 0;
    std::uint64_t empty = 0;
    for (const auto& [record, at] : arrivals(all, 5ns)) {
        std::uint32_t index = 0;
        for (const int count : twice(record)) {
            ++in;
            const weir::stamp its = indexed(at, index++);
            if (count == 3) bad.push_back({{count, "no third one"}, its});
            if (count == 0) ++empty;
            for (int i = 1; count != 3 && i <= count; ++i) {
                wanted.push_back({i, indexed(its, static_cast<std::uint32_t>(i - 1))});
            }
        }
    }
    REQUIRE(difference(wanted, report.output(sink)) == "");
    REQUIRE(difference(bad, report.output(aside)) == "");
    CHECK(report.of("made") == weir::ledger{.in = in, .accepted = in - bad.size() - empty, .filtered = empty,
                                            .dead_letter = bad.size(), .results = wanted.size()});
}

TEST_CASE("failures need not be looked at, go to keyed stages in turn, and may be anything thrown", "[operators]") {
    const logs all = random_logs(4, {.partitions = 2});
    const auto sink = weir::collect_stamped<std::string>();
    struct last {
        std::string said;
    };
    const auto notes = timed(all) | weir::named("notes", weir::attempt(weir::map([](const reading& each) {
                           if (each.amount % 3 == 0) throw 3;
                           return each.amount;
                       })));
    const auto told = weir::failed(notes) |
                      weir::key_by([](const weir::failed_record<reading>& each) { return each.record.key; }) |
                      weir::process<last>([](auto&, const weir::failed_record<reading>& each, last& state) {
                          const std::string before = std::exchange(state.said, each.record.note + each.reason);
                          return before + "; " + each.reason;
                      });
    const auto report = run_everywhere(weir::graph("told", told | weir::into(sink)), 4, sink);
    CHECK_FALSE(report.output(sink).empty());
    CHECK(report.output(sink).front().record == "; what was thrown is no std::exception");

    const auto amounts = weir::collect<std::int64_t>();
    const auto alone = weir::run(weir::graph("alone", notes | weir::into(amounts)), weir::batch{.threads = 2});
    CHECK(alone.of("notes").dead_letter > 0);
    CHECK(alone.of("notes").accepted == alone.output(amounts).size());
    CHECK(alone.balanced());
}

TEST_CASE("attempt moves records, also such as cannot be copied", "[operators]") {
    struct whole {
        std::unique_ptr<int> value;
    };
    const auto sink = weir::collect<int>();
    const auto aside = weir::collect<int>();
    const auto kept =
        weir::generate(20, [](std::uint64_t i) { return whole{std::make_unique<int>(static_cast<int>(i))}; }) |
        weir::attempt(weir::filter([](const whole& each) {
            if (*each.value % 3 == 0) throw std::runtime_error("three");
            return true;
        }));
    const auto number = [](whole&& each) { return *each.value; };
    const auto of_failed = [](weir::failed_record<whole>&& each) { return *each.record.value; };
    const auto report = weir::run(weir::graph("moved", kept | weir::map(number) | weir::into(sink),
                                              weir::failed(kept) | weir::map(of_failed) | weir::into(aside)),
                                  weir::batch{.chunk = 7});
    CHECK(report.output(sink).size() == 13);
    CHECK(report.output(aside) == std::vector{0, 3, 6, 9, 12, 15, 18});
}

TEST_CASE("what is no record's fault ends the run", "[operators]") {
    const auto sink = weir::collect<int>();
    const auto no_memory = weir::memory({1, 2, 3}) | weir::attempt(weir::map([](int each) {
                               if (each == 2) throw std::bad_alloc{};
                               return each;
                           }));
    CHECK_THROWS_AS(weir::run(weir::graph("memory", no_memory | weir::into(sink)), weir::batch{}), std::bad_alloc);
    const auto behind = weir::memory({1, 2, 3}) | weir::attempt(weir::map([](int each) { return each; })) |
                        weir::map([](int each) {
                            if (each == 2) throw std::runtime_error("not tried");
                            return each;
                        });
    CHECK_THROWS_WITH(weir::run(weir::graph("behind", behind | weir::into(sink)), weir::event_loop{}),
                      Catch::Contains("not tried"));
}
