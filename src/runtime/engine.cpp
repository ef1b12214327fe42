// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/engine.hpp>

#include "engine_core.hpp"

namespace weir {

engine::engine(std::unique_ptr<detail::engine_core> core) : core_(std::move(core)) {}
engine::engine(engine&&) noexcept = default;
engine& engine::operator=(engine&&) noexcept = default;
engine::~engine() = default;

bool engine::poll() { return core_->poll(); }
bool engine::must_be_polled() const { return core_->must_be_polled(); }
void engine::pause() { core_->pause(true); }
void engine::resume() { core_->pause(false); }
result<run_report> engine::stop() { return core_->stop(false); }
result<run_report> engine::stop_now() { return core_->stop(true); }
result<run_report> engine::wait() { return core_->wait(); }
result<std::uint64_t> engine::savepoint() { return core_->savepoint(); }
bool engine::running() const { return core_->running(); }
run_report engine::report() const {
    run_report copy;
    look([&](const run_report& now) { copy = now; });
    copy.outputs.values.clear();  // they go on growing: output(sink) copies one
    return copy;
}

stall_report engine::stall() const { return core_->stall(); }
std::chrono::nanoseconds engine::ticks() const { return core_->ticks(); }

source_reader_base* engine::reader_of(const node& source) const { return core_->reader_of(source); }
const detail::request_line* engine::line_of(const node& requests) const { return core_->line_of(requests); }
failure engine::unknown_source() {
    return failure(failure_kind::misused, "this source is not part of the graph that the engine runs, or nothing "
                                          "replies to it");
}
bool engine::is_inside() const { return core_->is_inside(); }
void engine::close_log(const node& source) { core_->close_log(source); }
std::optional<failure> engine::declare_log_idle(const node& log) { return core_->declare_idle(log); }
push_counts engine::counts_of(const node& source) const { return core_->counts_of(source); }
std::optional<failure> engine::carry(const detail::request_line& line, detail::submission& sending,
                                     detail::waiting_base& who, std::chrono::nanoseconds longest) {
    return core_->carry(line, sending, who, longest);
}
std::optional<failure> engine::queue(const detail::request_line&, detail::submission& sending) {
    return core_->queue(sending);
}
void engine::look(const std::function<void(const run_report&)>& at) const { core_->look(at); }

engine detail::start_engine(const graph& what, const run_plan& how, environment& where, bool threads,
                            std::function<void()> on_work) {
    return engine(std::make_unique<engine_core>(what, how, where, threads, std::move(on_work)));
}

}  // namespace weir
