// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that says how far a run has come; nothing where output is not a terminal.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weir/runtime/run.hpp>

namespace fraud {

// The machine, watched: how much of the input files has been read is how far a run has come.
class watched_machine final : public weir::environment {
  public:
    // The bytes of a pipe are not known: then there is a count of transactions and no bar.
    explicit watched_machine(const std::vector<std::string>& inputs);
    // To be given to the run's tuning.
    [[nodiscard]] weir::progress_function progress_line() const;
    // How far the file that was read last has been read, in bytes.
    [[nodiscard]] std::uint64_t position() const { return position_.load(std::memory_order_relaxed); }

    std::unique_ptr<weir::input_file> open_input(const std::string& path) override;
    std::chrono::nanoseconds ticks() override { return weir::machine().ticks(); }
    std::uint64_t random() override { return weir::machine().random(); }
    std::unique_ptr<weir::output_file> create_output(const std::string& path) override {
        return weir::machine().create_output(path);
    }
    std::optional<weir::file_status> status_of(const std::string& path) override {
        return weir::machine().status_of(path);
    }
    std::vector<std::string> list(const std::string& pattern) override { return weir::machine().list(pattern); }
    std::string publish_target(const std::string& path) override { return weir::machine().publish_target(path); }
    void publish(const std::string& from, const std::string& to) override { weir::machine().publish(from, to); }
    void sync_folder(const std::string& path) override { weir::machine().sync_folder(path); }
    bool link(const std::string& from, const std::string& to) override { return weir::machine().link(from, to); }
    std::unique_ptr<weir::output_file> append_output(const std::string& path, std::uint64_t size) override {
        return weir::machine().append_output(path, size);
    }
    std::unique_ptr<weir::file_lock> lock_file(const std::string& path) override {
        return weir::machine().lock_file(path);
    }
    void remove(const std::string& path) override { weir::machine().remove(path); }
    void create_folder(const std::string& path) override { weir::machine().create_folder(path); }
    void drive(std::span<weir::worker_base* const> workers) override { weir::machine().drive(workers); }
    std::unique_ptr<weir::background_work> watch(const std::string& path,
                                                 const std::shared_ptr<weir::signal>& happened) override {
        return weir::machine().watch(path, happened);
    }

  private:
    std::uint64_t expected_bytes_ = 0;  // 0: not known
    std::atomic<std::uint64_t> read_bytes_{0};
    std::atomic<std::uint64_t> position_{0};
};

// Ends the line.
void clear_progress();

}  // namespace fraud
