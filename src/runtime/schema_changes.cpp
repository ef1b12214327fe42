// SPDX-License-Identifier: Apache-2.0
// Whether a graph goes on from what another one has kept. Runs, builds and weir-schema all ask here. Stages are found
// by their names; all that is in the way is said, not only the first.
#include <algorithm>
#include <map>
#include <set>

#include <weir/base/error.hpp>
#include <weir/flow/stage.hpp>
#include <weir/record/migration.hpp>
#include <weir/runtime/schema_lock.hpp>

namespace weir {
namespace {

bool names(const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}
const kept_stage* of_name(const kept_state& in, const std::string& name) {
    const auto found = std::find_if(in.stages.begin(), in.stages.end(),
                                    [&](const kept_stage& each) { return each.name == name; });
    return found == in.stages.end() ? nullptr : &*found;
}
bool only_counts(const kept_stage& each) { return each.schema == counts_only; }
bool unnamed(const kept_stage& each) { return !only_counts(each) && each.name.starts_with(each.kind + " #"); }
std::string label(const kept_stage& each) {
    return (each.log ? "log '" : "stage '") + each.name + "' (" + each.kind + ")";
}
std::string inputs_text(const kept_stage& of) {
    std::string text;
    for (const std::string& each : of.inputs) text += (text.empty() ? "" : ", ") + each;
    return text;
}

class comparison {
  public:
    comparison(const kept_state& was, const kept_state& is, const checkpointing& options, const schema_judge& judge)
        : was_(was), is_(is), options_(options), judge_(judge) {
        if (was.graph != is.graph && !was.graph.empty() && !is.graph.empty()) {
            found_.refused.push_back("the graph was called '" + was.graph + "' and is called '" + is.graph +
                                     "': a folder of checkpoints is one graph's");
        }
        compare_unnamed();
        for (const kept_stage& each : was.stages) compare(each);
        found_.refused.insert(found_.refused.end(), gone_.begin(), gone_.end());
        for (const kept_stage& each : is.stages) look_for_new(each);
    }
    [[nodiscard]] schema_changes found() && { return std::move(found_); }

  private:
    // Of some that are gone, new, or elsewhere, nobody knows which: what one kept would go to another.
    void compare_unnamed() {
        std::map<std::string, unsigned> was;
        std::map<std::string, unsigned> is;
        for (const kept_stage& each : was_.stages) was[each.kind] += unnamed(each) ? 1U : 0U;
        for (const kept_stage& each : is_.stages) is[each.kind] += unnamed(each) ? 1U : 0U;
        for (const kept_stage& each : was_.stages) {
            const std::string& kind = each.kind;
            if (!unnamed(each) || is[kind] == 0 || unknown_.contains(kind)) continue;
            if (is[kind] != was[kind]) {
                refuse_unknown(kind, "there were " + std::to_string(was[kind]) + " and are " +
                                         std::to_string(is[kind]));
            } else if (const kept_stage* const now = of_name(is_, each.name);
                       was[kind] > 1 && now != nullptr && !each.inputs.empty() && !now->inputs.empty() &&
                       each.inputs != now->inputs) {
                refuse_unknown(kind, "'" + each.name + "' has other inputs now");
            }
        }
    }
    void refuse_unknown(const std::string& kind, const std::string& what) {
        unknown_.insert(kind);
        // Logs have no names.
        const bool logs = std::any_of(is_.stages.begin(), is_.stages.end(),
                                      [&](const kept_stage& each) { return each.kind == kind && each.log; });
        found_.refused.push_back((logs ? "of logs of kind " : "of stages without a name, of kind ") + kind + ", " +
                                 what + ", so that which is which cannot be known" +
                                 (logs ? "" : ": put weir::named(\"...\", ...) around them before the graph is "
                                              "changed"));
    }
    [[nodiscard]] bool is_unknown(const kept_stage& each) const {
        return unnamed(each) && unknown_.contains(each.kind);
    }

    void compare(const kept_stage& was) {
        if (is_unknown(was)) return;
        const kept_stage* const now = of_name(is_, was.name);
        if (now == nullptr) return note_gone(was, "is not in the graph any more");
        if (now->kind != was.kind) return note_gone(was, "is of kind " + now->kind + " now");
        compare_schemas(was, *now);
        compare_partitions(was, *now);
        if (was.inputs == now->inputs || was.inputs.empty() || now->inputs.empty()) return;
        found_.accepted.push_back(label(was) + " has other inputs: they were " + inputs_text(was) + " and are " +
                                  inputs_text(*now) + ". Records that wait in front of it in a checkpoint would be "
                                  "refused");
    }

