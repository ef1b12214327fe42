// SPDX-License-Identifier: Apache-2.0
// The simulated environment: virtual time, seeded random numbers, a disk in memory that crashes and fails when it is
// told to, and workers interleaved by the seed in one thread. The same seed gives the same run, step by step, so a
// failure is repeated by its seed alone.
#pragma once
#include <memory>
#include <string>

#include <weir/base/environment.hpp>
#include <weir/testing/seeded.hpp>
#include <weir/testing/simulated_disk.hpp>

namespace weir::testing {

class simulation final : public environment {
  public:
    explicit simulation(std::uint64_t seed = 1) : simulation(seed, simulated_disk{seed ^ 0xd15cU}) {}
    // With what is on that disk already: as after a crash.
    simulation(std::uint64_t seed, simulated_disk disk)
        : seed_(seed), random_(seed), schedule_(seed ^ 0x5eedU), disk_(std::move(disk)) {}

    // Every step of a worker, and every look at the clock, takes a virtual microsecond or so.
    [[nodiscard]] std::chrono::nanoseconds ticks() override { return now_ += std::chrono::nanoseconds{50}; }
    // The time of day goes with the ticks, but may be set.
    [[nodiscard]] std::chrono::sys_time<std::chrono::nanoseconds> time_of_day() override {
        return std::chrono::sys_time<std::chrono::nanoseconds>{ticks() + clock_};
    }
    void set_clock_by(std::chrono::nanoseconds on_or_back) noexcept { clock_ += on_or_back; }
    [[nodiscard]] std::uint64_t random() override { return random_.next(); }

    [[nodiscard]] std::unique_ptr<input_file> open_input(const std::string& path) override {
        return disk_.open_input(path);
    }
    [[nodiscard]] std::optional<file_status> status_of(const std::string& path) override {
        return disk_.status_of(path);
    }
    [[nodiscard]] std::unique_ptr<output_file> create_output(const std::string& path) override {
        return disk_.create_output(path);
    }
    [[nodiscard]] std::vector<std::string> list(const std::string& pattern) override { return disk_.list(pattern); }
    [[nodiscard]] std::string publish_target(const std::string& path) override { return disk_.publish_target(path); }
    void publish(const std::string& from, const std::string& to) override { disk_.publish(from, to); }
    void sync_folder(const std::string& path) override { disk_.sync_folder(path); }
    [[nodiscard]] bool link(const std::string& from, const std::string& to) override { return disk_.link(from, to); }
    [[nodiscard]] std::unique_ptr<output_file> append_output(const std::string& path, std::uint64_t size) override {
        return disk_.append_output(path, size);
    }
    [[nodiscard]] std::unique_ptr<file_lock> lock_file(const std::string& path) override {
        return disk_.lock_file(path);
    }
    void remove(const std::string& path) override { disk_.remove(path); }
    void create_folder(const std::string& path) override { disk_.create_folder(path); }

    // Throws weir::error of kind internal if workers that have not finished do nothing any more.
    void drive(std::span<worker_base* const> workers) override;
    // There are no threads here: throws weir::error of kind configuration. An engine is polled instead.
    [[nodiscard]] bool has_threads() const override { return false; }
    [[nodiscard]] std::unique_ptr<background_work> launch(std::function<void()> work) override;
    // Waiting for what has not happened yet takes its time at once.
    [[nodiscard]] std::unique_ptr<signal> make_signal() override;

    // Its crashes and faults.
    [[nodiscard]] simulated_disk& disk() noexcept { return disk_; }
    // Another file under this name; whoever has the old one open keeps it. This and the next two are durable at once.
    void put_file(const std::string& path, std::string text) { disk_.put_file(path, std::move(text)); }
    // The same file, longer; made if there is none.
    void append_to_file(const std::string& path, std::string_view text) { disk_.append_to_file(path, text); }
    // The same file, with other content.
    void overwrite_file(const std::string& path, std::string text) { disk_.overwrite_file(path, std::move(text)); }
    // The bytes of a file; an error of kind io if there is none.
    [[nodiscard]] const std::string& file(const std::string& path) const;
    [[nodiscard]] bool has_file(const std::string& path) const { return disk_.file(path) != nullptr; }
    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

  private:
    std::uint64_t seed_;
    seeded random_;
    seeded schedule_;
    std::chrono::nanoseconds now_{0};
    std::chrono::nanoseconds clock_{0};  // what the time of day is ahead
    std::uint64_t steps_ = 0;
    simulated_disk disk_;
};

}  // namespace weir::testing
