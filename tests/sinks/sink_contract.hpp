// SPDX-License-Identifier: Apache-2.0
// What is asked of every sink that says its records are exactly once: whatever ends a run, and wherever in the protocol
// of flow/sink.hpp, the runs that follow make it so that a reader sees the records of the epochs that were decided, in
// their order, each once and whole: no others, ever; all of them, at the latest, when the next run has recovered.
//
//   subject<Record, Sink> what{...};              // how to make the sink, and what a reader sees
//   CHECK(broken_promise(what, seed) == "");      // random epochs; then the same, ended at each point of it
//
// A point is a step of the protocol, for any sink, and an operation of the environment, for those that use it: there
// the process dies, or the operation fails; then runs follow of which some die too, also while they recover.
#pragma once
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

#include <weir/flow/sink_node.hpp>
#include <weir/testing/simulation.hpp>

#include "sinks/crashing_environment.hpp"
#include "temporary_folder.hpp"

namespace sink_contract {

template <class Record, class Sink>
struct subject {
    std::string name;
    // The sink, new in each run. What must outlive runs is in the folder, or wherever `seen` looks.
    std::function<Sink(const std::string& folder)> sink;
    // The log: its record number i, and the time of that.
    std::function<Record(std::uint64_t)> record;
    std::function<weir::timestamp(std::uint64_t)> time = [](std::uint64_t) { return weir::time_lowest; };
    // What a reader finds now. It throws if that is no whole number of records.
    std::function<std::vector<Record>(const std::string& folder)> seen;
    // How many records that must be when epochs with so many have been decided and nothing is under way; `ended`: with
    // all there are.
    std::function<std::size_t(std::size_t decided, bool ended)> visible;
    // Whether a reader sees all that an epoch makes visible, or nothing of it, even while it becomes visible.
    bool all_or_nothing = false;
    // What is in the end, if that must be what a run without checkpoints leaves: names and texts.
    std::function<std::map<std::string, std::string>(const std::string& folder)> contents;
    // Called where nothing is left of what was before.
    std::function<void()> begin_anew = [] {};
    std::uint64_t records = 40;
};

// What is thrown where a promise is not kept.
struct broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A checkpoint: what the sink's stage saved, and where the log goes on.
struct manifest {
    std::uint64_t epoch = 0;
    std::size_t position = 0;
    bool last = false;
    std::string state;
};
// What every run to come can rely on.
struct facts {
    std::optional<manifest> decided;
    std::size_t seen = 0;  // by a reader, when nothing was under way
};

// What is left of the runs so far, the files of which are in the folder.
template <class Record, class Sink>
class world {
  public:
    world(const subject<Record, Sink>& what, std::string folder, facts known = {})
        : what_(what), folder_(std::move(folder)), known_(std::move(known)), seen_(known_.seen) {}

    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
    [[nodiscard]] const std::optional<manifest>& decided() const noexcept { return known_.decided; }
    void decide(const manifest& which) {
        known_.decided = which;
        on_news(known_);
    }
    // Called whenever there is more to rely on.
    std::function<void(const facts&)> on_news = [](const facts&) {};

    // When the power is back, and no run has recovered yet: of what was becoming visible, a reader may see any part,
    // but nothing that was not decided, and nothing less than before.
    void check_found() {
        if (what_.all_or_nothing) return check("found");
        std::size_t next = 0;
        std::size_t count = 0;
        for (const Record& each : what_.seen(folder_)) {
            while (next < decided_records() && !(each == what_.record(next))) ++next;
            if (next == decided_records()) fail("found", count, "the next one was not decided, or is there twice");
            ++next;
            ++count;
            if (next <= known_.seen && next != count) fail("found", count, "one before the last is lost");
        }
        if (count < known_.seen) fail("found", count, "fewer than before");
    }
    // While something may be under way.
    void check(const std::string& when) {
        const auto seen = what_.seen(folder_);
        for (std::size_t i = 0; i < seen.size(); ++i) {
            if (i >= what_.records || !(seen[i] == what_.record(i))) {
                fail(when, seen.size(), "record " + std::to_string(i) + " is another one");
            }
        }
        if (seen.size() > decided_records()) fail(when, seen.size(), "too many");
        if (seen.size() < seen_) fail(when, seen.size(), "fewer than before");
        if (what_.all_or_nothing && seen.size() != known_.seen && seen.size() != wanted()) {
            fail(when, seen.size(), "neither " + std::to_string(known_.seen) + " nor " + std::to_string(wanted()));
        }
        seen_ = seen.size();
    }
    void check_at_rest(const std::string& when) {
        check(when);
        if (seen_ != wanted()) fail(when, seen_, "not " + std::to_string(wanted()));
        known_.seen = seen_;
        on_news(known_);
    }

