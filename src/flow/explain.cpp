// SPDX-License-Identifier: Apache-2.0
#include <weir/flow/explain.hpp>

#include <algorithm>
#include <vector>

#include <weir/flow/dot_text.hpp>
#include <weir/record/print.hpp>

namespace weir {
namespace {

// How many channels a node's output has, as far as that is known before a run.
struct channels {
    bool several = false;      // with any number of threads
    bool per_worker = false;   // one on each worker
    [[nodiscard]] bool more_with_threads() const { return several || per_worker; }
};

class explained_graph {
  public:
    explicit explained_graph(const graph& what) : what_(what) {
        for (const auto& each : what_.nodes()) {
            outputs_.push_back(output_of(*each));
            for (const node_input& input : each->inputs()) {
                if (input.from->late_outlet(input.outlet)) late_used_.push_back(input.from.get());
            }
        }
    }

    [[nodiscard]] std::string input_name(const node_input& input) const {
        std::string name = "#" + std::to_string(what_.number_of(input.from.get()));
        return input.outlet == 0 ? name : name + " " + outlet_name(input);
    }
    [[nodiscard]] static std::string outlet_name(const node_input& input) {
        if (input.outlet == 0) return {};
        if (input.from->late_outlet(input.outlet)) return "late";
        return input.from->how() == spread::partition ? "unreadable" : "output " + std::to_string(input.outlet);
    }

    // Where records change workers when there is more than one.
    [[nodiscard]] static std::string exchange(const node& each) {
        switch (each.how()) {
            case spread::keyed: return "by key";
            case spread::by_origin: return "by origin";
            case spread::single: return "to one worker";
            case spread::partition:
            case spread::per_channel: break;
        }
        return {};
    }

    [[nodiscard]] std::string takes(const node& each) const {
        std::string text = "takes records as they come";
        if (each.merges_per_input()) {
            text = "takes each input in turn";
        } else if (takes_turns(each)) {
            text = "takes records in turn";
        }
        const std::string where = exchange(each);
        return where.empty() ? text : text + "; with threads > 1 exchanged " + where;
    }

    // What waits in front of a stage; empty if nothing ever does.
    [[nodiscard]] std::string holds(const node& each) const {
        std::string text;
        if (each.merges_per_input()) text = "results until their partner comes or cannot come any more";
        if (!takes_turns(each)) return text;
        const channels in = input_of(each);
        if (!in.more_with_threads()) return text;
        if (!text.empty()) text += "; ";
        if (!in.several) text += "with threads > 1 ";
        return text + "records until every other channel's next record or progress mark has passed them";
    }

    [[nodiscard]] std::string gives(const node& each, std::size_t number) const {
        if (each.how() == spread::partition) {
            const std::string logs = each.several_partitions() ? "several logs" : "one log";
            return logs + (each.unbounded() ? " without an end" : "") +
                   (each.several_partitions() ? ", in turn per partition" : ", in turn");
        }
        if (outputs_[number].several) return "in turn per channel";
        return outputs_[number].per_worker ? "in turn; with threads > 1 in turn per worker" : "in turn";
    }

    [[nodiscard]] std::vector<std::string> non_deterministic() const {
        std::vector<std::string> points;
        for (std::size_t i = 0; i < what_.nodes().size(); ++i) {
            const std::string why = what_.nodes()[i]->non_deterministic();
            if (!why.empty()) points.push_back(what_.label(i) + ": " + why);
        }
        return points;
    }

    // Logs that a run with checkpoints would lose something of.
    [[nodiscard]] std::vector<std::string> at_most_once() const {
        std::vector<std::string> logs;
        for (std::size_t i = 0; i < what_.nodes().size(); ++i) {
            if (!what_.nodes()[i]->replays()) logs.push_back(what_.label(i));
        }
        return logs;
    }

    // Of a sink: what it promises, and of which logs it may never see something.
    [[nodiscard]] static std::string promises(const node& each) {
        const auto promise = each.promise();
        return promise ? std::string{delivery_name(promise->how)} + ": " + promise->why : std::string{};
    }
    [[nodiscard]] std::string misses(std::size_t number) const {
        std::vector<bool> upstream(what_.nodes().size());
        upstream[number] = true;
        std::string logs;
        for (std::size_t i = number + 1; i-- > 0;) {  // a node comes behind those that it takes from
            if (!upstream[i]) continue;
            const node& each = *what_.nodes()[i];
            if (!each.replays()) logs = "#" + std::to_string(i) + (logs.empty() ? "" : ", ") + logs;
            for (const node_input& input : each.inputs()) upstream[what_.number_of(input.from.get())] = true;
        }
        return logs.empty() ? logs : "what is lost of " + logs;
    }

  private:
    [[nodiscard]] bool takes_turns(const node& each) const {
        if (each.order_sensitive()) return true;
        for (const node* used : late_used_) {
            if (used == &each) return true;
        }
        return false;
    }
    // Channels that meet at one gate of a node.
    [[nodiscard]] channels input_of(const node& each) const {
        channels sum;
        for (const node_input& input : each.inputs()) {
            const channels one = outputs_[what_.number_of(input.from.get())];
            sum.several |= one.several;
            sum.per_worker |= one.per_worker;
        }
        if (each.inputs().size() > 1 && !each.merges_per_input()) sum.several = true;
        return sum;
    }
    [[nodiscard]] channels output_of(const node& each) const {
        switch (each.how()) {
            case spread::partition: return {each.several_partitions(), false};
            case spread::per_channel: return input_of(each);
            case spread::keyed:
            case spread::by_origin: return {false, true};
            case spread::single: break;
        }
        return {};
    }

