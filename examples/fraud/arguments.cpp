// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include <csignal>

#include <atomic>
#include <cctype>

#include <weir/record/time_text.hpp>

#include "progress.hpp"

namespace fraud {
namespace {

std::atomic<bool> told_to_stop{false};

// While there is one, SIGTERM and SIGINT end a run where it is, with a savepoint, instead of the program; the second
// one ends the program.
class stop_on_signal {
  public:
    explicit stop_on_signal(bool listens) : listens_(listens) {
        if (!listens_) return;
        told_to_stop.store(false);
        struct sigaction ours {};
        ours.sa_handler = [](int) { told_to_stop.store(true); };
        ours.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
        sigaction(SIGTERM, &ours, &terminate_before_);
        sigaction(SIGINT, &ours, &interrupt_before_);
    }
    stop_on_signal(const stop_on_signal&) = delete;
    stop_on_signal& operator=(const stop_on_signal&) = delete;
    ~stop_on_signal() {
        if (!listens_) return;
        sigaction(SIGTERM, &terminate_before_, nullptr);
        sigaction(SIGINT, &interrupt_before_, nullptr);
    }
    [[nodiscard]] const std::atomic<bool>* wanted() const noexcept { return listens_ ? &told_to_stop : nullptr; }

  private:
    bool listens_;
    struct sigaction terminate_before_ {};
    struct sigaction interrupt_before_ {};
};

}  // namespace

void add_run_arguments(CLI::App& command, run_arguments& arguments, const std::string& about_output) {
    command.add_option("--input", arguments.inputs, "CSV files, also gzip or zstd; several are one log, in this order")
        ->required()
        ->expected(1, 1'000'000)
        ->allow_extra_args(false);  // with them, CLI11 takes '[a,b]' for two arguments
    command.add_option("--output", arguments.output, about_output)->required();
    command.add_option("--mode", arguments.mode, "batch, micro-batch or event-loop; the output is the same")
        ->check(CLI::IsMember({"event-loop", "micro-batch", "batch"}))
        ->capture_default_str();
    command.add_option("--threads", arguments.threads, "Workers")->check(CLI::Range(1, 128))->capture_default_str();
    command.add_option("--interval", arguments.interval, "Wall-clock length of a micro-batch: 500ms, 1s, ...")
        ->capture_default_str();
    command.add_option("--checkpoint", arguments.checkpoint,
                       "A folder for checkpoints: a run that was ended, by whatever, is gone on with from there");
    command.add_option("--every", arguments.every, "How often a checkpoint is taken: 20ms, 1s, ...")
        ->capture_default_str();
    add_max_disorder(command, arguments.max_disorder);
}

void add_max_disorder(CLI::App& command, std::string& value) {
    command
        .add_option("--max-disorder", value, "How far behind the newest transaction one may come and still count")
        ->capture_default_str();
}

weir::duration parse_length(const std::string& text, const std::string& option, bool may_be_zero) {
    weir::duration value{};
    const bool digits_first = !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0;
    const bool coarse = !text.ends_with("ns") && !text.ends_with("us");
    const weir::text_error problem = weir::parse_duration(text, value);
    if (digits_first && coarse && problem == weir::text_error::out_of_range) {
        throw weir::error(weir::error_kind::configuration,
                          option + ": '" + text + "' is longer than 106751d, the most that nanoseconds can count");
    }
    if (!digits_first || !coarse || problem != weir::text_error::none) {
        throw weir::error(
            weir::error_kind::configuration,
            option + ": '" + text + "' is no duration: write an integer and ms, s, m, h or d, such as 90s");
    }
    if (!may_be_zero && value <= weir::duration::zero()) {
        throw weir::error(weir::error_kind::configuration, option + ": must be above zero");
    }
    return value;
}

weir::duration parse_budget(const std::string& text, const std::string& option) {
    weir::duration value{};
    const bool digits_first = !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0;
    if (!digits_first || weir::parse_duration(text, value) != weir::text_error::none) {
        throw weir::error(weir::error_kind::configuration,
                          option + ": '" + text + "' is no duration: write an integer and us, ms or s, such as 500us");
    }
    if (value <= weir::duration::zero()) {
        throw weir::error(weir::error_kind::configuration, option + ": must be above zero");
    }
    return value;
}

weir::run_report run_as_said(const weir::graph& graph, const run_arguments& arguments) {
    const weir::duration interval = parse_length(arguments.interval, "--interval", false);
    watched_machine where(arguments.inputs);
    weir::run_tuning tuning;
    tuning.progress = where.progress_line();
    weir::checkpointing checkpoint;
    checkpoint.every = parse_length(arguments.every, "--every", true);
    checkpoint.directory = arguments.checkpoint;
    const stop_on_signal stopping(!arguments.checkpoint.empty());
    tuning.stop = stopping.wanted();
    if (arguments.mode == "event-loop") {
        return weir::run(graph, weir::event_loop{arguments.threads, tuning, checkpoint}, where);
    }
    if (arguments.mode == "micro-batch") {
        weir::micro_batch runner;
        runner.every = interval;
        runner.threads = arguments.threads;
        runner.tuning = tuning;
        runner.checkpoint = checkpoint;
        return weir::run(graph, runner, where);
    }
    weir::batch runner;
    runner.threads = arguments.threads;
    runner.tuning = tuning;
    runner.checkpoint = checkpoint;
    return weir::run(graph, runner, where);
}

}  // namespace fraud
