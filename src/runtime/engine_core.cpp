// SPDX-License-Identifier: Apache-2.0
#include "engine_core.hpp"

#include <algorithm>
#include <set>

namespace weir::detail {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds poll_every = 500us;   // of sources that cannot say when they have more

// Passes on what happens.
class watched_signal final : public signal {
  public:
    watched_signal(std::unique_ptr<signal> inner, std::function<void()> happened)
        : inner_(std::move(inner)), happened_(std::move(happened)) {}
    [[nodiscard]] std::uint64_t count() const noexcept override { return inner_->count(); }
    void notify() override {
        inner_->notify();
        happened_();
    }
    void wait(std::uint64_t seen, std::chrono::nanoseconds longest) override { inner_->wait(seen, longest); }

  private:
    std::unique_ptr<signal> inner_;
    std::function<void()> happened_;
};

std::shared_ptr<signal> signal_of_work(environment& where, std::function<void()> on_work) {
    if (!on_work) return where.make_signal();
    return std::make_shared<watched_signal>(where.make_signal(), std::move(on_work));
}

}  // namespace

void turnstile::lock_for_step() {
    // The worker gives way a few times, not for ever: it must go on while many ask.
    for (unsigned i = 0; i < 64 && waiting_.load(std::memory_order_relaxed) != 0; ++i) pause_a_moment();
    mutex_.lock();
}
void turnstile::lock() {
    if (mutex_.try_lock()) return;
    waiting_.fetch_add(1);
    mutex_.lock();
    waiting_.fetch_sub(1);
}
bool turnstile::lock_within(std::chrono::nanoseconds longest) {
    if (mutex_.try_lock()) return true;
    if (longest <= 0ns) return false;
    waiting_.fetch_add(1);
    // Times further away than a year are none.
    const bool locked = longest > 8760h ? (mutex_.lock(), true) : mutex_.try_lock_for(longest);
    waiting_.fetch_sub(1);
    return locked;
}

class engine_core::stepping final : public worker_base {
  public:
    stepping(engine_core& of, worker_base& worker, turnstile& lock) : of_(of), worker_(worker), lock_(lock) {}

    step_result step() override {
        seen_ = of_.work_->count();
        if (of_.stop_now_.load()) return step_result::finished;
        if (of_.paused_.load()) return step_result::idle;
        lock_.lock_for_step();
        const std::lock_guard locked(lock_, std::adopt_lock);
        if (of_.failed_.load()) return step_result::finished;
        const inside here(of_);
        const running_job::failing_if_it_throws running(of_.job_);
        return worker_.step();
    }
    // Workers say what they hand over, but not how far they are, for which a gate of another may wait.
    bool rest() override {
        const bool polls = of_.polls_ || of_.steppings_.size() > 1;
        of_.work_->wait(seen_, polls && !of_.paused_.load() ? poll_every : look_up_every);
        return true;
    }

  private:
    engine_core& of_;
    worker_base& worker_;
    turnstile& lock_;
    std::atomic<std::uint64_t> seen_{0};  // hosts that poll and ask may step at the same time
};

engine_core::engine_core(const graph& what, const run_plan& how, environment& where, bool threads,
                         std::function<void()> on_work)
    : where_(where), threads_(threads), job_(what, how, where), work_(signal_of_work(where, std::move(on_work))),
      changed_(where.make_signal()) {
    for (worker_base* each : job_.workers()) {
        turnstiles_.push_back(std::make_unique<turnstile>());
        steppings_.push_back(std::make_unique<stepping>(*this, *each, *turnstiles_.back()));
    }
    if (steppings_.size() > 1) job_.shared().wake.sleepers = work_.get();
    find_live_sources();
    find_ways();
    if (threads_) thread_ = where.launch([this] { run(); });
}

engine_core::~engine_core() {
    stop_now_.store(true);
    close_logs();
    work_->notify();
    thread_.reset();
    end_waiting();
}

void engine_core::find_live_sources() {
    for (running_stage& each : job_.running().stages()) {
        auto* const source = dynamic_cast<source_stage_base*>(each.run.get());
        if (source == nullptr) continue;
        find_live_parts(*source, {job_.what().nodes()[each.node].get(), &source->reader()});
    }
}
void engine_core::find_live_parts(source_stage_base& stage, const source_part& part) {
    if (auto* const log = dynamic_cast<live_log*>(part.reader); log != nullptr) {
        log->attach(where_, work_);
        live_.push_back({part.description, &stage, part.reader, log});
        return;
    }
    const auto parts = part.reader->parts();
    if (parts.empty() && !part.reader->tell_of_more(work_)) polls_ = true;
    for (const source_part& each : parts) find_live_parts(stage, each);
}

