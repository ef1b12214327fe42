// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace fraud {
namespace {

constexpr std::size_t bar_width = 30;

std::string bar(std::uint64_t done, std::uint64_t expected) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(expected));
    const auto filled = static_cast<std::size_t>(share * bar_width);
    return fmt::format("[{}{}] {:3.0f}%  ", std::string(filled, '#'), std::string(bar_width - filled, '.'),
                       share * 100);
}

class counted_input final : public weir::input_file {
  public:
    counted_input(std::unique_ptr<weir::input_file> file, std::atomic<std::uint64_t>& bytes,
                  std::atomic<std::uint64_t>& position)
        : file_(std::move(file)), bytes_(bytes), position_(position) {}
    std::size_t read(std::span<char> block) override {
        const std::size_t count = file_->read(block);
        bytes_.fetch_add(count, std::memory_order_relaxed);
        at_ += count;
        position_.store(at_, std::memory_order_relaxed);
        return count;
    }
    void seek(std::uint64_t offset) override {
        file_->seek(offset);
        at_ = offset;
    }
    weir::file_status status() override { return file_->status(); }

  private:
    std::unique_ptr<weir::input_file> file_;
    std::atomic<std::uint64_t>& bytes_;
    std::atomic<std::uint64_t>& position_;
    std::uint64_t at_ = 0;
};

}  // namespace

watched_machine::watched_machine(const std::vector<std::string>& inputs) {
    for (const std::string& path : inputs) {
        std::error_code unknown;
        const std::uintmax_t size = std::filesystem::file_size(path, unknown);
        if (unknown) {
            expected_bytes_ = 0;
            return;
        }
        expected_bytes_ += size;
    }
}

std::unique_ptr<weir::input_file> watched_machine::open_input(const std::string& path) {
    return std::make_unique<counted_input>(weir::machine().open_input(path), read_bytes_, position_);
}

weir::progress_function watched_machine::progress_line() const {
    if (isatty(STDERR_FILENO) == 0) return {};
    return [this](const weir::progress_report& report) {
        const double seconds = std::chrono::duration<double>(report.elapsed).count();
        const double rate = seconds > 0 ? static_cast<double>(report.records) / seconds : 0;
        fmt::print(stderr, "\r\033[K{}{} transactions, {:.0f}/s",
                   expected_bytes_ == 0 ? "" : bar(read_bytes_.load(std::memory_order_relaxed), expected_bytes_),
                   report.records, rate);
        std::fflush(stderr);
    };
}

void clear_progress() {
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
}

}  // namespace fraud
