// SPDX-License-Identifier: Apache-2.0
// What a program that follows a file shows: lines on standard output as they come, and on a terminal, below them, one
// line that says how things stand.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <weir/base/latency_histogram.hpp>
#include <weir/flow/sink.hpp>
#include <weir/record/json_encoder.hpp>

namespace fraud {

// Used by the thread of the engine, which writes, and by that of the program, which looks.
class live_output {
  public:
    using clock = std::chrono::steady_clock;

    // A record has been read that leads to one of the next lines.
    void read_one() {
        if (!begun_) begun_ = clock::now();
    }
    // Everything that was read stands in these lines. Throws weir::error of kind io if they cannot be written.
    void write(std::string_view lines, std::uint64_t count);

    // How many lines, and how long it took from reading a record to its line, since this was asked last.
    struct pace {
        std::uint64_t lines = 0;  // of all time
        weir::latency_histogram latency;
    };
    [[nodiscard]] pace take_pace();
    void show_status(const std::string& status);

  private:
    void clear_status();

    std::optional<clock::time_point> begun_;  // of the engine's thread alone
    std::mutex busy_;
    pace pace_;
    bool status_shown_ = false;
};

// A sink of JSON lines that are seen at once: those of a chunk are written together, and at the latest before the
// engine looks whether there is more to read.
class live_lines_sink : public weir::sink_description {
  public:
    explicit live_lines_sink(std::shared_ptr<live_output> to) : to_(std::move(to)) {}
    [[nodiscard]] std::string kind() const { return "live lines"; }
    [[nodiscard]] std::string claim() const { return "standard output"; }

    template <weir::json_writable V> [[nodiscard]] auto open(const weir::sink_site&) const {
        return std::make_unique<writer<V>>(to_);
    }

  private:
    template <class V>
    class writer {
      public:
        explicit writer(std::shared_ptr<live_output> to) : to_(std::move(to)) {}
        void take(const V& record, const weir::stamp_view&) {
            encoder_.append(pending_, record);
            if (++count_ == most_pending) flush();
        }
        void flush() {
            if (count_ == 0) return;
            to_->write(pending_, count_);
            pending_.clear();
            count_ = 0;
        }
        void finish(bool complete) {
            if (complete) flush();
        }

      private:
        static constexpr std::uint64_t most_pending = 256;

        std::shared_ptr<live_output> to_;
        weir::json_encoder<V> encoder_{weir::json_options{}};
        std::string pending_;
        std::uint64_t count_ = 0;
    };

    std::shared_ptr<live_output> to_;
};

}  // namespace fraud
