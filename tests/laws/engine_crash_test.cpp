// SPDX-License-Identifier: Apache-2.0
// Law 5, for what a host pushes and asks: an engine that is stopped, dropped or crashes, and is started again, goes on
// with exactly what its newest checkpoint had, then with what comes. Every reply is what the records that are left, and
// the requests that are left, make of the request, and so is every output. What the host does, the schedule of workers,
// the crash and what it leaves on the disk all follow from a seed.
//
// WEIR_SEED=n WEIR_ENGINES=count: from which seed on, and how many (WEIR_FULL=1: 3,000). A failure prints its own.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv_rolling.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/push.hpp>
#include <weir/sources/requests.hpp>
#include <weir/testing/simulation.hpp>

using namespace std::chrono_literals;
using namespace weir;
using testing::seeded;
using testing::simulated_disk;
using testing::simulation;

namespace engine_crash_test {
struct payment {
    std::uint64_t id = 0;
    std::uint32_t card = 0;
    timestamp at{};
};
BOOST_DESCRIBE_STRUCT(payment, (), (id, card, at))
struct total {
    std::uint64_t count = 0;
    std::uint64_t ids = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (count, ids))
// A record, or a request, and what its card had then.
struct line {
    std::uint64_t id = 0;
    std::uint32_t card = 0;
    std::uint64_t count = 0;
    std::uint64_t ids = 0;
    friend bool operator==(const line&, const line&) = default;
};
BOOST_DESCRIBE_STRUCT(line, (), (id, card, count, ids))
}  // namespace engine_crash_test
using namespace engine_crash_test;

namespace {

struct broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};
void expect(bool holds, const std::string& what) {
    if (!holds) throw broken(what);
}

constexpr std::uint32_t cards = 5;

// The sinks, which are the same in all runs of a job.
struct job_outputs {
    decltype(collect_stamped<line>()) rows = collect_stamped<line>();
    decltype(collect<line>()) answers = collect<line>();
};

const auto summing = [](auto&, const payment& each, total& state) {
    state.ids += each.id;
    return line{each.id, each.card, ++state.count, state.ids};
};

// The part over payments, whatever they come from. It comes first in a graph, so that its stages have the same numbers.
template <class Source> std::vector<output> over_payments(const Source& payments, const job_outputs& to) {
    const auto files = [](const std::string& name) {
        return named(name + " files", into(csv_rolling("out/" + name + "-*.csv",
                                                       {.bytes = std::uint64_t{1} << 30U, .every_epoch = true})));
    };
    const auto timed = payments | named("payments", event_time(&payment::at, out_of_order(3s)));
    const auto rows = timed | key_by(&payment::card) | named("sums", process<total>(summing));
    const auto windows = timed | key_by(&payment::card) | window(tumbling(10s)) |
                         named("windows", aggregate(count(), sum(&payment::id)));
    return {rows | named("rows", into(to.rows)), rows | files("rows"), windows | files("windows")};
}

// What the files of a name hold together, without their headers.
std::string rows_in(simulation& where, const std::string& name) {
    std::string rows;
    for (const std::string& path : where.list("out/" + name + "-*.csv")) {
        const std::string& text = where.file(path);
        rows += text.substr(text.find('\n') + 1);
    }
    return rows;
}

// What one run over these payments gives that stops behind the last one.
struct reference {
    std::vector<stamped<line>> rows;
    std::string row_file, window_file;
};
reference reference_of(const std::vector<payment>& payments) {
    simulation where(1);
    where.put_file("out/of another", "");
    const job_outputs to;
    const graph what("job", over_payments(memory<payment>(payments), to));
    const run_report report = run(what, available_now{.checkpoint = {.directory = "state"}}, where);
    return {report.output(to.rows), rows_in(where, "rows"), rows_in(where, "windows")};
}

// What becomes of requests: of each, by those before it.
std::vector<line> replies_to(const std::vector<payment>& asked) {
    std::vector<line> replies;
    total of[cards];
    for (const payment& each : asked) {
        total& state = of[each.card];
        state.ids += each.id;
        replies.push_back({each.id, each.card, ++state.count, state.ids});
    }
    return replies;
}

struct tally {
    std::uint64_t jobs = 0, runs = 0, crashes = 0, resumed = 0, replies = 0, savepoints = 0, lost = 0;
};

// A host and its engines, one after the other.
class host {
  public:
    host(std::uint64_t seed, tally& count) : choose_(seed), disk_(seed), count_(count) {
        disk_.put_file("out/of another", "");  // so that the folder is there
    }

