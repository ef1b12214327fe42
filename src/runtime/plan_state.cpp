// SPDX-License-Identifier: Apache-2.0
// The state of a plan: as one image in memory, and as entries of a checkpoint.
#include <algorithm>
#include <map>

#include "plan_state.hpp"

namespace weir::detail {
namespace {

// Beside a stage's shards: what its gates hold, if they do, and how far its channels are.
constexpr unsigned routed_part = 0xfffd;  // what exchanges in front of it have counted
constexpr unsigned held_part = 0xfffe;
constexpr unsigned plan_part = 0xffff;
constexpr std::string_view run_kind = "run";

template <class Visit> void for_each_channel(const running_stage& of, Visit&& visit) {
    for (const auto& merging : of.gates) {
        if (merging == nullptr) continue;
        for (gate_channel* channel : merging->channels()) visit(*channel);
    }
}

}  // namespace

void plan::save_state(binary_writer& writer) const {
    for (const running_stage& each : stages_) {
        each.run->save_marks(writer);
        for (const auto& merging : each.gates) {
            if (merging == nullptr) continue;
            for (const gate_channel* channel : merging->channels()) channel->save_held(writer);
        }
        const unsigned shards = each.run->keyed() ? shard_count : 1;
        for (unsigned shard = 0; shard < shards; ++shard) each.run->save_shard(shard, writer);
    }
    for (const auto& [node, counts] : routed_) {
        static_cast<void>(node);
        save(writer, counts->in);
        save(writer, counts->filtered);
    }
    save(writer, shared_.records_read.load());
}

void plan::load_state(binary_reader& reader) {
    for (running_stage& each : stages_) {
        each.run->load_marks(reader);
        for (const auto& merging : each.gates) {
            if (merging == nullptr) continue;
            for (gate_channel* channel : merging->channels()) channel->load_held(reader);
        }
        const unsigned shards = each.run->keyed() ? shard_count : 1;
        for (unsigned shard = 0; shard < shards; ++shard) each.run->load_shard(shard, reader);
    }
    for (const auto& [node, counts] : routed_) {
        static_cast<void>(node);
        load(reader, counts->in);
        load(reader, counts->filtered);
    }
    shared_.records_read = load<std::uint64_t>(reader);
    reader.expect_end();
}

// Unnamed ones are told apart by their place among those of their kind.
std::vector<checkpoint_stage> plan::checkpoint_stages() const {
    std::vector<std::string> names;
    std::map<std::string, unsigned> of_kind;
    for (const auto& each : what_->nodes()) {
        const unsigned place = ++of_kind[each->kind()];
        names.push_back(each->name().empty() ? each->kind() + " #" + std::to_string(place) : each->name());
    }
    std::vector<checkpoint_stage> listed;
    std::vector<unsigned> instances(what_->nodes().size());
    for (const running_stage& each : stages_) {
        listed.push_back(
            {names[each.node], what_->nodes()[each.node]->kind(), each.run->schema(), instances[each.node]++});
    }
    listed.push_back({{}, std::string{run_kind}, {}, 0});
    return listed;
}

void plan::save_changes(state_batch& to, bool all) {
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        running_stage& each = stages_[i];
        to.begin_stage(static_cast<std::uint32_t>(i));
        std::uint64_t held = 0;
        for_each_channel(each, [&](const gate_channel& channel) { held += channel.held(); });
        const auto put_held = [&](binary_writer& writer) {
            for_each_channel(each, [&](const gate_channel& channel) { channel.save_held(writer); });
        };
        // What is not there any more is gone, too.
        if (held != 0) {
            to.put_image(held_part, put_held);
        } else {
            to.erase(held_part, [](binary_writer&) {});
        }
        to.put_image(plan_part, [&](binary_writer& writer) {
            each.run->save_marks(writer);
            if (auto* const source = dynamic_cast<source_stage_base*>(each.run.get())) site_of(*source)->save(writer);
        });
        each.run->save_changes(to, all);
    }
    for (std::uint32_t i = 0; i < routed_.size(); ++i) {
        const auto& [node, counts] = routed_[i];
        to.begin_stage(static_cast<std::uint32_t>(instances_of(node).front()));
        to.put(
            routed_part, [&](binary_writer& writer) { save(writer, i); },
            [&, each = counts.get()](binary_writer& writer) {
                save(writer, each->in);
                save(writer, each->filtered);
            });
    }
    to.begin_stage(static_cast<std::uint32_t>(stages_.size()));
    to.put_image(plan_part, [&](binary_writer& writer) { save(writer, shared_.records_read.load()); });
}

state_loader::state_loader(plan& into, const graph& what, const checkpoint_info& from, const checkpointing& options)
    : into_(into), what_(what), from_(from), options_(options) {
    const std::vector<checkpoint_stage> present = into.checkpoint_stages();
    const bool as_before = from.threads == into.workers().size();
    for (const checkpoint_stage& each : from.stages) {
        target found;
        for (std::size_t i = 0; i < present.size(); ++i) {
            if (present[i].name != each.name || (present[i].kind == run_kind) != (each.kind == run_kind)) continue;
            if (present[i].kind != each.kind) refuse("stage '" + each.name + "' was a " + each.kind + " and is a " +
                                                     present[i].kind + " now");
            if (each.kind != run_kind) adopt_schema(each, present[i], *into.stages()[i].run);
            found.stages.push_back(i);
            if (present[i].instance == each.instance) found.same = i;
        }
        if (found.stages.empty()) {
            refuse("stage '" + each.name + "' (" + each.kind + ") is not in the graph any more");
        }
        if (!found.same && (as_before || is_source(found))) {
            refuse("stage '" + each.name + "' (" + each.kind + ") had more partitions than it has now");
        }
        targets_.push_back(std::move(found));
    }
    for (std::size_t i = 0; i < present.size(); ++i) {
        const checkpoint_stage& each = present[i];
        const auto known = [&](bool same_instance) {
            return std::any_of(from.stages.begin(), from.stages.end(), [&](const checkpoint_stage& other) {
                return other.name == each.name && (!same_instance || other.instance == each.instance);
            });
        };
        if (!known(false)) refuse("stage '" + each.name + "' (" + each.kind + ") is new");
        if (i < into.stages().size() && is_source(target{{i}, {}}) && !known(true)) {
            refuse("stage '" + each.name + "' (" + each.kind + ") has more partitions than it had");
        }
    }
}

