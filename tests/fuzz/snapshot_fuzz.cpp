// SPDX-License-Identifier: Apache-2.0
// Snapshots of running jobs, with bytes changed anywhere: a job restored from one goes on, or is refused with an error.
#include "fuzz.hpp"

#include <algorithm>
#include <vector>

#include <weir/runtime/job.hpp>
#include <weir/testing/simulation.hpp>
#include <weir/weir.hpp>

namespace {
using namespace std::chrono_literals;
using weir_fuzz::require;

struct payment {
    std::uint32_t card = 0;
    weir::timestamp at{};
    double amount = 0;
    std::string shop;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, at, amount, shop))
struct running {
    double sum = 0;
    std::vector<std::string> shops;
};
BOOST_DESCRIBE_STRUCT(running, (), (sum, shops))

auto log_of(unsigned seed) {
    return weir::generate(60,
                          [seed](std::uint64_t i) {
                              const auto time = static_cast<std::int64_t>(i * 1000 + (i * 7919 + seed) % 3000);
                              return payment{static_cast<std::uint32_t>(weir::mix_bits(i + seed) % 5),
                                             weir::timestamp{std::chrono::milliseconds{time}},
                                             static_cast<double>(i) / 8, i % 3 == 0 ? "a" : "shop"};
                          }) |
           weir::event_time(&payment::at, weir::out_of_order(3s));
}
auto payments() { return weir::merge(log_of(0), log_of(17)); }

const auto ignore = [] { return weir::into(weir::for_each([](const auto&) {})); };
const auto sums = weir::process<running, payment>(
    [](auto& context, const payment& each, running& state) {
        state.sum += each.amount;
        if (state.shops.size() < 3) state.shops.push_back(each.shop);
        // What a damaged snapshot says of a time may be the end of all time.
        context.set_timer(std::min(each.at, weir::timestamp::max() - 6s) + 5s);
        context.emit(each);
    },
    [](auto& context, const std::uint32_t& card, running& state) {
        context.emit({card, context.time(), state.sum, ""});
        if (state.sum > 100) context.forget();
    });

constexpr unsigned graph_count = 7;
weir::graph graph_of(unsigned which) {
    const auto by_card = [] { return payments() | weir::key_by(&payment::card); };
    switch (which) {
        case 0: return weir::graph("process", by_card() | sums | ignore());
        case 1: return weir::graph("sort", payments() | weir::sort_by_time() | ignore());
        case 2: {
            const auto one = log_of(0);
            const auto left = one | weir::key_by(&payment::shop) |
                              weir::process<running>([](auto&, const payment& each, running&) { return each; });
            const auto right = one | weir::filter([](const payment& each) { return each.card != 3; });
            return weir::graph("join", weir::join_by_origin(left, right) | ignore());
        }
        case 3:
            return weir::graph("tumbling", by_card() | weir::window(weir::tumbling(10s)) |
                                               weir::aggregate(weir::count(), weir::distinct(&payment::shop)) |
                                               ignore());
        case 4:
            return weir::graph("rolling", by_card() | weir::rolling(10s, 3s) |
                                              weir::aggregate(weir::sum(&payment::amount), weir::max(&payment::amount),
                                                              weir::last(&payment::shop)) |
                                              ignore());
        case 5:
            return weir::graph("totals", by_card() | weir::window(weir::sliding(20s, 1s)) |
                                             weir::aggregate(weir::count(), weir::distinct(&payment::shop)) | ignore());
        default:
            return weir::graph("sliding", by_card() | weir::window(weir::sliding(10s, 5s)) |
                                              weir::aggregate(weir::count(), weir::max(&payment::amount)) | ignore());
    }
}
struct prepared {
    weir::graph what;
    weir::job_snapshot taken;
};
const prepared& prepared_of(unsigned which) {
    static const auto all = [] {
        std::vector<prepared> made;
        for (unsigned i = 0; i < graph_count; ++i) {
            weir::graph what = graph_of(i);
            weir::testing::simulation where;
            weir::job running(what, {}, where);
            static_cast<void>(running.advance(50));
            auto taken = running.snapshot();
            made.push_back({what, taken});
        }
        return made;
    }();
    return all[which];
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir_fuzz::input from(data, size);
    const prepared& base = prepared_of(from.below(graph_count));
    weir::job_snapshot changed = base.taken;
    while (!from.empty()) {
        const std::size_t place = from.take<std::uint16_t>() % changed.bytes.size();
        switch (from.below(4)) {
            case 0: changed.bytes[place] = static_cast<std::byte>(from.take<std::uint8_t>()); break;
            case 1: changed.bytes.resize(place + 1); break;
            case 2: changed.bytes[place] ^= static_cast<std::byte>(1U << from.below(8)); break;
            default: {
                const auto word = from.take<std::uint64_t>();
                std::memcpy(changed.bytes.data() + place, &word, std::min(sizeof word, changed.bytes.size() - place));
            }
        }
    }
    weir::testing::simulation where;
    try {
        weir::job restored(base.what, {}, where, changed);
        restored.run_to_end();
        static_cast<void>(restored.finish());
    } catch (const weir::error& refused) {
        require(refused.kind() == weir::error_kind::state || refused.kind() == weir::error_kind::input,
                "a damaged snapshot is an error", refused.what());
    }
    return 0;
}
