// SPDX-License-Identifier: Apache-2.0
// The simulated environment: virtual time, seeded random numbers, files in memory, and workers interleaved by the seed
// in one thread. The same seed gives the same run, step by step, so a failure is repeated by its seed alone.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>

#include <weir/base/environment.hpp>

namespace weir::testing {

// Splitmix64 (Steele, Lea, Flood 2014): small, and good enough to choose by.
class seeded {
  public:
    explicit constexpr seeded(std::uint64_t seed) noexcept : state_(seed) {}
    constexpr std::uint64_t next() noexcept {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }
    // A number in [0, count); count > 0.
    constexpr std::uint64_t below(std::uint64_t count) noexcept { return next() % count; }
    constexpr bool one_in(std::uint64_t count) noexcept { return below(count) == 0; }

  private:
    std::uint64_t state_;
};

class simulation final : public environment {
  public:
    explicit simulation(std::uint64_t seed = 1) : seed_(seed), random_(seed), schedule_(seed ^ 0x5eedU) {}

    // Every step of a worker, and every look at the clock, takes a virtual microsecond or so.
    [[nodiscard]] std::chrono::nanoseconds ticks() override { return now_ += std::chrono::nanoseconds{50}; }
    [[nodiscard]] std::uint64_t random() override { return random_.next(); }

    [[nodiscard]] std::unique_ptr<input_file> open_input(const std::string& path) override;
    [[nodiscard]] std::optional<file_status> status_of(const std::string& path) override;
    [[nodiscard]] std::unique_ptr<output_file> create_output(const std::string& path) override;
    [[nodiscard]] std::vector<std::string> list(const std::string& pattern) override;
    void publish(const std::string& from, const std::string& to) override;
    void remove(const std::string& path) override;
    void create_folder(const std::string& path) override;

    // Throws weir::error of kind internal if workers that have not finished do nothing any more.
    void drive(std::span<worker_base* const> workers) override;
    // There are no threads here: throws weir::error of kind configuration. An engine is polled instead.
    [[nodiscard]] bool has_threads() const override { return false; }
    [[nodiscard]] std::unique_ptr<background_work> launch(std::function<void()> work) override;
    // Waiting for what has not happened yet takes its time at once.
    [[nodiscard]] std::unique_ptr<signal> make_signal() override;

    // Another file under this name; whoever has the old one open keeps it.
    void put_file(const std::string& path, std::string text);
    // The same file, longer; made if there is none.
    void append_to_file(const std::string& path, std::string_view text);
    // The same file, with other content.
    void overwrite_file(const std::string& path, std::string text);
    // The bytes of a file; an error of kind io if there is none.
    [[nodiscard]] const std::string& file(const std::string& path) const;
    [[nodiscard]] bool has_file(const std::string& path) const { return files_.contains(path); }
    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

  private:
    struct simulated_file {
        std::uint64_t number;
        std::string bytes;
    };
    class simulated_input;
    std::shared_ptr<simulated_file> new_file(std::string text);

    std::uint64_t seed_;
    seeded random_;
    seeded schedule_;
    std::chrono::nanoseconds now_{0};
    std::uint64_t steps_ = 0;
    std::map<std::string, std::shared_ptr<simulated_file>> files_;
    std::uint64_t files_made_ = 0;
    std::set<std::string> folders_;
};

}  // namespace weir::testing
