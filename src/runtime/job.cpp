// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/job.hpp>

#include <algorithm>

#include "running_job.hpp"

namespace weir {
namespace detail {

run_plan plan_of(const event_loop& runner) {
    run_plan plan;
    plan.threads = runner.threads;
    plan.chunk = 1;
    plan.catch_up_chunk = 1024;
    plan.outlet_chunk = 256;
    plan.tuning = runner.tuning;
    plan.checkpoint = runner.checkpoint;
    return plan;
}
run_plan plan_of(const micro_batch& runner) {
    run_plan plan;
    plan.threads = runner.threads;
    plan.batch_records = runner.max_records;
    plan.batch_every = runner.every;
    plan.chunk = static_cast<std::size_t>(std::min<std::uint64_t>(1024, runner.max_records));
    plan.tuning = runner.tuning;
    plan.checkpoint = runner.checkpoint;
    return plan;
}
run_plan plan_of(const batch& runner) {
    run_plan plan;
    plan.whole = true;
    plan.threads = runner.threads;
    plan.chunk = runner.chunk;
    plan.outlet_chunk = runner.chunk;
    plan.tuning = runner.tuning;
    plan.checkpoint = runner.checkpoint;
    return plan;
}
run_plan plan_of(const available_now& runner) {
    run_plan plan;
    plan.threads = runner.threads;
    plan.chunk = runner.chunk;
    plan.outlet_chunk = runner.chunk;
    plan.drain = true;
    plan.tuning = runner.tuning;
    plan.checkpoint = runner.checkpoint;
    return plan;
}

}  // namespace detail

class job::impl : public detail::running_job {
    using running_job::running_job;
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
