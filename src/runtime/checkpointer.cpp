// SPDX-License-Identifier: Apache-2.0
#include "checkpointer.hpp"

#include <algorithm>
#include <utility>

#include <weir/base/kill_point.hpp>
#include <weir/base/planted_bug.hpp>

#include "checkpoint_manifest.hpp"
#include "plan_state.hpp"

namespace weir::detail {
namespace {

[[noreturn]] void refuse(const graph& what, const node& which, const std::string& why) {
    throw error(error_kind::configuration, "graph '" + what.name() + "' cannot have checkpoints: " +
                                               what.label(what.number_of(&which)) + " " + why);
}

void check(const graph& what, const checkpointing& options) {
    for (const auto& each : what.nodes()) {
        if (each->keeps_state() && each->name().empty() && !options.unnamed_by_place) {
            refuse(what, *each,
                   "has state and no name, so that its state could not be found again in a graph that was changed: put "
                   "weir::named(\"...\", ...) around it");
        }
        if (!each->replays() && !options.at_most_once_sources) {
            refuse(what, *each,
                   "cannot be read again, so that records would be lost: at most once from here. To have checkpoints "
                   "all the same, set checkpointing::at_most_once_sources");
        }
    }
}

checkpoint_folder folder_of(const graph& what, const checkpointing& options) {
    check(what, options);
    return {options.directory, what.name(), options.keep};
}

// What another folder offers to begin with.
checkpoint_info begin_with(environment& where, const std::string& folder) {
    std::vector<std::string> problems;
    const std::vector<checkpoint_info> found = list_checkpoints(where, folder, problems);
    if (found.empty()) {
        throw error(error_kind::state, "there is no sound checkpoint in '" + folder + "' to begin from" +
                                           (problems.empty() ? std::string{} : ": " + problems.front()));
    }
    const auto savepoint = std::find_if(found.begin(), found.end(), [](const auto& each) { return each.savepoint; });
    return savepoint != found.end() ? *savepoint : found.front();
}

}  // namespace

checkpointer::checkpointer(const graph& what, const run_plan& how, environment& where)
    : what_(what), options_(how.checkpoint), threads_(how.threads), where_(where),
      store_(std::in_place, where, folder_of(what, how.checkpoint)), last_(where.ticks()) {}

checkpointer::~checkpointer() { writer_.reset(); }

void checkpointer::restore(plan& into) {
    plan_ = &into;
    for (running_stage& each : into.stages()) {
        std::string why = each.run->why_not_storable();
        for (const auto& merging : each.gates) {
            if (merging == nullptr) continue;
            for (const gate_channel* channel : merging->channels()) {
                if (why.empty()) why = channel->why_not_storable();
            }
        }
        if (!why.empty()) refuse(what_, *what_.nodes()[each.node], why);
        if (!options_.always_whole) each.run->track_changes();
        if (auto* const source = dynamic_cast<source_stage_base*>(each.run.get());
            source != nullptr && options_.at_most_once_sources) {
            source->reader().allow_loss();
        }
    }
    if (const checkpoint_info* const latest = store_->latest(); latest != nullptr) {
        restore_from(*latest, options_.directory, into);
        // The store goes on with its list of stages, and with what only other threads would replace, such as the counts
        // of exchanges.
        whole_ = latest->stages != into.checkpoint_stages() || latest->threads != threads_;
    } else if (!options_.from.empty()) {
        restore_from(begin_with(where_, options_.from), options_.from, into);
    }
    kill_point("after recovery");
    last_ = where_.ticks();
}

void checkpointer::restore_from(const checkpoint_info& which, const std::string& folder, plan& into) {
    state_loader loader(into, what_, which, options_);
    const auto read = [&](auto&& visit) {
        if (store_->latest() != nullptr) {
            store_->read(visit);
        } else {
            read_checkpoint(where_, folder, which, visit);
        }
    };
    try {
        read([&loader](const state_batch::entry& each) { loader.count(each); });
    } catch (const error& wrong) {
        if (wrong.kind() != error_kind::state) throw;
        throw error(error_kind::state, std::string{wrong.what()} + "; bring it back as it was, or take '" + folder +
                                           "/" + manifest_name(which.epoch) +
                                           "' out of the folder, to go on from the checkpoint before it");
    }
    loader.make_room();
    read([&loader](const state_batch::entry& each) { loader.load(each); });
    loader.finish();
    resumed_ended_ = which.ended;
    report_.resumed_from = which.epoch;
    last_epoch_ = which.epoch;
    kill_point("in recovery, before sinks recover");
    for (running_stage& each : into.stages()) {
        if (auto* const sink = dynamic_cast<sink_stage_base*>(each.run.get())) sink->recover();
    }
}

bool checkpointer::savepoint_wanted() const noexcept {
    return wishes_.load(std::memory_order_relaxed) != heard_ ||
           (options_.savepoint != nullptr && options_.savepoint->load(std::memory_order_relaxed));
}
bool checkpointer::take_wish() noexcept {
    const std::uint64_t now = wishes_.load();
    const bool by_call = std::exchange(heard_, now) != now;
    return (options_.savepoint != nullptr && options_.savepoint->exchange(false)) || by_call;
}

bool checkpointer::due(std::uint64_t progress) {
    if (writing_.load(std::memory_order_acquire)) return false;
    if (failure_) finish_writing();
    seen_progress_ = progress;
    if (savepoint_wanted()) return true;
    return progress != taken_progress_ && where_.ticks() - last_ >= options_.every;
}

void checkpointer::asked() { asked_ = where_.ticks(); }

void checkpointer::take(bool ended, bool savepoint) {
    finish_writing();
    last_ = where_.ticks();
    const auto began = asked_.value_or(last_);
    asked_.reset();
    taken_progress_ = seen_progress_;
    const bool all = std::exchange(whole_, options_.always_whole);
    epoch_.about = {};
    epoch_.about.threads = threads_;
    epoch_.about.ended = ended;
    epoch_.about.savepoint = savepoint;
    epoch_.about.taken_at = timestamp{where_.time_of_day().time_since_epoch()};
    epoch_.about.stages = plan_->checkpoint_stages();
    epoch_.entries.clear();
    epoch_.sinks.clear();
    epoch_.whole = all;
    epoch_.wishes = heard_;
    epoch_.began = last_;
    kill_point("at rest");
    for (running_stage& each : plan_->stages()) {
        auto* const sink = dynamic_cast<sink_stage_base*>(each.run.get());
        if (sink == nullptr) continue;
        if (auto part = sink->end_epoch(store_->next_epoch(), ended)) epoch_.sinks.push_back(std::move(part));
    }
    plan_->save_changes(epoch_.entries, all);
    kill_point("state copied");
    ++report_.taken;
    report_.bytes += epoch_.entries.bytes();
    writing_.store(true);
    if (where_.has_threads()) {
        writer_ = where_.launch([this] { write_catching(); });
    } else {
        write_catching();
        finish_writing();
    }
    report_.pauses.record(where_.ticks() - began);
}

void checkpointer::take_last(bool ended, bool savepoint) {
    kill_point("before the last checkpoint");
    take(ended, savepoint);
    finish_writing();
}

void checkpointer::finish_writing() {
    writer_.reset();
    if (failure_) std::rethrow_exception(failure_);
}

void checkpointer::write_catching() noexcept {
    try {
        write();
    } catch (...) {
        failure_ = std::current_exception();
    }
    writing_.store(false, std::memory_order_release);
}

// The order is the commit protocol: what a sink holds outlives a crash before the manifest says so, and is seen only
// after that.
void checkpointer::write() {
    const bool swapped = planted(planted_bug::publish_first);
    for (const auto& each : epoch_.sinks) {
        each->prepare();
        kill_point("a sink has prepared");
    }
    const auto commit = [this] {
        for (const auto& each : epoch_.sinks) {
            kill_point("before a sink commits");
            each->commit();
        }
    };
    if (swapped) commit();
    const checkpoint_info written = store_->write(std::move(epoch_.about), epoch_.entries, epoch_.whole);
    kill_point("epoch durable");
    if (!swapped) commit();
    kill_point("epoch committed");
    last_epoch_ = written.epoch;
    if (written.savepoint) {
        last_savepoint_ = written.epoch;
        fulfilled_ = epoch_.wishes;
    }
    written_.record(where_.ticks() - epoch_.began);
    store_->tidy();
    kill_point("folder tidied");
}

checkpoint_report checkpointer::report() const {
    checkpoint_report now = report_;
    now.last_epoch = last_epoch_;
    if (!writing_.load(std::memory_order_acquire)) now.writing = written_;
    return now;
}

}  // namespace weir::detail