void state_loader::count(const state_batch::entry& each) {
    if (each.stage >= targets_.size()) refuse("an entry is of a stage that is not listed");
    const target& to = targets_[each.stage];
    if (each.shard >= shard_count || each.key.empty() || from_.stages[each.stage].kind == run_kind) return;
    keys_.resize(into_.stages().size());
    ++keys_[place_of(to, each.shard)];
}

void state_loader::make_room() {
    for (std::size_t i = 0; i < keys_.size(); ++i) into_.stages()[i].run->expect_keys(keys_[i]);
}

// Each instance of the stage may get entries of each that was.
void state_loader::adopt_schema(const checkpoint_stage& was, const checkpoint_stage& is, stage& goes_on) const {
    // Of a stage that says nothing of itself nothing can be said.
    if (was.schema.empty() || is.schema.empty() || was.schema == is.schema) return;
    migration_rules rules;
    for (const renamed_state_field& each : options_.renamed_fields) {
        if (each.stage == was.name) rules.push_back({each.from, each.to});
    }
    const std::string why_not = goes_on.adopt_schema(was.schema, rules);
    if (!why_not.empty()) {
        refuse("stage '" + was.name + "' (" + was.kind + ") keeps something else now: " + why_not);
    }
}

void state_loader::load(const state_batch::entry& each) {
    if (each.stage >= targets_.size()) refuse("an entry is of a stage that is not listed");
    const target& to = targets_[each.stage];
    binary_reader key{each.key};
    binary_reader value{each.value};
    const bool as_before = from_.threads == into_.workers().size();
    if (from_.stages[each.stage].kind == run_kind) {
        into_.load_run(value);
    } else if (each.shard == routed_part) {
        const auto index = weir::load<std::uint32_t>(key);
        into_.load_routed(to.stages.front(), as_before ? std::optional{index} : std::nullopt, value);
    } else if (each.shard == held_part) {
        if (!as_before) {
            refuse("records wait in front of stage '" + from_.stages[each.stage].name +
                   "', so it can only go on with as many threads as it had: " + std::to_string(from_.threads));
        }
        into_.load_held(*to.same, value);
    } else if (each.shard == plan_part) {
        if (as_before || is_source(to)) into_.load_part(*to.same, value);
    } else if (each.key.empty() && is_keyed(to)) {
        // What belongs to no key says whose it is.
        for (const std::size_t instance : to.stages) {
            binary_reader again{each.value};
            into_.stages()[instance].run->load_entry(each.shard, key, again);
            again.expect_end();
        }
    } else {
        stage& goes_on = *into_.stages()[place_of(to, each.shard)].run;
        goes_on.load_entry(each.shard, key, value);
        value.expect_end();
        // Whose partners would come to another worker.
        if (!as_before && goes_on.held() != 0) {
            refuse("records wait for their partners in stage '" + from_.stages[each.stage].name +
                   "', so it can only go on with as many threads as it had: " + std::to_string(from_.threads));
        }
    }
}

bool state_loader::is_keyed(const target& of) const { return into_.stages()[of.stages.front()].run->keyed(); }
bool state_loader::is_source(const target& of) const {
    if (of.stages.front() == into_.stages().size()) return false;  // that is the run itself
    return dynamic_cast<const source_stage_base*>(into_.stages()[of.stages.front()].run.get()) != nullptr;
}

// The instance that has the shard now; of a stage without keys, the one of the same number, or the last.
std::size_t state_loader::place_of(const target& to, unsigned shard) const {
    if (!is_keyed(to)) return to.same.value_or(to.stages.back());
    return to.stages[worker_of_shard(shard, static_cast<unsigned>(to.stages.size()))];
}

void state_loader::refuse(const std::string& why) const {
    throw error(error_kind::state, "the checkpoint of epoch " + std::to_string(from_.epoch) +
                                       " does not fit graph '" + what_.name() + "': " + why);
}

void plan::load_run(binary_reader& reader) {
    shared_.records_read = weir::load<std::uint64_t>(reader);
    reader.expect_end();
}

// Other exchanges than there were: then the stage has counted it.
void plan::load_routed(std::size_t stage, std::optional<std::uint32_t> exchange, binary_reader& reader) {
    if (exchange && *exchange >= routed_.size()) detail::refuse_snapshot("the checkpoint has more exchanges");
    ledger& counts = exchange ? *routed_[*exchange].second : stages_[stage].run->counts;
    counts.in += weir::load<std::uint64_t>(reader);
    counts.filtered += weir::load<std::uint64_t>(reader);
    reader.expect_end();
}

void plan::load_part(std::size_t index, binary_reader& reader) {
    running_stage& each = stages_[index];
    each.run->load_marks(reader);
    if (auto* const source = dynamic_cast<source_stage_base*>(each.run.get())) site_of(*source)->load(reader);
    reader.expect_end();
}

void plan::load_held(std::size_t index, binary_reader& reader) {
    for_each_channel(stages_[index], [&](gate_channel& channel) { channel.load_held(reader); });
    reader.expect_end();
}

}  // namespace weir::detail