void engine_core::find_ways() {
    for (const auto& each : job_.what().nodes()) {
        if (each->answers() != nullptr) add_way(*each);
    }
}

void engine_core::add_way(const node& reply) {
    way made;
    made.desk = std::make_unique<reply_desk>(where_);
    if (job_.shared().how.tuning.measure) made.desk->measure(where_);
    for (const live_source& each : live_) {
        if (each.description != reply.answers()) continue;
        made.source = each.stage;
        made.site = job_.running().site_of(*each.stage);
        made.line = {&each.stage->reader(), made.desk.get(), ways_.size()};
    }
    for (running_stage& each : job_.running().stages()) {
        if (job_.what().nodes()[each.node].get() != &reply) continue;
        static_cast<answering_stage&>(*each.run).desk = made.desk.get();
    }
    std::set<const node*> seen;
    std::vector<const node*> open{&reply};
    while (!open.empty()) {
        const node* const each = open.back();
        open.pop_back();
        if (!seen.insert(each).second) continue;
        const auto found = job_.running().ledgers_of(*each);
        made.ledgers.insert(made.ledgers.end(), found.begin(), found.end());
        if (each->inputs().empty()) made.logs.insert(made.logs.end(), found.begin(), found.end());
        for (const node_input& input : each->inputs()) open.push_back(input.from.get());
    }
    ways_.push_back(std::move(made));
}

void engine_core::run() {
    try {
        std::vector<worker_base*> workers;
        for (const auto& each : steppings_) workers.push_back(each.get());
        where_.drive(workers);
        if (!stop_now_.load()) job_.set_ended();
    } catch (...) {
        fail(std::current_exception());
    }
    over_.store(true);
    close_logs();
    end_waiting();
    changed_->notify();
}

source_reader_base* engine_core::reader_of(const node& source) const {
    for (const live_source& each : live_) {
        if (each.description == &source) return each.reader;
    }
    return nullptr;
}
const request_line* engine_core::line_of(const node& requests) const {
    source_reader_base* const reader = reader_of(requests);
    for (const way& each : ways_) {
        if (each.line.reader == reader && reader != nullptr) return &each.line;
    }
    return nullptr;
}
bool engine_core::is_inside() const noexcept { return inside::of == this; }

void engine_core::close_log(const node& source) {
    for (const live_source& each : live_) {
        if (each.description == &source) each.log->close();
    }
}
std::optional<failure> engine_core::declare_idle(const node& log) {
    std::size_t found = 0;
    if (is_inside()) {
        found = job_.running().declare_idle(log);
    } else {
        between_steps([&] { found = job_.running().declare_idle(log); });
    }
    work_->notify();
    if (found != 0) return std::nullopt;
    return failure(failure_kind::misused, "only a log of this engine's graph whose records have event time can be "
                                          "idle: nothing waits for the watermark of another");
}
void engine_core::close_logs() {
    for (const live_source& each : live_) each.log->close();
}
push_counts engine_core::counts_of(const node& source) const {
    for (const live_source& each : live_) {
        if (each.description == &source) return each.log->counts();
    }
    return {};
}

std::optional<failure> engine_core::not_running() const {
    if (failed_.load()) return failed();
    if (over_.load() || stop_now_.load()) return failure(failure_kind::stopped);
    return std::nullopt;
}

bool engine_core::step_all() {
    bool progressed = false;
    bool finished = true;
    try {
        for (const auto& each : steppings_) {
            const step_result result = each->step();
            progressed |= result == step_result::progressed;
            finished &= result == step_result::finished;
        }
    } catch (...) {
        fail(std::current_exception());
        finished = true;
    }
    if (finished && !over_.exchange(true)) {
        if (!failed_.load() && !stop_now_.load()) job_.set_ended();
        close_logs();
        end_waiting();
        changed_->notify();
    }
    return progressed;
}
bool engine_core::poll() {
    if (threads_) {
        throw error(error_kind::configuration, "this engine has a thread of its own: poll is for start_polled");
    }
    return !over_.load() && !is_inside() && step_all();
}

void engine_core::pause(bool paused) {
    paused_.store(paused);
    if (paused && !is_inside()) {
        between_steps([] {});  // whatever is on its way is over
    }
    work_->notify();
    changed_->notify();
}

