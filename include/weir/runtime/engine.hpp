// SPDX-License-Identifier: Apache-2.0
// The engine: a graph that lives inside a host process. It reads its sources on a thread of its own, or where the host
// polls it, and the host reaches it by the values of its sources and sinks: it pushes records, asks and is answered,
// pauses, stops, and looks at reports meanwhile. What goes wrong in operating is a value, result<T>.
//
//   auto requests = weir::requests<Transaction, Decision>();
//   auto engine = weir::start(weir::graph("decisions", decide(requests) | weir::reply(requests)), weir::event_loop{});
//   weir::result<Decision> d = engine.ask(requests, transaction, 50ms);
//
// All member functions may be called from any thread, but for the destructor and moving. From inside a function that
// the engine itself calls (a callback, an operator), those that would wait for it refuse: failure_kind::misused.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <weir/base/result.hpp>
#include <weir/flow/live_log.hpp>
#include <weir/flow/reply_desk.hpp>
#include <weir/runtime/run.hpp>
#include <weir/runtime/stall.hpp>

namespace weir {
namespace detail {

class engine_core;

// A log of requests, as one engine runs it.
struct request_line {
    source_reader_base* reader = nullptr;
    reply_desk* desk = nullptr;
    std::size_t number = 0;
};

// What puts a request into its log: a function without a name to call, for code that knows no types.
class submission {
  public:
    virtual ~submission() = default;
    virtual result<std::uint64_t> submit() = 0;
};

template <class Request>
class request_submission final : public submission {
  public:
    request_submission(const request_line& to, Request& request, waiting_base& who)
        : to_(to), request_(request), who_(who) {}
    result<std::uint64_t> submit() override {
        auto& reader = static_cast<push_reader<Request>&>(*to_.reader);
        return reader.put(std::move(request_), who_.intended,
                          [this](std::uint64_t offset) { to_.desk->expect(offset, who_); });
    }

  private:
    const request_line& to_;
    Request& request_;
    waiting_base& who_;
};

}  // namespace detail

// How long whoever asks or pushes waits if nothing is said: for ever.
inline constexpr std::chrono::nanoseconds no_deadline = std::chrono::nanoseconds::max();

class engine {
  public:
    explicit engine(std::unique_ptr<detail::engine_core> core);
    engine(engine&&) noexcept;
    engine& operator=(engine&&) noexcept;
    // An engine that has not been stopped is stopped at once, and its sinks publish nothing.
    ~engine();

    // Writes one record at the end of a log. Returns its offset there. With policy `wait` it waits for room for at most
    // `longest`. Where latencies are measured (run_tuning::measure), the record's begins when it should have arrived,
    // `intended` on the engine's clock (ticks): whoever is held up by a slow engine does not hide how slow it is.
    template <class T>
    result<std::uint64_t> push(const push_source<T>& to, std::type_identity_t<T> record,
                               std::chrono::nanoseconds longest = no_deadline,
                               std::chrono::nanoseconds intended = just_now) {
        source_reader_base* const reader = reader_of(*to.from());
        if (reader == nullptr) return unknown_source();
        if (is_inside()) longest = std::chrono::nanoseconds::zero();
        return static_cast<detail::push_reader<T>*>(reader)->push(std::move(record), longest, intended);
    }
    // The end of a log: what has been pushed is read, and then it has ended. When all logs have, so does the run.
    template <class T> void close(const push_source<T>& log) { close_log(*log.from()); }
    template <class T> [[nodiscard]] push_counts counts(const push_source<T>& of) const {
        return counts_of(*of.from());
    }

    // A log has nothing for a while, and nobody is to wait for it: from the next time that there is nothing to read
    // until there is again, its watermark goes with the lowest of the other logs. What comes then is late if it is
    // older than that. Where it spoke again is part of the log: the report's `resumes`, which a replay gives to
    // event_time. Of a source with several partitions, all of them. A log without event time has no watermark:
    // failure_kind::misused.
    template <class Log> std::optional<failure> declare_idle(const Log& log) { return declare_log_idle(*log.from()); }

