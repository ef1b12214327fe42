// SPDX-License-Identifier: Apache-2.0
#include "state_reports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/record/time_text.hpp>

namespace weir_state {
namespace {

using weir::checkpoint_info;
using weir::checkpoint_stage;
using weir::error;
using weir::error_kind;

void say(const std::string& sentence) { fmt::print(stderr, "weir-state: {}\n", printable(sentence)); }

std::string time_text(weir::timestamp at) {
    std::array<char, 64> text;
    return {text.data(), weir::detail::write_time(text.data(), at)};
}

std::string bytes_text(std::uint64_t bytes) {
    if (bytes < 10'000) return fmt::format("{} B", bytes);
    if (bytes < 10'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
    if (bytes < 10'000'000'000) return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
    return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

// From the newest. What is not sound is said.
std::vector<checkpoint_info> sound_checkpoints(const std::string& folder, bool& problems_found) {
    std::vector<std::string> problems;
    std::vector<checkpoint_info> found = weir::list_checkpoints(weir::machine(), folder, problems);
    for (const std::string& each : problems) say(each);
    problems_found = !problems.empty();
    if (found.empty() && problems.empty()) {
        throw error(error_kind::state, "there are no checkpoints in '" + folder + "'");
    }
    return found;
}

checkpoint_info chosen(const std::string& folder, std::optional<std::uint64_t> epoch) {
    bool problems = false;
    std::vector<checkpoint_info> found = sound_checkpoints(folder, problems);
    for (checkpoint_info& each : found) {
        if (!epoch || each.epoch == *epoch) return std::move(each);
    }
    if (!epoch) throw error(error_kind::state, "no checkpoint in '" + folder + "' is sound");
    throw error(error_kind::state, "there is no sound checkpoint " + std::to_string(*epoch) + " in '" + folder + "'");
}

// Which of the stages are meant; an error if none is.
std::vector<bool> meant(const checkpoint_info& of, const std::string& name) {
    std::vector<bool> wanted;
    std::string names;
    for (const checkpoint_stage& each : of.stages) {
        wanted.push_back(name.empty() || each.name == name);
        if (names.find("'" + each.name + "'") == std::string::npos) names += " '" + each.name + "'";
    }
    if (name.empty() || std::find(wanted.begin(), wanted.end(), true) != wanted.end()) return wanted;
    throw error(error_kind::configuration, "checkpoint " + std::to_string(of.epoch) + " has no stage '" + name +
                                               "': it has" + (names.empty() ? " none" : names));
}

// The entries of some stages. Compares by stage only where all are taken.
class entries_of {
  public:
    entries_of(const std::string& folder, const checkpoint_info& of, std::vector<bool> wanted)
        : of_(of), wanted_(std::move(wanted)), entries_(weir::machine(), folder, of) {
        next();
    }
    void next() {
        do {
            more_ = entries_.next();
        } while (more_ && !wanted_[entries_.current().stage]);
    }
    [[nodiscard]] bool more() const { return more_; }
    [[nodiscard]] const weir::state_batch::entry& current() const { return entries_.current(); }
    [[nodiscard]] const checkpoint_info& of() const { return of_; }

  private:
    const checkpoint_info& of_;
    std::vector<bool> wanted_;
    weir::checkpoint_entries entries_;
    bool more_ = false;
};

struct difference {
    std::uint64_t added = 0, removed = 0, changed = 0;
    [[nodiscard]] bool any() const { return added + removed + changed != 0; }
};

void print_only(const char* change, const entries_of& in, const line_options& options) {
    json_line line;
    line.add("change", change);
    line.add_place(in.of(), in.current(), options);
    line.add_bytes("value", in.current().value, options);
    fmt::print("{}", std::move(line).ended());
}

// Negative: the first has an entry that the second has not; positive: the other way round. The same stage may have
// another place in each list: then the entries are of that one only, and `by_stage` is false.
int compare(const entries_of& one, const entries_of& other, bool by_stage) {
    if (!one.more() || !other.more()) return static_cast<int>(other.more()) - static_cast<int>(one.more());
    const auto& first = one.current();
    const auto& second = other.current();
    if (by_stage && first.stage != second.stage) return first.stage < second.stage ? -1 : 1;
    if (first.shard != second.shard) return first.shard < second.shard ? -1 : 1;
    return first.key.compare(second.key);
}

void compare_entries(entries_of one, entries_of other, bool by_stage, const line_options& options, difference& found) {
    while (one.more() || other.more()) {
        const int order = compare(one, other, by_stage);
        if (order < 0) {
            ++found.removed;
            print_only("removed", one, options);
        } else if (order > 0) {
            ++found.added;
            print_only("added", other, options);
        } else if (one.current().value != other.current().value) {
            ++found.changed;
            json_line line;
            line.add("change", "changed");
            line.add_place(other.of(), other.current(), options);
            line.add_bytes("before", one.current().value, options);
            line.add_bytes("after", other.current().value, options);
            fmt::print("{}", std::move(line).ended());
        }
        if (order <= 0) one.next();
        if (order >= 0) other.next();
    }
}

// By name, kind and instance: what a stage keeps may have got another schema.
std::optional<std::size_t> place_of(const checkpoint_stage& stage, const checkpoint_info& in) {
    for (std::size_t i = 0; i < in.stages.size(); ++i) {
        const checkpoint_stage& each = in.stages[i];
        if (each.name == stage.name && each.kind == stage.kind && each.instance == stage.instance) return i;
    }
    return {};
}

std::vector<bool> only(std::size_t stage, const checkpoint_info& of) {
    std::vector<bool> wanted(of.stages.size());
    wanted[stage] = true;
    return wanted;
}

// Where the lists of stages differ, stage by stage.
void compare_stages(const std::string& folder, const checkpoint_info& one, const checkpoint_info& other,
                    const std::string& stage, const line_options& options, difference& found) {
    const auto differing = [&](const char* change, const checkpoint_stage& which) {
        json_line line;
        line.add("change", change);
        line.add("stage", printable(which.name));
        line.add("kind", printable(which.kind));
        line.add("instance", which.instance);
        fmt::print("{}", std::move(line).ended());
    };
    for (std::size_t i = 0; i < one.stages.size(); ++i) {
        if (!stage.empty() && one.stages[i].name != stage) continue;
        if (const auto place = place_of(one.stages[i], other)) {
            compare_entries({folder, one, only(i, one)}, {folder, other, only(*place, other)}, false, options, found);
        } else {
            ++found.removed;
            differing("stage removed", one.stages[i]);
        }
    }
    for (const checkpoint_stage& each : other.stages) {
        if ((!stage.empty() && each.name != stage) || place_of(each, one)) continue;
        ++found.added;
        differing("stage added", each);
    }
}

}  // namespace

int list(const std::string& folder) {
    bool problems = false;
    const std::vector<checkpoint_info> found = sound_checkpoints(folder, problems);
    fmt::print("{:>10}  {:<30}  {:<20}  {:>7}  {:>6}  {:>8}  {:>10}  {}\n", "epoch", "taken at", "graph", "threads",
               "stages", "segments", "size", "kind");
    for (const checkpoint_info& each : found) {
        std::uint64_t bytes = 0;
        for (const auto& segment : each.segments) bytes += segment.bytes;
        fmt::print("{:>10}  {:<30}  {:<20}  {:>7}  {:>6}  {:>8}  {:>10}  {}{}\n", each.epoch, time_text(each.taken_at),
                   printable(each.graph), each.threads, each.stages.size(), each.segments.size(), bytes_text(bytes),
                   each.savepoint ? "savepoint" : "checkpoint", each.ended ? ", at the end of the logs" : "");
    }
    return problems ? exit_found : exit_well;
}

int stages(const selection& which) {
    struct total {
        std::uint64_t entries = 0, keys = 0, values = 0, largest = 0;
    };
    const checkpoint_info of = chosen(which.folder, which.epoch);
    const std::vector<bool> wanted = meant(of, which.stage);
    std::vector<total> totals(of.stages.size());
    for (entries_of in(which.folder, of, wanted); in.more(); in.next()) {
        total& to = totals[in.current().stage];
        ++to.entries;
        to.keys += in.current().key.size();
        to.values += in.current().value.size();
        to.largest = std::max<std::uint64_t>(to.largest, in.current().value.size());
    }
    fmt::print("{:>6}  {:<30}  {:<12}  {:>8}  {:>12}  {:>10}  {:>10}  {:>10}  {}\n", "number", "stage", "kind",
               "instance", "entries", "keys", "values", "largest", "schema");
    for (std::size_t i = 0; i < totals.size(); ++i) {
        if (!wanted[i]) continue;
        const checkpoint_stage& stage = of.stages[i];
        fmt::print("{:>6}  {:<30}  {:<12}  {:>8}  {:>12}  {:>10}  {:>10}  {:>10}  {}\n", i, printable(stage.name),
                   printable(stage.kind), stage.instance, totals[i].entries, bytes_text(totals[i].keys),
                   bytes_text(totals[i].values), bytes_text(totals[i].largest),
                   stage.schema.empty() ? "-" : printable(stage.schema));
    }
    return exit_well;
}

int print(const selection& which, const line_options& options) {
    const checkpoint_info of = chosen(which.folder, which.epoch);
    for (entries_of in(which.folder, of, meant(of, which.stage)); in.more(); in.next()) {
        json_line line;
        line.add_place(of, in.current(), options);
        line.add_bytes("value", in.current().value, options);
        fmt::print("{}", std::move(line).ended());
    }
    return exit_well;
}

int verify(const std::string& folder) {
    bool damaged = false;
    const std::vector<checkpoint_info> found = sound_checkpoints(folder, damaged);
    std::set<std::string> seen;
    std::set<std::string> broken;
    std::uint64_t bytes = 0;
    for (const checkpoint_info& each : found) {
        bool sound = true;
        for (const weir::checkpoint_segment& segment : each.segments) {
            if (seen.insert(segment.name).second) {
                checkpoint_info alone = each;
                alone.segments = {segment};
                bytes += segment.bytes;
                try {
                    weir::read_checkpoint(weir::machine(), folder, alone, [](const auto&) {});
                } catch (const error& wrong) {
                    if (wrong.kind() != error_kind::state) throw;
                    say(wrong.what());
                    broken.insert(segment.name);
                }
            }
            sound = sound && !broken.contains(segment.name);
        }
        damaged = damaged || !sound;
        fmt::print("checkpoint {}: {}\n", each.epoch, sound ? "sound" : "damaged");
    }
    fmt::print("{} checkpoints, {} segments, {} read: {}\n", found.size(), seen.size(), bytes_text(bytes),
               damaged ? "there is damage" : "all sound");
    return damaged ? exit_found : exit_well;
}

int diff(const std::string& folder, std::uint64_t from, std::uint64_t to, const std::string& stage,
         const line_options& options) {
    const checkpoint_info one = chosen(folder, from);
    const checkpoint_info other = chosen(folder, to);
    difference found;
    if (one.stages == other.stages) {
        const std::vector<bool> wanted = meant(one, stage);
        compare_entries({folder, one, wanted}, {folder, other, wanted}, true, options, found);
    } else {
        compare_stages(folder, one, other, stage, options, found);
    }
    fmt::print(stderr, "{} added, {} removed, {} changed\n", found.added, found.removed, found.changed);
    return found.any() ? exit_found : exit_well;
}

}  // namespace weir_state