    void play() {
        const std::uint64_t lives = 2 + choose_.below(5);
        for (std::uint64_t life = 1; life <= lives; ++life) {
            simulation where(choose_.next(), std::move(disk_));
            last_ = life == lives;
            if (!last_ && choose_.one_in(2)) crash_soon(where);
            live(where);
            if (where.disk().crashed()) {
                ++count_.crashes;
                disk_ = where.disk().after_power_loss(
                    {static_cast<testing::unsynced>(choose_.below(6)), choose_.next()});
            } else {
                disk_ = std::move(where.disk());
            }
        }
        ++count_.jobs;
    }

  private:
    void crash_soon(simulation& where) { where.disk().crash_before(where.disk().changes() + choose_.below(60)); }

    void live(simulation& where) {
        std::optional<engine> running;
        try {
            running.emplace(started(where));
        } catch (const testing::simulated_crash&) {
            return;
        }
        ++count_.runs;
        look_at_what_is_left(*running);
        for (std::uint64_t left = 5 + choose_.below(20); left != 0; --left) {
            do_something(*running, where);
            if (where.disk().crashed()) return;
            note_checkpoints(*running);
        }
        if (!last_ && choose_.one_in(3)) return;  // it is dropped as it is
        const bool now = !last_ && choose_.one_in(2);
        auto report = now ? running->stop_now() : running->stop();
        if (where.disk().crashed()) return;
        expect(report.has_value(), "the engine could not be stopped: " + why(report));
        if (now) return;  // workers may have been in the middle of something
        expect(report.value().balanced(), "the ledger is not balanced");
        durable_ = {pushed_.size(), asked_.size()};
        if (last_) check_outputs(report.value(), where);
    }

    engine started(simulation& where) {
        checkpointing checkpoint{.every = std::chrono::microseconds{choose_.below(4) * 20},
                                 .directory = "state",
                                 .at_most_once_sources = true};
        std::vector<output> all = over_payments(fed_, to_);
        const auto answers = questions_ | key_by(&payment::card) | named("answers", process<total>(summing));
        all.push_back(answers | reply(questions_));
        all.push_back(answers | named("audit", into(to_.answers)));
        const graph what("job", std::move(all));
        const auto threads = static_cast<unsigned>(1 + choose_.below(2));
        if (choose_.one_in(3)) {
            const std::size_t records = 1 + choose_.below(20);
            return start_polled(
                what, micro_batch{.max_records = records, .threads = threads, .checkpoint = checkpoint}, where);
        }
        return start_polled(what, event_loop{.threads = threads, .checkpoint = checkpoint}, where);
    }

    // How many payments and requests the engine has read.
    struct places {
        std::uint64_t payments = 0, requests = 0;
    };
    [[nodiscard]] places places_of(const run_report& now) const {
        places at;
        for (const log_report& log : now.logs) {
            const std::string& kind = now.stages.at(log.stage).kind;
            (kind == "pushed" ? at.payments : at.requests) = log.offset;
        }
        return at;
    }

    // Nothing has been read yet: it has what the checkpoint had.
    void look_at_what_is_left(engine& running) {
        const run_report now = running.report();
        const places at = places_of(now);
        if (now.checkpoints->resumed_from != 0) ++count_.resumed;
        expect(now.checkpoints->resumed_from >= epoch_, "it went on from an older checkpoint than there was");
        expect(at.payments >= durable_.payments && at.requests >= durable_.requests,
               "what was in a durable checkpoint is lost");
        expect(at.payments <= pushed_.size() && at.requests <= asked_.size(), "it has what nobody gave it");
        count_.lost += pushed_.size() - at.payments + asked_.size() - at.requests;
        pushed_.resize(at.payments);
        asked_.resize(at.requests);
        epoch_ = now.checkpoints->resumed_from;
        durable_ = at;
        last_places_ = at;
        expect(running.output(to_.rows) == reference_of(pushed_).rows, "the rows are not those of the checkpoint");
        expect(running.output(to_.answers) == replies_to(asked_), "the answers are not those of the checkpoint");
    }
    // What is durable when there is a new epoch was read before this step, or more.
    void note_checkpoints(engine& running) {
        const run_report now = running.report();
        if (now.checkpoints->last_epoch > epoch_) {
            epoch_ = now.checkpoints->last_epoch;
            durable_ = last_places_;
        }
        last_places_ = places_of(now);
    }