    void compare_schemas(const kept_stage& was, const kept_stage& is) {
        if (was.schema == is.schema) return;
        // Of a stage that says nothing of itself nothing can be said.
        if (!was.schema.empty() && !is.schema.empty()) {
            migration_rules rules;
            for (const renamed_state_field& each : options_.renamed_fields) {
                if (each.stage == was.name) rules.push_back({each.from, each.to});
            }
            if (const std::string why_not = judge_(was, is, rules); !why_not.empty()) {
                found_.refused.push_back(label(was) + " keeps something else now: " + why_not);
                return;
            }
        }
        std::string renamed;
        for (const renamed_state_field& each : options_.renamed_fields) {
            if (each.stage == was.name) renamed += "; by name, '" + each.from + "' is '" + each.to + "' now";
        }
        found_.accepted.push_back(label(was) + " keeps something else now, which is made of what it kept: " +
                                  tag_difference(was.schema, is.schema) + renamed);
    }

    void compare_partitions(const kept_stage& was, const kept_stage& is) {
        if (!is.log || was.partitions == is.partitions || was.partitions == 0 || is.partitions == 0) return;
        const std::string other = label(is) + " has other partitions: it had " + std::to_string(was.partitions) +
                                  ", and has " + std::to_string(is.partitions) + " now";
        const bool may = is.partitions > was.partitions && names(options_.added_sources, is.name);
        (may ? found_.accepted : found_.refused).push_back(other);
    }

    void note_gone(const kept_stage& was, const std::string& why) {
        if (only_counts(was) || names(options_.dropped_stages, was.name)) {
            found_.accepted.push_back(label(was) + " " + why + ", and what it kept is forgotten");
            return;
        }
        gone_.push_back(label(was) + " " + why);
        found_.to_drop.push_back(was.name);
    }

    void look_for_new(const kept_stage& is) {
        if (is_unknown(is)) return;
        const kept_stage* const known = of_name(was_, is.name);
        if (known != nullptr && known->kind == is.kind) return;
        if (!is.log || names(options_.added_sources, is.name)) {
            found_.accepted.push_back(label(is) + " is new");
            return;
        }
        found_.refused.push_back(label(is) + " is new, and would be read from its beginning by stages that have come "
                                             "further");
        found_.to_add.push_back(is.name);
    }

    const kept_state& was_;
    const kept_state& is_;
    const checkpointing& options_;
    const schema_judge& judge_;
    std::set<std::string> unknown_;  // kinds
    std::vector<std::string> gone_;
    schema_changes found_;
};

// As the stages of each kind do.
std::string judge_by_tags(const kept_stage& was, const kept_stage& is, const migration_rules& rules) {
    const auto before = parse_type(was.schema);
    const auto after = parse_type(is.schema);
    if (is.kind != "process" || !before || !after) return tag_difference(was.schema, is.schema);
    const type_tree* const key_before = part_named(*before, "key");
    const type_tree* const key_after = part_named(*after, "key");
    const type_tree* const state_before = part_named(*before, "state");
    const type_tree* const state_after = part_named(*after, "state");
    for (const type_tree* const each : {key_before, key_after, state_before, state_after}) {
        if (each == nullptr || each->text == "?") return tag_difference(was.schema, is.schema);
    }
    std::string why_not;
    if (key_before->text != key_after->text) why_not = "its key was " + key_before->text + " and is " + key_after->text;
    std::string of_state;
    static_cast<void>(detail::plan_migration(state_before->text, state_after->text, rules, of_state));
    return why_not + (why_not.empty() || of_state.empty() ? "" : "; ") + of_state;
}

}  // namespace

schema_changes compare_kept(const kept_state& was, const kept_state& is, const checkpointing& options,
                            const schema_judge& judge) {
    return comparison(was, is, options, judge).found();
}
schema_changes compare_kept(const kept_state& was, const kept_state& is, const checkpointing& options) {
    return compare_kept(was, is, options, judge_by_tags);
}

renamed_state_field parse_renamed_field(std::string_view text, const kept_state& was) {
    const auto refuse = [&] {
        throw error(error_kind::configuration, "'" + std::string(text) + "' does not say which field is called what: "
                                                   "write it as stage.old=new");
    };
    const std::size_t equals = text.rfind('=');
    if (equals == std::string_view::npos || equals + 1 == text.size()) refuse();
    const std::string_view place = text.substr(0, equals);
    std::size_t dot = place.find('.');
    for (const kept_stage& each : was.stages) {
        const bool begins = place.starts_with(each.name) && place.substr(each.name.size()).starts_with('.');
        if (begins) dot = std::max(dot, each.name.size());
    }
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == place.size()) refuse();
    return {std::string(place.substr(0, dot)), std::string(place.substr(dot + 1)),
            std::string(text.substr(equals + 1))};
}

}  // namespace weir