    const graph& what_;
    std::vector<channels> outputs_;  // by the node's number
    std::vector<const node*> late_used_;
};

void add_line(std::string& text, const std::string& what, const std::string& line) {
    if (!line.empty()) text += "    " + what + line + "\n";
}

std::string budget(const node& each) {
    return each.budget() == stage_name::no_budget ? std::string{} : to_text(each.budget()) + " per record";
}

// Breaks at blanks, so that boxes stay narrow.
std::string wrapped(const std::string& text, std::size_t width) {
    std::string out;
    std::size_t column = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t blank = std::min(text.find(' ', begin), text.size());
        if (column != 0 && column + 1 + (blank - begin) > width) {
            out += '\n';
            column = 0;
        } else if (column != 0) {
            out += ' ';
            ++column;
        }
        out.append(text, begin, blank - begin);
        column += blank - begin;
        begin = blank + 1;
    }
    return out;
}

std::string box(const explained_graph& known, const node& each, const std::string& label) {
    std::string text = label;
    const auto add = [&text](const std::string& what, const std::string& line) {
        if (!line.empty()) text += "\n" + wrapped(what + line, 34);
    };
    add("", each.detail());
    add("budget ", budget(each));
    add("holds ", known.holds(each));
    if (const auto promise = each.promise()) add("with checkpoints ", std::string{delivery_name(promise->how)});
    add("not deterministic: ", each.non_deterministic());
    const char* colour = "#ffffff";
    if (each.how() == spread::partition) colour = "#dcebf7";
    if (each.outlet_count() == 0) colour = "#e3f1dc";
    std::string attributes = "label=\"" + detail::dot_text(text) + "\", fillcolor=\"" + colour + "\"";
    if (!each.non_deterministic().empty()) {
        attributes += ", color=\"#c0392b\", penwidth=2, tooltip=\"" + detail::dot_text(each.non_deterministic()) + "\"";
    }
    return attributes;
}

std::string arrow(const explained_graph& known, const node& to, const node_input& input, std::size_t from) {
    std::string label;
    const auto add = [&label](const std::string& line) {
        if (!line.empty()) label += (label.empty() ? "  " : "\n  ") + line;  // not on the line itself
    };
    add(explained_graph::outlet_name(input));
    add(input.steps);
    add(known.gives(*input.from, from));
    const std::string where = explained_graph::exchange(to);
    if (!where.empty()) add("exchanged " + where);
    std::string attributes = "label=\"" + detail::dot_text(label) + "\"";
    if (!where.empty()) attributes += ", style=dashed";
    return attributes;
}

}  // namespace

std::string explain(const graph& what) {
    const explained_graph known(what);
    std::string text = "graph '" + what.name() + "'\n";
    for (std::size_t i = 0; i < what.nodes().size(); ++i) {
        const node& each = *what.nodes()[i];
        text += "\n" + what.label(i) + (each.detail().empty() ? "" : ": " + each.detail()) + "\n";
        add_line(text, "budget ", budget(each));
        for (const node_input& input : each.inputs()) {
            add_line(text, "<- ", known.input_name(input) + (input.steps.empty() ? "" : " " + input.steps));
        }
        if (!each.inputs().empty()) add_line(text, "", known.takes(each));
        add_line(text, "holds ", known.holds(each));
        if (each.outlet_count() != 0) add_line(text, "gives ", known.gives(each, i));
        add_line(text, "with checkpoints ", explained_graph::promises(each));
        if (each.promise()) add_line(text, "never gets ", known.misses(i));
    }
    text += "\nnon-deterministic points:";
    const auto points = known.non_deterministic();
    if (points.empty()) text += " none\n";
    for (const std::string& point : points) text += "\n    " + point;
    if (!points.empty()) text += '\n';
    const auto once = known.at_most_once();
    if (!once.empty()) text += "\nat most once from here, because it cannot be read again:\n";
    for (const std::string& log : once) text += "    " + log + "\n";
    return text;
}

std::string explain_dot(const graph& what) {
    constexpr const char* looks =
        "    fontname=Helvetica; fontsize=11; nodesep=0.5; ranksep=0.45;\n"
        "    node [shape=box, style=\"rounded,filled\", fontname=Helvetica, fontsize=11, margin=\"0.15,0.08\"];\n"
        "    edge [fontname=Helvetica, fontsize=10, fontcolor=\"#555555\"];\n";
    const explained_graph known(what);
    std::string about = what.name() + "\n(dashed: exchange between workers)\nnon-deterministic points:";
    const auto points = known.non_deterministic();
    if (points.empty()) about += " none";
    for (const std::string& point : points) about += "\n" + point;
    std::string text = "digraph \"" + detail::dot_text(what.name()) + "\" {\n    label=\"" + detail::dot_text(about) +
                       "\";\n" + looks;
    for (std::size_t i = 0; i < what.nodes().size(); ++i) {
        text += "    n" + std::to_string(i) + " [" + box(known, *what.nodes()[i], what.label(i)) + "];\n";
    }
    for (std::size_t i = 0; i < what.nodes().size(); ++i) {
        const node& each = *what.nodes()[i];
        for (const node_input& input : each.inputs()) {
            const std::size_t from = what.number_of(input.from.get());
            text += "    n" + std::to_string(from) + " -> n" + std::to_string(i) + " [" +
                    arrow(known, each, input, from) + "];\n";
        }
    }
    return text + "}\n";
}

}  // namespace weir
