// SPDX-License-Identifier: Apache-2.0
// Testing one's own graph: verify runs a pipeline over a script, by the reference executor, by every runner, in chunks
// of several sizes, with one and two workers, and with a snapshot and restore between any two records. All must give
// the trace that is written down here. It throws a sentence that says what differs, so it fits any test library.
#include <iostream>
#include <optional>

#include <weir/testing/verify.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct price {
    std::uint32_t item = 0;
    std::int64_t cents = 0;
    friend bool operator==(const price&, const price&) = default;
};
BOOST_DESCRIBE_STRUCT(price, (), (item, cents))

struct best {
    std::optional<std::int64_t> cents;
};
BOOST_DESCRIBE_STRUCT(best, (), (cents))

// What is to be tested: prices that are the lowest so far of their item. Event time is the script's, so event_time
// stands where the graph is put together, not here.
auto bargains(auto prices) {
    return prices
         | weir::key_by(&price::item)
         | weir::process<best>([](auto&, const price& each, best& state) -> std::optional<price> {
               if (state.cents && *state.cents <= each.cents) return std::nullopt;
               state.cents = each.cents;
               return each;
           });
}

int main() {
    using namespace weir::testing;
    const auto pipeline = [](auto prices) { return bargains(prices); };
    const script<price> prices{at(10s, price{1, 500}), at(11s, price{2, 80}), watermark(11s),
                               at(12s, price{1, 450}), at(12s, price{1, 470}),
                               at(9s, price{1, 1}),  // late
                               watermark(20s), at(21s, price{2, 79})};
    const trace<price> wanted{out(10s, no_watermark{}, price{1, 500}), out(11s, no_watermark{}, price{2, 80}),
                              out(12s, 11s, price{1, 450}), out(21s, 20s, price{2, 79})};
    verify(pipeline, prices, wanted);
    std::cout << "as written down, in every mode\n";
    try {
        verify(pipeline, prices, trace<price>{out(10s, no_watermark{}, price{1, 499})});
    } catch (const mismatch& found) {
        std::cout << "a wrong trace: " << found.what() << '\n';
    }
}
