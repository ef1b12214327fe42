// SPDX-License-Identifier: Apache-2.0
#include "follow.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <pthread.h>
#include <utility>

#include <weir/runtime/engine.hpp>
#include <weir/sources/csv_tail.hpp>

#include "decisions.hpp"
#include "live_lines.hpp"
#include "progress.hpp"

namespace fraud {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds status_every{200};

weir::graph followed(const follow_options& options, const std::shared_ptr<live_output>& output) {
    auto transactions = weir::csv_tail<labelled_transaction>(options.file)
                      | weir::map([output](labelled_transaction&& each) {
                            output->read_one();
                            return std::move(each);
                        })
                      | weir::named("transactions",
                                    weir::event_time([](const labelled_transaction& each) { return each.at.value; },
                                                     weir::out_of_order(options.max_disorder)));
    return weir::graph("followed decisions",
                       decisions(transactions) | weir::named("decision lines", weir::into(live_lines_sink(output))));
}

// While there is one, SIGINT and SIGTERM end nothing: they wait until somebody asks. To be made before other threads
// are, which then leave them alone, too.
class ending_signals {
  public:
    ending_signals() {
        sigemptyset(&ending_);
        sigaddset(&ending_, SIGINT);
        sigaddset(&ending_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &ending_, &before_);
    }
    ending_signals(const ending_signals&) = delete;
    ending_signals& operator=(const ending_signals&) = delete;
    ~ending_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    // Waits for one of them, not for ever.
    [[nodiscard]] bool came_within(std::chrono::milliseconds longest) const {
        const timespec most{0, static_cast<long>(std::chrono::nanoseconds(longest).count())};
        return sigtimedwait(&ending_, nullptr, &most) > 0;
    }

  private:
    sigset_t ending_{}, before_{};
};

class status_line {
  public:
    status_line(const follow_options& options, const watched_machine& where, live_output& output)
        : options_(options), where_(where), output_(output) {}

    void show() {
        const live_output::pace pace = output_.take_pace();
        const auto now = std::chrono::steady_clock::now();
        const double seconds = std::chrono::duration<double>(now - last_).count();
        const double rate = seconds > 0 ? static_cast<double>(pace.lines - lines_) / seconds : 0;
        last_ = now;
        lines_ = pace.lines;
        // Between two looks nothing may have come: then the last latency still is what is known.
        if (pace.latency.count() != 0) p99_us_ = static_cast<double>(pace.latency.percentile(99).count()) / 1e3;
        output_.show_status(fmt::format("{} decisions, {:.0f}/s, p99 {:.0f} us from reading to writing, {} bytes "
                                        "behind",
                                        lines_, rate, p99_us_, bytes_behind()));
    }

  private:
    // Of the file as it is now, how much has not been read.
    [[nodiscard]] std::uint64_t bytes_behind() const {
        std::error_code gone;
        const std::uintmax_t size = std::filesystem::file_size(options_.file, gone);
        const std::uint64_t read = where_.position();
        return gone || size < read ? 0 : size - read;
    }

    const follow_options& options_;
    const watched_machine& where_;
    live_output& output_;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
    std::uint64_t lines_ = 0;
    double p99_us_ = 0;
};

}  // namespace

weir::run_report follow(const follow_options& options) {
    std::optional<ending_signals> signals(std::in_place);
    const auto output = std::make_shared<live_output>();
    watched_machine where({});
    auto engine = weir::start(followed(options, output), weir::event_loop{}, where);
    status_line status(options, where, *output);
    const bool terminal = isatty(STDERR_FILENO) != 0;
    while (engine.running() && !signals->came_within(status_every)) {
        if (terminal) status.show();
    }
    signals.reset();  // whoever does not want to wait for the rest of the file can interrupt once more
    // An engine that has ended by itself has failed: what is said then is why.
    return engine.stop().value();
}

}  // namespace fraud
