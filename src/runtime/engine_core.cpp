// SPDX-License-Identifier: Apache-2.0
#include "engine_core.hpp"

#include <algorithm>
#include <set>

namespace weir::detail {
namespace {

using namespace std::chrono_literals;

// The engine whose step this thread is in, if any.
thread_local const engine_core* inside_of = nullptr;

constexpr std::chrono::nanoseconds poll_every = 500us;   // of sources that cannot say when they have more
constexpr std::chrono::nanoseconds look_up_every = 100ms;
// Tells the processor that this is a loop that waits.
void pause_a_moment() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

constexpr unsigned spins = 4000;  // of whoever waits for a reply by other workers, before it sleeps

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

class engine_core::inside {
  public:
    explicit inside(const engine_core& which) : before_(std::exchange(inside_of, &which)) {}
    inside(const inside&) = delete;
    inside& operator=(const inside&) = delete;
    ~inside() { inside_of = before_; }

  private:
    const engine_core* before_;
};

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
    std::uint64_t seen_ = 0;
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
    polls_ |= parts.empty();
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
    for (const live_source& each : live_) {
        if (each.description != reply.answers()) continue;
        made.source = each.stage;
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
bool engine_core::is_inside() const noexcept { return inside_of == this; }

void engine_core::close_log(const node& source) {
    for (const live_source& each : live_) {
        if (each.description == &source) each.log->close();
    }
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

std::optional<failure> engine_core::carry(const request_line& line, submission& sending, waiting_base& who,
                                          std::chrono::nanoseconds longest) {
    if (is_inside()) {
        return failure(failure_kind::misused,
                       "ask waits for the engine, and this is called by the engine itself: ask from another thread, "
                       "or use ask_then");
    }
    way& along = ways_[line.number];
    return steppings_.size() == 1 ? carry_here(along, sending, who, longest)
                                  : carry_by_workers(along, sending, who, longest);
}

// The caller takes the worker's turn.
std::optional<failure> engine_core::carry_here(way& along, submission& sending, waiting_base& who,
                                               std::chrono::nanoseconds longest) {
    for (;;) {
        if (auto why = not_running()) return why;
        const std::uint64_t seen = changed_->count();
        if (!paused_.load()) break;
        if (longest <= 0ns) return failure(failure_kind::deadline);
        const std::chrono::nanoseconds began = where_.ticks();
        changed_->wait(seen, std::min(longest, look_up_every));
        if (longest != no_deadline) longest -= where_.ticks() - began;
    }
    if (!turnstiles_[0]->lock_within(longest)) return failure(failure_kind::deadline);
    const std::lock_guard locked(*turnstiles_[0], std::adopt_lock);
    if (auto why = not_running()) return why;
    const refusals before = refused_on(along);
    const result<std::uint64_t> offset = sending.submit();
    if (!offset) return offset.failure();
    source_reader_base& log = *along.line.reader;
    const std::uint64_t first = log.offset();
    try {
        const inside here(*this);
        const running_job::failing_if_it_throws running(job_);
        while (log.offset() <= *offset) {
            if (along.source->pull(1, true) != read_result::more) break;
        }
    } catch (...) {
        static_cast<void>(along.desk->withdraw(who));
        fail(std::current_exception());
        return failed();
    }
    if (!who.done.load()) static_cast<void>(along.desk->withdraw(who));
    job_.shared().records_read.fetch_add(log.offset() - first, std::memory_order_relaxed);
    if (who.answered) return std::nullopt;
    return why_unanswered(before, refused_on(along));
}

std::optional<failure> engine_core::carry_by_workers(way& along, submission& sending, waiting_base& who,
                                                     std::chrono::nanoseconds longest) {
    std::unique_lock one(one_request_, std::defer_lock);
    const std::chrono::nanoseconds began = where_.ticks();
    if (longest > 8760h) {
        one.lock();
    } else if (!one.try_lock_for(longest)) {
        return failure(failure_kind::deadline);
    }
    if (auto why = not_running()) return why;
    refusals before;
    between_steps([&] { before = refused_on(along); });
    const result<std::uint64_t> offset = sending.submit();
    if (!offset) return offset.failure();
    work_->notify();
    if (longest != no_deadline) longest -= where_.ticks() - began;
    if (!wait_for(along, who, longest)) return failure(failure_kind::deadline);
    if (who.answered) return std::nullopt;
    if (auto why = not_running()) return why;
    refusals after;
    between_steps([&] { after = refused_on(along); });
    return why_unanswered(before, after);
}

// False if the time was over before it was done.
bool engine_core::wait_for(way& along, const waiting_base& who, std::chrono::nanoseconds longest) {
    const std::chrono::nanoseconds until = longest == no_deadline ? no_deadline : where_.ticks() + longest;
    for (unsigned i = 0;; ++i) {
        const std::uint64_t seen = along.desk->somebody_done().count();
        if (who.done.load(std::memory_order_acquire)) return true;
        const std::chrono::nanoseconds left = until == no_deadline ? no_deadline : until - where_.ticks();
        if (left <= 0ns) {
            // Whoever took it off the desk is about to say so.
            if (along.desk->withdraw(who)) return false;
            while (!who.done.load(std::memory_order_acquire)) pause_a_moment();
            return true;
        }
        if (!threads_) {
            if (!step_all() && (paused_.load() || over_.load())) return !along.desk->withdraw(who);
        } else if (i < spins) {
            pause_a_moment();
        } else {
            along.desk->somebody_done().wait(seen, std::min(left, look_up_every));
        }
    }
}

// The request goes its way when the workers come to it.
std::optional<failure> engine_core::queue(submission& sending) {
    if (auto why = not_running()) return why;
    const result<std::uint64_t> offset = sending.submit();
    if (!offset) return offset.failure();
    work_->notify();
    return std::nullopt;
}

engine_core::refusals engine_core::refused_on(const way& along) {
    refusals sum;
    for (const ledger* each : along.ledgers) {
        sum.late += each->late;
        sum.filtered += each->filtered;
        sum.unreadable += each->dead_letter;
    }
    return sum;
}
failure engine_core::why_unanswered(const refusals& before, const refusals& after) {
    if (after.late != before.late) return failure(failure_kind::late);
    if (after.unreadable != before.unreadable) return failure(failure_kind::unreadable);
    if (after.filtered != before.filtered) return failure(failure_kind::filtered);
    return failure(failure_kind::unanswered);
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

// Once; who asks again gets the same answer.
result<run_report> engine_core::finish(bool complete) {
    const std::lock_guard lock(finishing_);
    if (finished_) return *finished_;
    thread_.reset();
    try {
        const inside here(*this);
        run_report report = job_.finish(complete);
        if (complete) {
            finished_.emplace(std::move(report));
        } else {
            finished_.emplace(failed());
        }
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
    if (is_inside()) return at(job_.report());
    between_steps([&] { at(job_.report()); });
}

template <class Act> void engine_core::between_steps(Act&& act) {
    for (const auto& each : turnstiles_) each->lock();
    std::vector<std::unique_lock<turnstile>> locked;
    for (const auto& each : turnstiles_) locked.emplace_back(*each, std::adopt_lock);
    act();
}

}  // namespace weir::detail
