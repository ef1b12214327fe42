// SPDX-License-Identifier: Apache-2.0
// The machine's files, up to one operation: with that, the process dies, or the operation fails. What a dead process
// does afterwards is not done. A write that is the last one is done by half. The machine lives on, so that nothing that
// was done is lost, synced or not: syncing does nothing here, and takes no time.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <weir/base/environment.hpp>
#include <weir/base/error.hpp>

// Nobody catches it but the test.
struct process_died {};

class crashing_environment final : public weir::environment {
  public:
    enum class ending { crash, failure };

    // Operations count from 1; 0: nothing happens. `after_each` is called when an operation was done that can be seen.
    crashing_environment(std::uint64_t at, ending how, std::function<void()> after_each)
        : at_(at), how_(how), after_each_(std::move(after_each)) {}

    [[nodiscard]] std::uint64_t operations() const noexcept { return operations_; }
    [[nodiscard]] bool dead() const noexcept { return dead_; }
    void die() {
        dead_ = true;
        throw process_died{};
    }

    std::chrono::nanoseconds ticks() override { return weir::machine().ticks(); }
    std::uint64_t random() override { return weir::machine().random(); }
    std::unique_ptr<weir::input_file> open_input(const std::string& path) override {
        return doing<false>("open", [&] { return weir::machine().open_input(path); });
    }
    std::optional<weir::file_status> status_of(const std::string& path) override {
        return doing<false>("look at", [&] { return weir::machine().status_of(path); });
    }
    std::unique_ptr<weir::output_file> create_output(const std::string& path) override {
        return doing("create", [&] { return wrapped(weir::machine().create_output(path)); });
    }
    std::unique_ptr<weir::output_file> append_output(const std::string& path, std::uint64_t size) override {
        return doing("cut", [&] { return wrapped(weir::machine().append_output(path, size)); });
    }
    std::vector<std::string> list(const std::string& pattern) override {
        return doing<false>("list", [&] { return weir::machine().list(pattern); });
    }
    std::string publish_target(const std::string& path) override { return weir::machine().publish_target(path); }
    void publish(const std::string& from, const std::string& to) override {
        doing("publish", [&] { std::filesystem::rename(from, to); });
    }
    void sync_folder(const std::string&) override {
        doing<false>("sync folder", [] {});
    }
    bool link(const std::string& from, const std::string& to) override {
        return doing("link", [&] { return weir::machine().link(from, to); });
    }
    void remove(const std::string& path) override {
        doing("remove", [&] { weir::machine().remove(path); });
    }
    void create_folder(const std::string& path) override {
        doing("create folder", [&] { weir::machine().create_folder(path); });
    }
    void drive(std::span<weir::worker_base* const> workers) override { weir::machine().drive(workers); }

  private:
    class output final : public weir::output_file {
      public:
        output(crashing_environment& owner, std::unique_ptr<weir::output_file> file)
            : owner_(owner), file_(std::move(file)) {}
        void write(std::string_view bytes) override {
            if (owner_.next_is_last()) file_->write(bytes.substr(0, bytes.size() / 2));
            owner_.doing("write", [&] { file_->write(bytes); });
        }
        void sync() override {
            owner_.doing<false>("sync", [] {});
        }

      private:
        crashing_environment& owner_;
        std::unique_ptr<weir::output_file> file_;
    };

    [[nodiscard]] bool next_is_last() const noexcept { return !dead_ && operations_ + 1 == at_; }
    std::unique_ptr<weir::output_file> wrapped(std::unique_ptr<weir::output_file> file) {
        return std::make_unique<output>(*this, std::move(file));
    }
    template <bool Seen = true, class Action>
    std::invoke_result_t<Action&> doing(const char* what, Action&& action) {
        if (dead_) throw process_died{};
        if (next_is_last() && how_ == ending::crash) die();
        if (++operations_ == at_) throw weir::error(weir::error_kind::io, std::string{"cannot "} + what + ": broken");
        if constexpr (std::is_void_v<std::invoke_result_t<Action&>>) {
            action();
            if constexpr (Seen) after_each_();
        } else {
            auto result = action();
            if constexpr (Seen) after_each_();
            return result;
        }
    }

    std::uint64_t at_;
    ending how_;
    std::function<void()> after_each_;
    std::uint64_t operations_ = 0;
    bool dead_ = false;
};