  private:
    [[nodiscard]] std::size_t decided_records() const { return known_.decided ? known_.decided->position : 0; }
    [[nodiscard]] std::size_t wanted() const {
        return known_.decided ? what_.visible(known_.decided->position, known_.decided->last) : 0;
    }
    [[noreturn]] void fail(const std::string& when, std::size_t seen, const std::string& why) const {
        std::ostringstream text;
        text << when << ": a reader sees " << seen << " records of " << decided_records() << " decided ones: " << why;
        throw broken{text.str()};
    }

    const subject<Record, Sink>& what_;
    std::string folder_;
    facts known_;
    std::size_t seen_;  // last
};

// One process, from its beginning to its end.
template <class Record, class Sink>
class process {
  public:
    using stage = weir::detail::sink_stage<Record, Sink>;

    // `step` is called between what may be seen from outside, with a name for it; it may throw.
    process(const subject<Record, Sink>& what, world<Record, Sink>& around, weir::environment& where,
            std::function<void(const char*)> step, std::uint64_t seed)
        : what_(what), around_(around), step_(std::move(step)), random_(seed) {
        site_.environment = &where;
        site_.graph_name = "contract";
        site_.outputs = &outputs_;
    }

    void run() {
        site_.checkpointed = true;
        open();
        try {
            if (recovered()) return;
            while (!done_) act();
            run_->finish(true);
            around_.check_at_rest("at the end");
        } catch (const weir::error&) {
            run_->finish(false);
            throw;
        }
    }
    // As it is without checkpoints.
    void run_without() {
        site_.checkpointed = false;
        open();
        take(what_.records);
        run_->prepare();
        run_->finish(true);
    }

  private:
    enum class state { ended, prepared, decided };
    struct epoch {
        manifest about;
        std::unique_ptr<weir::sink_epoch> of_sink;
        state now = state::ended;
    };

    void open() {
        const Sink sink = what_.sink(around_.folder());
        run_ = std::make_unique<stage>(sink, weir::sink_site{site_, nullptr, nullptr, "contract"});
        step_("made");
    }
    // Whether there is nothing left to do.
    bool recovered() {
        if (around_.decided()) {
            position_ = around_.decided()->position;
            number_ = around_.decided()->epoch;
            weir::binary_reader reader{std::string_view{around_.decided()->state}};
            run_->load_shard(0, reader);
            reader.expect_end();
            step_("loaded");
        }
        run_->recover();
        around_.check_at_rest("recovered");
        step_("recovered");
        if (!around_.decided() || !around_.decided()->last) return false;
        run_->finish(true);
        around_.check_at_rest("finished again");
        return true;
    }
    void take(std::uint64_t most) {
        weir::chunk<Record> records;
        const std::size_t end = std::min<std::size_t>(what_.records, position_ + static_cast<std::size_t>(most));
        const bool timed = what_.time(0) != weir::time_lowest;
        for (; position_ < end; ++position_) {
            records.push(what_.record(position_));
            if (timed) records.stamps.push_time(what_.time(position_), weir::time_lowest);
        }
        records.stamps.set_timed(timed);
        if (!records.empty()) run_->template run<0>(records, 0, records.size(), weir::chain<>{});
    }
    void act() {
        const bool all = ended_last_ || position_ == what_.records;
        switch (random_.below(4)) {
            case 0:
                if (!all) take(1 + random_.below(6));
                break;
            case 1:
                if (!ended_last_ && under_way_.size() < 2) end_epoch();
                break;
            default:
                if (!under_way_.empty()) go_on(under_way_.front());
        }
    }
    void end_epoch() {
        const bool last = position_ == what_.records;
        epoch made;
        made.about = {++number_, position_, last, {}};
        made.of_sink = run_->end_epoch(number_, last);
        around_.check("ended");
        step_("ended");
        weir::binary_writer writer;
        run_->save_shard(0, writer);
        made.about.state = writer.text();
        ended_last_ = last;
        under_way_.push_back(std::move(made));
        step_("saved");
    }
    void go_on(epoch& first) {
        switch (first.now) {
            case state::ended:
                if (first.of_sink != nullptr) first.of_sink->prepare();
                first.now = state::prepared;
                around_.check("prepared");
                step_("prepared");
                break;
            case state::prepared:
                around_.decide(first.about);
                first.now = state::decided;
                around_.check("decided");
                step_("decided");
                break;
            case state::decided:
                if (first.of_sink != nullptr) first.of_sink->commit();
                if (first.of_sink != nullptr && random_.one_in(3)) first.of_sink->commit();
                around_.check_at_rest("committed");
                done_ = first.about.last;
                under_way_.pop_front();
                step_("committed");
                break;
        }
    }