result<run_report> engine_core::stop(bool now) {
    if (is_inside()) {
        return failure(failure_kind::misused,
                       "stop waits for the engine, and this is called by the engine itself: stop from another thread");
    }
    paused_.store(false);
    if (now) {
        stop_now_.store(true);
    } else {
        // What is there now is the end of what is read, but not of the logs.
        between_steps([this] { job_.shared().how.drain = true; });
    }
    close_logs();
    work_->notify();
    changed_->notify();
    return wait();
}

result<run_report> engine_core::wait() {
    if (is_inside()) {
        return failure(failure_kind::misused,
                       "wait waits for the engine, and this is called by the engine itself: wait in another thread");
    }
    while (!over_.load()) {
        const std::uint64_t seen = changed_->count();
        if (over_.load()) break;
        if (threads_) {
            changed_->wait(seen, look_up_every);
        } else if (!step_all() && !over_.load()) {
            work_->wait(work_->count(), poll_every);
        }
    }
    return finish(!failed_.load());
}

result<std::uint64_t> engine_core::savepoint() {
    checkpointer* const checkpoints = job_.checkpoints();
    if (checkpoints == nullptr) {
        return failure(failure_kind::misused,
                       "this engine takes no checkpoints: give event_loop{.checkpoint = {.directory = ...}}");
    }
    if (is_inside()) {
        return failure(failure_kind::misused, "savepoint waits for the engine, and this is called by the engine "
                                              "itself: call it from another thread");
    }
    if (paused_.load()) return failure(failure_kind::misused, "a paused engine takes no savepoint: resume it first");
    const std::uint64_t wish = checkpoints->want_savepoint();
    work_->notify();
    while (!checkpoints->fulfilled(wish)) {
        if (auto over = not_running()) return *std::move(over);
        const std::uint64_t seen = changed_->count();
        if (!threads_ && step_all()) continue;
        changed_->wait(seen, 1ms);
    }
    return checkpoints->last_savepoint();
}

// Once; who asks again gets the same answer.
result<run_report> engine_core::finish(bool complete) {
    const std::lock_guard lock(finishing_);
    if (finished_) return *finished_;
    thread_.reset();
    try {
        between_steps([&] {
            const inside here(*this);
            run_report report = job_.finish(complete);
            add_replies(report);
            if (complete) {
                finished_.emplace(std::move(report));
            } else {
                finished_.emplace(failed());
            }
        });
    } catch (const std::exception& wrong) {
        finished_.emplace(failure(failure_kind::failed, wrong.what()));
    } catch (...) {
        finished_.emplace(failure(failure_kind::failed, "a sink threw something that is no std::exception"));
    }
    return *finished_;
}

// Whoever still waits hears that there will be no reply.
void engine_core::end_waiting() {
    const failure_kind why = failed_.load() ? failure_kind::failed : failure_kind::stopped;
    for (way& each : ways_) each.desk->passed(~std::uint64_t{0}, why);
}

void engine_core::fail(std::exception_ptr what) {
    std::string sentence = "the engine has failed: ";
    try {
        std::rethrow_exception(std::move(what));
    } catch (const std::exception& wrong) {
        sentence += wrong.what();
    } catch (...) {
        sentence += "something was thrown that is no std::exception";
    }
    {
        const std::lock_guard lock(failing_);
        if (failed_.load()) return;
        failure_ = std::move(sentence);
        failed_.store(true);
    }
    work_->notify();
}
failure engine_core::failed() const {
    const std::lock_guard lock(failing_);
    return failure(failure_kind::failed, failure_);
}

void engine_core::look(const std::function<void(const run_report&)>& at) {
    if (is_inside()) return at(report());
    between_steps([&] { at(report()); });
}
run_report engine_core::report() const {
    run_report now = job_.report();
    add_replies(now);
    return now;
}
void engine_core::add_replies(run_report& now) const {
    for (const way& each : ways_) {
        if (each.source == nullptr) continue;
        const auto replies = each.desk->latencies();
        for (log_report& log : now.logs) {
            if (replies && log.partition == each.source->reader().partition) log.replies = summary_of(*replies);
        }
    }
}
stall_report engine_core::stall() {
    stall_report now;
    now.paused = paused_.load();
    if (is_inside()) {
        job_.running().fill(now);
    } else {
        between_steps([&] { job_.running().fill(now); });
    }
    return now;
}

}  // namespace weir::detail
