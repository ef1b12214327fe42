// SPDX-License-Identifier: Apache-2.0
#include <weir/testing/simulation.hpp>

#include <algorithm>

#include <weir/base/error.hpp>

namespace weir::testing {
namespace {

// Idle steps in a row, per worker, after which nothing is going to happen any more. Virtual time goes faster
// meanwhile, so that whoever waits for the clock is not taken for dead.
constexpr std::uint64_t stalled_steps = 2000;

// Nobody else can make it happen while one waits.
class simulated_signal final : public signal {
  public:
    explicit simulated_signal(std::chrono::nanoseconds& now) : now_(now) {}
    std::uint64_t count() const noexcept override { return count_; }
    void notify() override { ++count_; }
    void wait(std::uint64_t seen, std::chrono::nanoseconds longest) override {
        if (count_ == seen) now_ += std::min<std::chrono::nanoseconds>(longest, std::chrono::hours{1});
    }

  private:
    std::chrono::nanoseconds& now_;
    std::uint64_t count_ = 0;
};

}  // namespace

const std::string& simulation::file(const std::string& path) const {
    const std::string* const found = disk_.file(path);
    if (found == nullptr) {
        throw error(error_kind::io, "cannot read '" + path + "': there is no such file in the simulation");
    }
    return *found;
}

std::unique_ptr<background_work> simulation::launch(std::function<void()>) {
    throw error(error_kind::configuration,
                "a simulation has no threads: start the engine with start_polled and poll it");
}
std::unique_ptr<signal> simulation::make_signal() { return std::make_unique<simulated_signal>(now_); }

// Picks a worker by the seed and lets it run for one step, or for a burst in which the others starve: both kinds of
// schedule find their own mistakes.
void simulation::drive(std::span<worker_base* const> workers) {
    std::vector<worker_base*> open(workers.begin(), workers.end());
    std::uint64_t idle = 0;
    while (!open.empty()) {
        const auto chosen = static_cast<std::size_t>(schedule_.below(open.size()));
        std::uint64_t burst = schedule_.one_in(8) ? 1 + schedule_.below(32) : 1;
        for (; burst > 0; --burst) {
            ++steps_;
            now_ += std::chrono::microseconds{1} * static_cast<std::int64_t>(1 + idle / 16);
            const step_result result = open[chosen]->step();
            if (result == step_result::finished) {
                open.erase(open.begin() + static_cast<std::ptrdiff_t>(chosen));
                idle = 0;
                break;
            }
            idle = result == step_result::progressed ? 0 : idle + 1;
        }
        if (idle > stalled_steps * (workers.size() + 1)) {
            throw error(error_kind::internal, "the run stalled: " + std::to_string(open.size()) + " of " +
                                                  std::to_string(workers.size()) + " workers wait for ever (seed " +
                                                  std::to_string(seed_) + ", step " + std::to_string(steps_) + ")");
        }
    }
}

}  // namespace weir::testing
