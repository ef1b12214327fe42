// SPDX-License-Identifier: Apache-2.0
// How long a record is on its way in an event loop, measured at its end, with the machine's own hold-ups beside it:
//
//   memory     one worker: from when a record is read to when the sink has it and what it made due is done
//   hand_over  two workers: from when the source has made a record, on one, to when the sink, on the other, takes it
//   ask        an answer by a rolling sum and count, of one worker
//   floor      a thread that does nothing but look at the clock, as often
//
//   weir_latency_benchmark [records per second] [seconds]
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <weir/weir.hpp>

namespace {

using namespace std::chrono_literals;

struct payment {
    std::uint64_t card = 0;
    weir::timestamp at{};
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, at, amount))

struct load {
    std::uint64_t rate = 20'000;
    double seconds = 3;
    [[nodiscard]] std::uint64_t records() const {
        return static_cast<std::uint64_t>(static_cast<double>(rate) * seconds);
    }
    // When record `i` is to be there.
    [[nodiscard]] std::chrono::nanoseconds due(std::uint64_t i) const {
        return std::chrono::nanoseconds{static_cast<std::int64_t>(i * 1'000'000'000 / rate)};
    }
};

payment make_payment(std::uint64_t i) {
    return {weir::mix_bits(i) % 1000, weir::timestamp{std::chrono::microseconds{i}}, 1.0};
}
// Made when its time has come: whoever is late finds several at once.
payment wait_for(const load& how, std::uint64_t i, std::chrono::nanoseconds began) {
    while (weir::machine().ticks() - began < how.due(i)) {
    }
    return make_payment(i);
}

void print(const char* name, const weir::latency_summary& of) {
    const auto micros = [](std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1000; };
    fmt::print("{:<12} {:>9} {:>9.2f} {:>9.2f} {:>9.2f} {:>9.2f} {:>9.2f}\n", name, of.count, micros(of.p50),
               micros(of.p99), micros(of.p999), micros(of.p9999), micros(of.max));
}

weir::latency_summary from_memory(const load& how) {
    std::vector<payment> all;
    for (std::uint64_t i = 0; i < how.records(); ++i) all.push_back(make_payment(i));
    double sum = 0;
    const auto stream = weir::memory(std::move(all)) | weir::event_time(&payment::at, weir::out_of_order(1ms)) |
                        weir::map([](const payment& each) { return each.amount; }) |
                        weir::into(weir::for_each([&](double each) { sum += each; }));
    const auto report =
        weir::run(weir::graph("memory", stream), weir::event_loop{.tuning = {.measure = true}});
    return *report.logs.at(0).latency;
}

weir::latency_summary hand_over(const load& how) {
    struct made {
        std::chrono::nanoseconds at;
    };
    weir::environment& where = weir::machine();
    weir::latency_histogram latency;
    const auto began = where.ticks();
    const auto source = weir::generate(how.records(), [&, began](std::uint64_t i) {
        static_cast<void>(wait_for(how, i, began));
        return made{where.ticks()};
    });
    // A sink stands on the worker of its number among the stages: here on the second one.
    const auto stream = source | weir::into(weir::for_each([&](const made& each) {
                            latency.record(where.ticks() - each.at);
                        }));
    weir::run(weir::graph("hand-over", stream), weir::event_loop{.threads = 2});
    return weir::summary_of(latency);
}

weir::latency_summary ask(const load& how) {
    const auto requests = weir::requests<payment, double>();
    const auto stream = requests | weir::event_time(&payment::at, weir::out_of_order(1ms)) |
                        weir::key_by(&payment::card) | weir::rolling(1h) |
                        weir::aggregate(weir::sum(&payment::amount), weir::count()) |
                        weir::map([](const auto& row) { return weir::get<0>(row)[0]; });
    auto engine = weir::start(weir::graph("ask", stream | weir::reply(requests)), weir::event_loop{});
    weir::environment& where = weir::machine();
    weir::latency_histogram latency;
    const auto began = where.ticks();
    for (std::uint64_t i = 0; i < how.records(); ++i) {
        const payment one = wait_for(how, i, began);
        if (!engine.ask(requests, one)) std::abort();
        latency.record(where.ticks() - began - how.due(i));
    }
    return weir::summary_of(latency);
}

weir::latency_summary floor_of_machine(const load& how) {
    weir::environment& where = weir::machine();
    weir::latency_histogram latency;
    const auto began = where.ticks();
    for (std::uint64_t i = 0; i < how.records(); ++i) {
        static_cast<void>(wait_for(how, i, began));
        latency.record(where.ticks() - began - how.due(i));
    }
    return weir::summary_of(latency);
}

}  // namespace

int main(int count, char** arguments) {
    load how;
    if (count > 1) how.rate = std::strtoull(arguments[1], nullptr, 10);
    if (count > 2) how.seconds = std::strtod(arguments[2], nullptr);
    if (how.rate == 0 || how.records() == 0) {
        std::fputs("usage: weir_latency_benchmark [records per second] [seconds], both above zero\n", stderr);
        return 2;
    }
    fmt::print("{} records per second for {} s, microseconds\n{:<12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", how.rate,
               how.seconds, "", "records", "p50", "p99", "p99.9", "p99.99", "max");
    print("memory", from_memory(how));
    print("hand_over", hand_over(how));
    print("ask", ask(how));
    print("floor", floor_of_machine(how));
}
