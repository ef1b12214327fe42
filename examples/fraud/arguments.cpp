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
std::atomic<bool> told_to_save{false};

// While there is one, SIGTERM and SIGINT end a run where it is, with a savepoint, instead of the program; the second
// one ends the program. SIGUSR1 asks for a savepoint, and the run goes on.
class run_signals {
  public:
    explicit run_signals(bool listens) : listens_(listens) {
        if (!listens_) return;
        told_to_stop.store(false);
        told_to_save.store(false);
        struct sigaction stop {};
        stop.sa_handler = [](int) { told_to_stop.store(true); };
        stop.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
        struct sigaction save {};
        save.sa_handler = [](int) { told_to_save.store(true); };
        save.sa_flags = SA_RESTART;
        sigaction(SIGTERM, &stop, &before_[0]);
        sigaction(SIGINT, &stop, &before_[1]);
        sigaction(SIGUSR1, &save, &before_[2]);
    }
    run_signals(const run_signals&) = delete;
    run_signals& operator=(const run_signals&) = delete;
    ~run_signals() {
        if (!listens_) return;
        sigaction(SIGTERM, &before_[0], nullptr);
        sigaction(SIGINT, &before_[1], nullptr);
        sigaction(SIGUSR1, &before_[2], nullptr);
    }

  private:
    bool listens_;
    struct sigaction before_[3] {};
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
    command.add_option("--savepoint", arguments.savepoint,
                       "A folder whose savepoint to begin from, if --checkpoint has nothing yet")
        ->needs("--checkpoint");
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
    checkpoint.from = arguments.savepoint;
    const run_signals listening(!arguments.checkpoint.empty());
    if (!arguments.checkpoint.empty()) {
        tuning.stop = &told_to_stop;
        checkpoint.savepoint = &told_to_save;
    }
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
