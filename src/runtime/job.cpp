// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/job.hpp>

#include <algorithm>
#include <exception>
#include <limits>

#include <weir/flow/sink.hpp>

#include "plan.hpp"

namespace weir {
namespace detail {

run_plan plan_of(const event_loop& runner) {
    run_plan plan;
    plan.threads = runner.threads;
    plan.chunk = 1;
    plan.outlet_chunk = 256;
    plan.tuning = runner.tuning;
    return plan;
}
run_plan plan_of(const micro_batch& runner) {
    run_plan plan;
    plan.threads = runner.threads;
    plan.batch_records = runner.max_records;
    plan.batch_every = runner.every;
    plan.chunk = static_cast<std::size_t>(std::min<std::uint64_t>(1024, runner.max_records));
    plan.tuning = runner.tuning;
    return plan;
}
run_plan plan_of(const batch& runner) {
    run_plan plan;
    plan.threads = runner.threads;
    plan.chunk = runner.chunk;
    plan.outlet_chunk = runner.chunk;
    plan.tuning = runner.tuning;
    return plan;
}
run_plan plan_of(const available_now& runner) {
    run_plan plan;
    plan.threads = runner.threads;
    plan.chunk = runner.chunk;
    plan.outlet_chunk = runner.chunk;
    plan.drain = true;
    plan.tuning = runner.tuning;
    return plan;
}

}  // namespace detail

namespace {

void check(const detail::run_plan& how) {
    const auto refuse = [](const std::string& sentence) { throw error(error_kind::configuration, sentence); };
    if (how.threads == 0 || how.threads > shard_count) refuse("a run needs 1 to 128 threads");
    if (how.chunk == 0) refuse("a run needs a chunk, or max_records, of at least one record");
    if (how.batch_every <= std::chrono::nanoseconds::zero()) refuse("micro_batch needs an interval above zero");
    if (how.tuning.ring == 0) refuse("a ring holds at least one chunk");
    if (how.tuning.in_flight == 0) refuse("at least one record must be allowed in flight");
}

constexpr std::uint32_t snapshot_version = 1;

}  // namespace

class job::impl {
  public:
    impl(const graph& what, const detail::run_plan& how, environment& where)
        : what_(what), shared_((check(how), how.threads)), started_(where.ticks()) {
        shared_.how = how;
        shared_.where = &where;
        shared_.started = started_;
        plan_ = std::make_unique<detail::plan>(what_, shared_, outputs_);
        for (auto& each : plan_->workers()) workers_.push_back(each.get());
    }
    ~impl() {
        try {
            close(false);
        } catch (...) {  // what could not be removed stays; the run had failed already
        }
    }

    void run_to_end() {
        failing_if_it_throws running(*this);
        shared_.budgeted = false;  // advance() may have left none
        shared_.budget = std::numeric_limits<std::uint64_t>::max();
        shared_.where->drive(workers_);
        ended_ = true;
    }
    bool advance(std::uint64_t records) {
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
    job_snapshot snapshot() {
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
    void restore(const job_snapshot& from) {
        binary_reader reader{std::span<const std::byte>{from.bytes}};
        if (load<std::uint32_t>(reader) != snapshot_version) refuse("was taken by another version");
        if (load<std::string>(reader) != what_.name()) refuse("is of graph '" + from.graph_name + "'");
        if (load<std::uint64_t>(reader) != shared_.how.threads) {
            refuse("is of a run with " + std::to_string(from.threads) + " threads");
        }
        if (load<std::uint64_t>(reader) != plan_->stages().size()) refuse("has other stages");
        plan_->load_state(reader);
    }
    run_report finish(bool complete) {
        if (complete) check_not_failed();
        close(complete);
        run_report report;
        plan_->fill(report);
        report.records = shared_.records_read.load();
        for (const auto& each : plan_->workers()) report.batches += each->batches;
        report.elapsed = shared_.where->ticks() - started_;
        report.reached_end = ended_ && !shared_.how.drain;
        report.outputs = outputs_;
        return report;
    }
    [[nodiscard]] bool ended() const { return ended_; }

  private:
    // Stages that threw stand in the middle of a record: the job can only be ended.
    class failing_if_it_throws {
      public:
        explicit failing_if_it_throws(impl& running) : running_(running), before_(std::uncaught_exceptions()) {
            running.check_not_failed();
        }
        failing_if_it_throws(const failing_if_it_throws&) = delete;
        failing_if_it_throws& operator=(const failing_if_it_throws&) = delete;
        ~failing_if_it_throws() { running_.failed_ |= std::uncaught_exceptions() > before_; }

      private:
        impl& running_;
        int before_;
    };
    void check_not_failed() const {
        if (failed_) throw error(error_kind::state, "this job of graph '" + what_.name() + "' has failed: end it");
    }
    [[noreturn]] void refuse(const std::string& why) {
        throw error(error_kind::state, "this snapshot " + why + "; it cannot be restored into graph '" + what_.name() +
                                           "' with " + std::to_string(shared_.how.threads) + " threads");
    }
    void close(bool complete) {
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
    void prepare_sinks() {
        for (auto& each : plan_->stages()) {
            if (auto* sink = dynamic_cast<sink_stage_base*>(each.run.get())) sink->prepare();
        }
    }
    // Those from `first` on have published nothing, and will not.
    void give_up(std::vector<detail::running_stage>::iterator first) {
        for (; first != plan_->stages().end(); ++first) {
            try {
                first->run->finish(false);
            } catch (...) {  // what could not be removed stays; the first error is the one to tell
            }
        }
    }
    [[nodiscard]] std::string output_label(const detail::running_stage& sink) const {
        std::string text{" "};
        return text.append(what_.label(sink.node)).append(" (").append(what_.nodes()[sink.node]->detail()) + ")";
    }

    graph what_;
    detail::run_state shared_;
    run_outputs outputs_;
    std::chrono::nanoseconds started_;
    std::unique_ptr<detail::plan> plan_;
    std::vector<worker_base*> workers_;
    bool ended_ = false;
    bool failed_ = false;
    bool closed_ = false;
};

job::job(const graph& what, const detail::run_plan& how, environment& where)
    : impl_(std::make_unique<impl>(what, how, where)) {}
job::job(const graph& what, const detail::run_plan& how, environment& where, const job_snapshot& from)
    : job(what, how, where) {
    impl_->restore(from);
}
job::~job() = default;
void job::run_to_end() { impl_->run_to_end(); }
bool job::advance(std::uint64_t records) { return impl_->advance(records); }
job_snapshot job::snapshot() { return impl_->snapshot(); }
run_report job::finish(bool complete) { return impl_->finish(complete); }
bool job::ended() const { return impl_->ended(); }

run_report detail::run_graph(const graph& what, const run_plan& how, environment& where) {
    job running(what, how, where);
    running.run_to_end();
    return running.finish();
}

}  // namespace weir
