// SPDX-License-Identifier: Apache-2.0
#include "running_job.hpp"

#include <algorithm>
#include <limits>

#include <weir/flow/sink.hpp>

namespace weir::detail {
namespace {

void check(const run_plan& how) {
    const auto refuse = [](const std::string& sentence) { throw error(error_kind::configuration, sentence); };
    if (how.threads == 0 || how.threads > shard_count) refuse("a run needs 1 to 128 threads");
    if (how.chunk == 0) refuse("a run needs a chunk, or max_records, of at least one record");
    if (how.batch_every <= std::chrono::nanoseconds::zero()) refuse("micro_batch needs an interval above zero");
    if (how.tuning.ring == 0) refuse("a ring holds at least one chunk");
    if (how.tuning.in_flight == 0) refuse("at least one record must be allowed in flight");
}

constexpr std::uint32_t snapshot_version = 2;

}  // namespace

running_job::running_job(const graph& what, const run_plan& how, environment& where)
    : what_(what), shared_((check(how), how.threads)), started_(where.ticks()) {
    shared_.how = how;
    const auto endless = [](const auto& each) { return each->unbounded(); };
    if (how.whole) shared_.how.drain |= std::any_of(what_.nodes().begin(), what_.nodes().end(), endless);
    shared_.where = &where;
    shared_.started = started_;
    // The folder first: whoever holds it may be writing what sinks would take for their own.
    if (!how.checkpoint.directory.empty()) checkpoints_ = std::make_unique<checkpointer>(what_, how, where);
    plan_ = std::make_unique<plan>(what_, shared_, outputs_);
    for (auto& each : plan_->workers()) workers_.push_back(each.get());
    if (checkpoints_ == nullptr) return;
    checkpoints_->restore(*plan_);
    ended_ = checkpoints_->resumes_ended();
    shared_.checkpoints = checkpoints_.get();
    if (ended_ || checkpoints_->report().resumed_from == 0) return;
    // At once, for a log may not be read before what waits at gates has gone on.
    for (auto& each : plan_->workers()) each->announce_all();
}
running_job::~running_job() {
    try {
        close(false);
    } catch (...) {  // what could not be removed stays; the run had failed already
    }
}

void running_job::run_to_end() {
    failing_if_it_throws running(*this);
    if (ended_) return;  // a run before this one had come to the end
    shared_.budgeted = false;  // advance() may have left none
    shared_.budget = std::numeric_limits<std::uint64_t>::max();
    shared_.where->drive(workers_);
    ended_ = true;
}

bool running_job::advance(std::uint64_t records) {
    failing_if_it_throws running(*this);
    shared_.budgeted = true;
    shared_.budget = records;
    // Two idle rounds: in the first, workers may still tell each other how far they are.
    for (unsigned idle_rounds = 0;;) {
        bool progressed = false;
        bool finished = true;
        for (worker_base* each : workers_) {
            const step_result result = each->step();
            progressed |= result == step_result::progressed;
            finished &= result == step_result::finished;
        }
        if (finished) ended_ = true;
        idle_rounds = progressed ? 0 : idle_rounds + 1;
        if (finished || idle_rounds == 2) return !finished;
    }
}

job_snapshot running_job::snapshot() {
    check_not_failed();
    binary_writer writer;
    save(writer, snapshot_version);
    save(writer, what_.name());
    save(writer, std::uint64_t{shared_.how.threads});
    save(writer, std::uint64_t{plan_->stages().size()});
    plan_->save_state(writer);
    const auto bytes = writer.bytes();
    return {what_.name(), shared_.how.threads, {bytes.begin(), bytes.end()}};
}

void running_job::restore(const job_snapshot& from) {
    binary_reader reader{std::span<const std::byte>{from.bytes}};
    if (load<std::uint32_t>(reader) != snapshot_version) refuse("was taken by another version");
    if (load<std::string>(reader) != what_.name()) refuse("is of graph '" + from.graph_name + "'");
    if (load<std::uint64_t>(reader) != shared_.how.threads) {
        refuse("is of a run with " + std::to_string(from.threads) + " threads");
    }
    if (load<std::uint64_t>(reader) != plan_->stages().size()) refuse("has other stages");
    plan_->load_state(reader);
}

run_report running_job::finish(bool complete) {
    if (complete) check_not_failed();
    // Workers that were stopped at once may have records on their way, which the checkpoint before has not.
    const bool at_rest = ended_ || shared_.how.threads == 1;
    if (complete && at_rest && checkpoints_ != nullptr && !checkpoints_->resumes_ended()) {
        failing_if_it_throws running(*this);
        // What a batch that was broken off has read is still between its stages.
        if (!ended_) plan_->workers().front()->announce_all();
        checkpoints_->take_last(ended_ && !shared_.drains(), shared_.left_off.load());
    }
    close(complete);
    if (checkpoints_ != nullptr) checkpoints_->leave_folder();
    return report();
}

run_report running_job::report() const {
    run_report report;
    plan_->fill(report);
    report.records = shared_.records_read.load();
    for (const auto& each : plan_->workers()) report.batches += each->batches;
    report.elapsed = shared_.where->ticks() - started_;
    report.taken_at = timestamp{shared_.where->time_of_day().time_since_epoch()};
    report.reached_end = ended_ && !shared_.drains();
    report.outputs = outputs_;
    if (checkpoints_ != nullptr) report.checkpoints = checkpoints_->report();
    return report;
}

void running_job::check_not_failed() const {
    if (failed_) throw error(error_kind::state, "this job of graph '" + what_.name() + "' has failed: end it");
}
void running_job::refuse(const std::string& why) const {
    throw error(error_kind::state, "this snapshot " + why + "; it cannot be restored into graph '" + what_.name() +
                                       "' with " + std::to_string(shared_.how.threads) + " threads");
}

void running_job::close(bool complete) {
    if (closed_) return;
    closed_ = true;
    auto next = plan_->stages().begin();
    std::string published;
    try {
        if (complete) prepare_sinks();
        for (; next != plan_->stages().end(); ++next) {
            next->run->finish(complete);
            const auto* sink = dynamic_cast<const sink_stage_base*>(next->run.get());
            if (complete && sink != nullptr && sink->publishes()) published += output_label(*next);
        }
    } catch (const error& problem) {
        give_up(next);
        if (published.empty()) throw;
        throw error(problem.kind(), std::string{problem.what()} +
                                        "; what this run had published before stays, whole:" + published);
    } catch (...) {
        give_up(next);
        throw;
    }
}

void running_job::prepare_sinks() {
    for (auto& each : plan_->stages()) {
        if (auto* sink = dynamic_cast<sink_stage_base*>(each.run.get())) sink->prepare();
    }
}

// Those from `first` on have published nothing, and will not.
void running_job::give_up(std::vector<running_stage>::iterator first) {
    for (; first != plan_->stages().end(); ++first) {
        try {
            first->run->finish(false);
        } catch (...) {  // what could not be removed stays; the first error is the one to tell
        }
    }
}

std::string running_job::output_label(const running_stage& sink) const {
    std::string text{" "};
    return text.append(what_.label(sink.node)).append(" (").append(what_.nodes()[sink.node]->detail()) + ")";
}

}  // namespace weir::detail