    payment next_payment() {
        const std::uint64_t id = ++given_;
        const std::uint64_t early = choose_.one_in(20) ? 30'000 : choose_.below(5'000);
        const std::int64_t time = static_cast<std::int64_t>(id * 400) - static_cast<std::int64_t>(early);
        return {id, static_cast<std::uint32_t>(choose_.below(cards)), timestamp{std::chrono::milliseconds{time}}};
    }

    void do_something(engine& running, simulation& where) {
        switch (choose_.below(10)) {
            case 0:
            case 1:
            case 2:
                for (std::uint64_t left = 1 + choose_.below(12); left != 0; --left) push(running, where);
                break;
            case 3:
            case 4:
                for (std::uint64_t left = 1 + choose_.below(4); left != 0; --left) ask(running, where);
                break;
            case 5: return ask_then(running, where);
            case 6: return save(running, where);
            case 7:
                running.pause();
                push(running, where);
                running.resume();
                break;
            default:
                for (std::uint64_t left = 1 + choose_.below(30); left != 0; --left) static_cast<void>(running.poll());
        }
    }
    void push(engine& running, simulation& where) {
        const payment record = next_payment();
        auto offset = running.push(fed_, record);
        if (where.disk().crashed()) return;
        expect(offset.has_value() && offset.value() == pushed_.size(), "a push got no place, or another");
        pushed_.push_back(record);
    }
    void ask(engine& running, simulation& where) {
        asked_.push_back(next_payment());
        auto found = running.ask(questions_, asked_.back(), 100ms);
        if (where.disk().crashed() && !found) return;
        expect(found.has_value(), "no reply: " + why(found));
        expect(found.value() == replies_to(asked_).back(), "a wrong reply");
        ++count_.replies;
    }
    void ask_then(engine& running, simulation& where) {
        asked_.push_back(next_payment());
        const auto refused = running.ask_then(
            questions_, asked_.back(), [this, expected = replies_to(asked_).back()](result<line> found) {
                if (!found) return;  // it was stopped before
                wrong_ |= found.value() != expected;
                ++count_.replies;
            });
        expect(!refused || where.disk().crashed(), "a request was refused");
        expect(!wrong_, "a wrong reply");
    }
    void save(engine& running, simulation& where) {
        auto epoch = running.savepoint();
        if (where.disk().crashed()) return;
        expect(epoch.has_value(), "no savepoint: " + why(epoch));
        expect(epoch.value() > epoch_, "a savepoint with an old epoch");
        epoch_ = epoch.value();
        durable_ = last_places_;  // at least
        ++count_.savepoints;
    }

    template <class T> [[nodiscard]] static std::string why(const result<T>& found) {
        return found ? std::string{} : std::string{found.failure().text()};
    }

    void check_outputs(const run_report& report, simulation& where) {
        const reference expected = reference_of(pushed_);
        expect(!wrong_, "a wrong reply");
        expect(report.output(to_.rows) == expected.rows, "the rows are not those of one run");
        expect(report.output(to_.answers) == replies_to(asked_), "the answers are not those of one run");
        expect(rows_in(where, "rows") == expected.row_file, "the files of rows are not those of one run");
        expect(rows_in(where, "windows") == expected.window_file, "the files of windows are not those of one run");
    }

    seeded choose_;
    simulated_disk disk_;
    tally& count_;
    push_source<payment> fed_ = pushed<payment>();
    request_source<payment, line> questions_ = requests<payment, line>();
    job_outputs to_;
    std::vector<payment> pushed_;  // what there is, as far as it is known: some may be lost
    std::vector<payment> asked_;
    std::uint64_t given_ = 0;
    std::uint64_t epoch_ = 0;  // the newest that is known to be durable
    places durable_;           // what is in it, at least
    places last_places_;
    bool last_ = false;
    bool wrong_ = false;
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace

TEST_CASE("an engine goes on with what its newest checkpoint had, whatever ended it", "[laws]") {
    const std::uint64_t first = number_from("WEIR_SEED", 1);
    const std::uint64_t jobs = number_from("WEIR_ENGINES", number_from("WEIR_FULL", 0) != 0 ? 3'000 : 1'000);
    tally all;
    for (std::uint64_t seed = first; seed < first + jobs; ++seed) {
        std::string problem;
        try {
            host(seed, all).play();
        } catch (const std::exception& wrong) {
            problem = wrong.what();
        }
        INFO("again: WEIR_SEED=" << seed << " WEIR_ENGINES=1 weir_test_laws_engine_crash");
        REQUIRE(problem == "");
    }
    std::cout << all.jobs << " jobs of " << all.runs << " engines through " << all.crashes << " crashes, "
              << all.resumed << " went on from a checkpoint; " << all.replies << " replies, " << all.savepoints
              << " savepoints, " << all.lost << " records and requests lost as allowed\n";
    if (jobs < 100) return;
    CHECK(all.crashes > all.jobs / 2);
    CHECK(all.resumed > all.runs / 3);
    CHECK(all.replies > 3 * all.jobs);
    CHECK(all.savepoints > all.jobs);
    CHECK(all.lost > all.jobs);
}
