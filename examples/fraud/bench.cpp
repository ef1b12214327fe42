// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/requests.hpp>

#include "decisions.hpp"
#include "open_loop.hpp"
#include "traffic.hpp"

namespace fraud {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds held_within{1};  // p99 of a rate that counts as held
constexpr std::chrono::milliseconds hopeless{100};
constexpr double highest_tried = 4'000'000;
constexpr double lowest_tried = 100;
constexpr double near_enough = 1.05;
constexpr std::uint64_t warm_up_requests = 20'000;
constexpr double round_seconds = 1;

// As many transactions as are asked for, one after the other: a little more than two a day of each card.
traffic endless_traffic() {
    traffic_options options;
    options.days = 36'500;
    options.transactions = std::uint64_t{36'500} * 11'000;
    return traffic(options);
}

const auto time_of = [](const transaction& each) { return each.at.value; };

class asked_engine {
  public:
    explicit asked_engine(const bench_options& options)
        : options_(options), traffic_(endless_traffic()), engine_(weir::start(graph(), weir::event_loop{})) {
        make(warm_up_requests);
        for (transaction& each : waiting_) ask(std::move(each));
    }

    // Asks so many times at this rate. False if it was hopeless.
    bool ask_at(double rate, std::uint64_t count, std::chrono::nanoseconds gives_up_at, lateness& into) {
        make(count);
        std::vector<lateness> of_thread(options_.askers);
        const bool on_time = run_open_loop(
            {count, rate, options_.askers, gives_up_at},
            [&](unsigned, std::uint64_t number) { ask(std::move(waiting_[number])); },
            [&](unsigned thread, std::chrono::nanoseconds late) { of_thread[thread].record(late, options_.budget); });
        for (const lateness& each : of_thread) into.merge(each);
        return on_time;
    }

  private:
    [[nodiscard]] weir::graph graph() const {
        return weir::graph("asked decisions",
                           decisions(requests_ | weir::event_time(time_of, weir::out_of_order(1h)))
                               | weir::reply(requests_));
    }
    // Making them is no part of what is measured.
    void make(std::uint64_t count) {
        waiting_.clear();
        waiting_.reserve(count);
        for (std::uint64_t i = 0; i < count; ++i) waiting_.push_back(traffic_.next());
    }
    void ask(transaction request) {
        const weir::result<card_decision> made = engine_.ask(requests_, std::move(request));
        if (!made) {
            throw weir::error(weir::error_kind::user,
                              std::string{"a request was not answered: "} + made.failure().text());
        }
    }

    bench_options options_;
    traffic traffic_;
    weir::request_source<transaction, card_decision> requests_ = weir::requests<transaction, card_decision>();
    weir::engine engine_;
    std::vector<transaction> waiting_;
};

void wait_at(double rate, std::uint64_t count, const bench_options& options, lateness& into) {
    std::vector<lateness> of_thread(options.askers);
    run_open_loop(
        {count, rate, options.askers}, [](unsigned, std::uint64_t) {},
        [&](unsigned thread, std::chrono::nanoseconds late) { of_thread[thread].record(late, options.budget); });
    for (const lateness& each : of_thread) into.merge(each);
}

// Looks for the highest rate that is held: twice the last one until one is not, then between the two. A rate counts as
// not held only if it was not twice: the machine has bad moments of its own.
class rate_search {
  public:
    rate_search(asked_engine& engine, std::chrono::nanoseconds longest)
        : engine_(engine),
          until_(bench_clock::now() + longest),
          probe_(std::clamp<std::chrono::nanoseconds>(longest / 30, 20ms, 400ms)) {}

    void look(double first, bench_result& result) {
        double rate = std::clamp(first, lowest_tried, highest_tried);
        double held = 0;
        std::optional<double> too_high;
        while (!over() && (!too_high || (held == 0 ? *too_high > lowest_tried : *too_high / held > near_enough))) {
            (is_held(rate) ? held : too_high.emplace()) = rate;
            if (!too_high && held >= highest_tried) break;
            rate = !too_high ? std::min(held * 2, highest_tried)
                 : held == 0 ? std::max(*too_high / 2, lowest_tried)
                             : std::sqrt(held * *too_high);
        }
        result.highest_rate = static_cast<std::uint32_t>(held);
        result.stopped_looking = !too_high || over();
    }

  private:
    [[nodiscard]] bool over() const { return bench_clock::now() >= until_; }
    [[nodiscard]] bool is_held(double rate) { return held_once(rate) || (!over() && held_once(rate)); }
    [[nodiscard]] bool held_once(double rate) {
        const double seconds = std::chrono::duration<double>(probe_).count();
        const auto count = static_cast<std::uint64_t>(std::max(rate * seconds, 20.0));
        lateness late;
        return engine_.ask_at(rate, count, hopeless, late) && late.of.percentile(99) < held_within;
    }

    asked_engine& engine_;
    bench_clock::time_point until_;
    std::chrono::nanoseconds probe_;
};

double microseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e3; }

std::string short_time(std::chrono::nanoseconds time) {
    const double us = microseconds(time);
    return us < 1'000 ? fmt::format("{:.1f} us", us) : us < 1e6 ? fmt::format("{:.2f} ms", us / 1e3)
                                                                : fmt::format("{:.2f} s", us / 1e6);
}

std::string line_of(const char* name, const lateness& late) {
    std::string out = fmt::format("{:<28}", name);
    for (const double percent : {50.0, 99.0, 99.9, 99.99}) {
        out += fmt::format("{:>11}", short_time(late.of.percentile(percent)));
    }
    return out + fmt::format("{:>11}{:>11}\n", short_time(late.of.max()), late.misses);
}

}  // namespace