    const subject<Record, Sink>& what_;
    world<Record, Sink>& around_;
    std::function<void(const char*)> step_;
    weir::testing::seeded random_;
    weir::run_outputs outputs_;
    weir::stage_site site_;
    std::unique_ptr<stage> run_;
    std::deque<epoch> under_way_;
    std::size_t position_ = 0;
    std::uint64_t number_ = 0;
    bool ended_last_ = false;
    bool done_ = false;
};

// How much was tried.
struct tally {
    std::uint64_t operations = 0, steps = 0, runs = 0;
};

template <class Record, class Sink>
class trials {
  public:
    trials(const subject<Record, Sink>& what, std::uint64_t seed, tally& counts)
        : what_(what), seed_(seed), counts_(counts) {
        if (what_.contents) {
            const temporary_folder folder;
            std::filesystem::create_directories(folder / "out");
            world<Record, Sink> plain(what_, folder / "out");
            process<Record, Sink>(what_, plain, weir::machine(), [](const char*) {}, seed).run_without();
            wanted_ = what_.contents(plain.folder());
        }
    }
    void run() {
        const auto whole = one_world({});
        for (std::uint64_t at = 1; at <= whole.steps; ++at) one_world({.step = at});
        for (std::uint64_t at = 1; at <= whole.operations; ++at) {
            one_world({.operation = at, .how = crashing_environment::ending::crash});
            one_world({.operation = at, .how = crashing_environment::ending::failure});
        }
        counts_.operations += whole.operations;
        counts_.steps += whole.steps;
    }

  private:
    // Where a process ends; numbers from 1, or 0.
    struct end_of_process {
        std::uint64_t step = 0, operation = 0;
        crashing_environment::ending how = crashing_environment::ending::crash;
    };
    struct extent {
        std::uint64_t steps = 0, operations = 0;
    };

    extent one_world(const end_of_process& first) {
        const temporary_folder folder;
        std::filesystem::create_directories(folder / "out");
        what_.begin_anew();
        world<Record, Sink> around(what_, folder / "out");
        weir::testing::seeded random(seed_ ^ (first.step * 7919 + first.operation * 104'729));
        try {
            extent found;
            if (one_process(around, first, seed_, found)) {
                check_end(around);
                return found;
            }
            for (int again = 0;; ++again) {
                end_of_process next;
                const bool ends = again < 3 && random.below(2) == 0;
                if (ends && random.below(2) == 0) next.step = 1 + random.below(20);
                else if (ends) next.operation = 1 + random.below(30);
                if (random.below(3) == 0) next.how = crashing_environment::ending::failure;
                extent ignored;
                if (one_process(around, next, random.next(), ignored)) break;
                if (again == 100) throw broken{"a run that nothing ends does not come to its end"};
            }
            check_end(around);
            return found;
        } catch (const broken& why) {
            std::ostringstream text;
            text << what_.name << ", seed " << seed_ << ", ended at step " << first.step << ", operation "
                 << first.operation << (first.how == crashing_environment::ending::failure ? ", which failed" : "")
                 << ": " << why.what();
            throw broken{text.str()};
        }
    }
    // Whether it came to the end of its log.
    bool one_process(world<Record, Sink>& around, const end_of_process& end, std::uint64_t seed, extent& done) {
        ++counts_.runs;
        crashing_environment where(end.operation, end.how, [&] { around.check("after an operation"); });
        const auto step = [&](const char*) {
            if (++done.steps == end.step) where.die();
        };
        bool whole = false;
        try {
            process<Record, Sink>(what_, around, where, step, seed).run();
            whole = true;
        } catch (const process_died&) {
        } catch (const weir::error& problem) {
            if (end.operation == 0 || end.how == crashing_environment::ending::crash ||
                std::string_view{problem.what()}.find("broken") == std::string_view::npos) {
                throw broken{std::string{"an error: "} + problem.what()};
            }
        }
        done.operations = where.operations();
        return whole;
    }
    void check_end(world<Record, Sink>& around) const {
        around.check_at_rest("when all is over");
        for (const auto& each : std::filesystem::directory_iterator(around.folder())) {
            const std::string name = each.path().filename().string();
            if (name.starts_with('.')) throw broken{"'" + name + "' is left over"};
        }
        if (what_.contents && what_.contents(around.folder()) != wanted_) {
            throw broken{"the files are not those of a run without checkpoints"};
        }
    }

    const subject<Record, Sink>& what_;
    std::uint64_t seed_;
    tally& counts_;
    std::map<std::string, std::string> wanted_;
};

// Empty, or what went wrong.
template <class Record, class Sink>
std::string broken_promise(const subject<Record, Sink>& what, std::uint64_t seed, tally& counts) {
    try {
        trials<Record, Sink>(what, seed, counts).run();
        return {};
    } catch (const broken& why) {
        return why.what();
    }
}

}  // namespace sink_contract
