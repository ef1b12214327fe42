// SPDX-License-Identifier: Apache-2.0
// What a checkpoint costs the path of events: a million keys, of which ten thousand are touched between two saves.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "speed.hpp"

namespace speed {
namespace {

constexpr std::uint64_t keys = 1'000'000;
constexpr std::uint64_t touched = 10'000;

struct spent {
    std::int64_t count = 0;
    double sum = 0;
};
BOOST_DESCRIBE_STRUCT(spent, (), (count, sum))

// A stage by itself: payments go in, and its rows go nowhere.
class lone_stage {
  public:
    explicit lone_stage(const weir::node& what) : run_(what.make({})) {
        run_->set_channel_count(1);
        what.attach(0, from_, *run_, 0, nullptr);
    }
    weir::stage& run() { return *run_; }
    // `count` payments by cards from `first` on, each `stride` from the one before.
    void take(std::uint64_t first, std::uint64_t count, std::uint64_t stride) {
        for (std::uint64_t i = 0; i < count; ++i) {
            const payment each{(first + i * stride) % keys, weir::timestamp{1h} + weir::duration{i}, 0.25};
            from_.push_timed(each, each.at, weir::time_lowest, nobody_);
        }
        from_.flush(nullptr);
    }

  private:
    weir::outlet<payment> from_;
    weir::stamp_columns none_;
    weir::stamp_view nobody_{none_, 0};
    std::unique_ptr<weir::stage> run_;
};

template <class Stream> void print_case(const char* name, const Stream& last) {
    lone_stage stage(*last.from());
    stage.run().track_changes();
    stage.take(0, keys, 1);
    weir::state_batch all;
    stage.run().save_changes(all, true);
    std::vector<double> times;
    double bytes = 0;
    std::vector<char> cold(std::size_t{256} << 20);
    for (std::uint64_t round = 0; round < 30; ++round) {
        // All over the table, and different ones each time.
        stage.take(round * 7919, touched, 7919 * 31);
        weir::state_batch changes;
        std::fill(cold.begin(), cold.end(), static_cast<char>(round));  // in a second much else goes through the caches
        const auto began = std::chrono::steady_clock::now();
        stage.run().save_changes(changes, false);
        const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
        times.push_back(took.count() / static_cast<double>(changes.size()));
        bytes = static_cast<double>(changes.bytes()) / static_cast<double>(changes.size());
        if (changes.size() != touched + 1) fmt::print("{}: {} entries are no {}\n", name, changes.size(), touched + 1);
    }
    std::sort(times.begin(), times.end());
    fmt::print("  {:<44} {:>6.1f} ns, {:>5.1f} bytes a key; all {:.1f} MB\n", name, times[times.size() / 2], bytes,
               static_cast<double>(all.bytes()) / 1e6);
}

}  // namespace

void print_changes() {
    fmt::print("\nchanges of {} keys of {}, goal 100 ns a key\n", touched, keys);
    const auto by_card = weir::memory(payments{}) | weir::event_time(&payment::at, weir::out_of_order(disorder)) |
                         weir::key_by(&payment::card);
    const auto both = [] { return weir::aggregate(weir::count(), weir::sum(&payment::amount)); };
    print_case("process, count and sum", by_card | weir::process<spent>([](auto&, const payment& each, spent& state) {
                                             ++state.count;
                                             state.sum += each.amount;
                                             return state.sum;
                                         }));
    print_case("rolling 10 min, count and sum", by_card | weir::rolling(10min) | both());
    print_case("tumbling 10 min, count and sum", by_card | weir::window(weir::tumbling(10min)) | both());
    print_case("sliding 10 min by 1 min, count and sum", by_card | weir::window(weir::sliding(10min, 1min)) | both());
}

}  // namespace speed