bench_result bench(const bench_options& options) {
    bench_result result;
    asked_engine engine(options);
    const double rate = options.rate;
    const auto all = static_cast<std::uint64_t>(std::max(1.0, std::round(rate * options.seconds)));
    const auto of_round = static_cast<std::uint64_t>(std::max(1.0, rate * round_seconds));
    for (std::uint64_t done = 0; done < all;) {
        const std::uint64_t count = std::min(of_round, all - done);
        engine.ask_at(rate, count, std::chrono::nanoseconds::max(), result.decide);
        wait_at(rate, count, options, result.floor);
        done += count;
    }
    if (options.longest_search > 0ns) rate_search(engine, options.longest_search).look(rate, result);
    return result;
}

std::string to_text(const bench_options& options, const bench_result& result) {
    std::string out = fmt::format(
        "{} decisions at {}/s by {} {}, from the intended arrival of each:\n\n{:<28}", result.decide.of.count(),
        options.rate, options.askers, options.askers == 1 ? "asker" : "askers", "");
    for (const char* each : {"p50", "p99", "p99.9", "p99.99", "max"}) out += fmt::format("{:>11}", each);
    out += fmt::format("{:>11}\n", "> " + short_time(options.budget));
    out += line_of("decide", result.decide);
    out += line_of("the machine, doing nothing", result.floor);
    if (options.longest_search == 0ns) return out;
    if (result.highest_rate == 0) return out + "\nNo rate was held with p99 below 1 ms.\n";
    return out + fmt::format("\nHeld with p99 below 1 ms: {}{}/s\n", result.stopped_looking ? "at least " : "",
                             result.highest_rate);
}

std::string to_json(const bench_options& options, const bench_result& result) {
    const weir::latency_histogram& decide = result.decide.of;
    return fmt::format("{{\"rate\":{},\"decisions\":{},\"p50_us\":{:.3f},\"p99_us\":{:.3f},\"p999_us\":{:.3f},"
                       "\"p9999_us\":{:.3f},\"max_us\":{:.3f},\"floor_p999_us\":{:.3f},\"misses\":{}}}\n",
                       options.rate, decide.count(), microseconds(decide.percentile(50)),
                       microseconds(decide.percentile(99)), microseconds(decide.percentile(99.9)),
                       microseconds(decide.percentile(99.99)), microseconds(decide.max()),
                       microseconds(result.floor.of.percentile(99.9)), result.decide.misses);
}

}  // namespace fraud