    // Sends a request through the graph and returns its reply. With one worker it goes through in the caller's thread,
    // when its turn has come: the deadline bounds the waiting for that. With several the caller waits for the workers;
    // a request whose deadline has passed is carried through all the same. Requests of one engine are taken one by one.
    template <class Request, class Reply>
    result<Reply> ask(const request_source<Request, Reply>& requests, std::type_identity_t<Request> request,
                      std::chrono::nanoseconds longest = no_deadline, std::chrono::nanoseconds intended = just_now) {
        const detail::request_line* const line = line_of(*requests.from());
        if (line == nullptr) return unknown_source();
        detail::waiting<Reply> who;
        who.intended = intended;
        detail::request_submission<Request> sending(*line, request, who);
        if (std::optional<failure> why = carry(*line, sending, who, longest)) return *std::move(why);
        return *std::move(who.reply);
    }
    // The same without waiting: the request is queued, and `done(result<Reply>)` is called when there is a reply, or
    // when there will be none (unanswered, or the engine has failed or stopped), from within the engine, on whatever
    // thread it is. `done` must not throw. Empty if the request was queued.
    template <class Request, class Reply, class Done>
    std::optional<failure> ask_then(const request_source<Request, Reply>& requests,
                                    std::type_identity_t<Request> request, Done done,
                                    std::chrono::nanoseconds intended = just_now) {
        const detail::request_line* const line = line_of(*requests.from());
        if (line == nullptr) return unknown_source();
        auto who = std::make_unique<detail::waiting<Reply>>();
        who->intended = intended;
        who->then = [who = who.get(), done = std::move(done)]() mutable {
            const std::unique_ptr<detail::waiting<Reply>> mine(who);
            auto call = std::move(done);  // what is called now lies in `who`
            if (mine->answered) {
                call(result<Reply>(*std::move(mine->reply)));
            } else {
                call(result<Reply>(failure(mine->why)));
            }
        };
        detail::request_submission<Request> sending(*line, request, *who);
        if (std::optional<failure> why = queue(*line, sending)) return why;
        static_cast<void>(who.release());
        return std::nullopt;
    }
    // Replies that came when nobody waited: second ones, and those whose asker had gone.
    template <class Request, class Reply>
    [[nodiscard]] std::uint64_t superfluous_replies(const request_source<Request, Reply>& to) const {
        const detail::request_line* const line = line_of(*to.from());
        return line == nullptr ? 0 : line->desk->superfluous();
    }

    // Of an engine without threads: does what there is to do for a little while. False if there was nothing.
    bool poll();
    // Whether it has a source that cannot say when it has more.
    [[nodiscard]] bool must_be_polled() const;
    // Nothing is read until resume; who asks waits.
    void pause();
    void resume();
    // Stops when what is there now has been carried to the sinks, which then publish. Windows that are open stay open.
    result<run_report> stop();
    // Stops before the next record; sinks publish what has come to them.
    result<run_report> stop_now();
    // Waits until all logs have ended and everything has been said. Sinks publish.
    result<run_report> wait();
    // Takes a checkpoint now, which is kept until somebody removes it, and returns its epoch when it is durable and
    // what it commits is visible. Of an engine with event_loop{.checkpoint = ...}.
    result<std::uint64_t> savepoint();
    [[nodiscard]] bool running() const;
    // How things stand; the run goes on. Workers stop for as long as it takes to copy the counts.
    [[nodiscard]] run_report report() const;
    // What holds the watermark, and what waits for that (runtime/stall.hpp).
    [[nodiscard]] stall_report stall() const;
    // The clock of this engine: when something happens, for `intended`.
    [[nodiscard]] std::chrono::nanoseconds ticks() const;
    // What a collecting sink holds now.
    template <class Sink> [[nodiscard]] std::vector<typename Sink::item_type> output(const Sink& sink) const {
        std::vector<typename Sink::item_type> copy;
        look([&](const run_report& now) { copy = now.output(sink); });
        return copy;
    }

  private:
    [[nodiscard]] source_reader_base* reader_of(const node& source) const;
    [[nodiscard]] const detail::request_line* line_of(const node& requests) const;
    [[nodiscard]] static failure unknown_source();
    [[nodiscard]] bool is_inside() const;
    void close_log(const node& source);
    std::optional<failure> declare_log_idle(const node& log);
    [[nodiscard]] push_counts counts_of(const node& source) const;
    // Empty if there is a reply.
    std::optional<failure> carry(const detail::request_line& line, detail::submission& sending,
                                 detail::waiting_base& who, std::chrono::nanoseconds longest);
    std::optional<failure> queue(const detail::request_line& line, detail::submission& sending);
    // While nothing moves.
    void look(const std::function<void(const run_report&)>& at) const;

    std::unique_ptr<detail::engine_core> core_;
};

// What an engine waits for, in plain sentences: which log holds the watermark, since when, and what waits for it.
[[nodiscard]] inline std::string explain_stall(const engine& running) { return running.stall().to_text(); }

namespace detail {
// Without threads `on_work`, if there is one, is called when there may be something to do: from any thread, and from
// inside the engine, so it must only pass that on.
[[nodiscard]] engine start_engine(const graph& what, const run_plan& how, environment& where, bool threads,
                                  std::function<void()> on_work = {});
}  // namespace detail

// Starts a graph on threads of its own: one per worker. Throws weir::error as run does.
template <class Runner>
[[nodiscard]] engine start(const graph& what, const Runner& how, environment& where = machine()) {
    return detail::start_engine(what, detail::plan_of_runner(how), where, true);
}
// Starts a graph without threads: it goes on where the host calls poll, or asks. `on_work()` is called when there may
// be something to do, from any thread, and from inside the engine: it must only pass that on. A source that cannot say
// when it has more, such as a growing file, is to be polled from time to time all the same.
template <class Runner>
[[nodiscard]] engine start_polled(const graph& what, const Runner& how, environment& where = machine(),
                                  std::function<void()> on_work = {}) {
    return detail::start_engine(what, detail::plan_of_runner(how), where, false, std::move(on_work));
}

}  // namespace weir
