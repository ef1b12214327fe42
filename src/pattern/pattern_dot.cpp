// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <weir/flow/dot_text.hpp>
#include <weir/pattern/pattern_image.hpp>
#include <weir/record/print.hpp>

namespace weir {
namespace {

using detail::dot_text;

void add_line(std::string& label, const std::string& text) { label += (label.empty() ? "" : "\\n") + text; }

std::string label_of(const pattern_image& image, const pattern_image::wait& wait) {
    const auto name = [&](std::uint32_t condition) { return dot_text(image.condition_names[condition]); };
    std::string label;
    if (wait.target == pattern_image::end && !wait.absent.empty()) add_line(label, "when time is up");
    for (const std::uint32_t each : wait.absent) add_line(label, "no " + name(each));
    for (const std::uint32_t each : wait.absent_first) add_line(label, "next is no " + name(each));
    for (const auto& each : wait.possessed) add_line(label, "no more " + name(each.condition));
    if (wait.ends != pattern_image::none) add_line(label, name(wait.ends) + " ends it");
    if (wait.limit > duration::zero()) add_line(label, "less than " + to_text(wait.limit));
    return label;
}
std::string edge(const pattern_image& image, const std::string& from, const pattern_image::wait& wait) {
    const std::string to = wait.target == pattern_image::end ? "match" : "p" + std::to_string(wait.target);
    std::string looks = "label=\"" + label_of(image, wait) + "\"";
    if (wait.target != pattern_image::end && wait.gap == contiguity::strict) looks += ", style=bold";
    if (wait.target != pattern_image::end && wait.gap == contiguity::any) looks += ", style=dashed";
    return "    " + from + " -> " + to + " [" + looks + "];\n";
}

}  // namespace

std::string explain_dot(const pattern_image& image) {
    std::string about;
    if (image.within > duration::zero()) about = "within " + to_text(image.within);
    const char* const skips[]{"", "skips to the next start", "skips past the last event", "skips to the first ",
                              "skips to the last "};
    if (image.skip != skip_kind::none) {
        add_line(about, skips[static_cast<int>(image.skip)] +
                            (image.skip_stage == pattern_image::none ? "" : dot_text(image.stages[image.skip_stage])));
    }
    std::string text = "digraph pattern {\n    rankdir=LR;\n    label=\"" + about + "\";\n    node [shape=circle];\n"
                       "    start [shape=point];\n    match [shape=doublecircle];\n";
    std::map<std::uint32_t, unsigned> of_stage, next;
    for (const auto& each : image.positions) ++of_stage[each.stage];
    for (std::size_t i = 0; i < image.positions.size(); ++i) {
        const std::uint32_t stage = image.positions[i].stage;
        std::string label = dot_text(image.stages[stage]);
        if (of_stage[stage] > 1) label += "\\n" + std::to_string(++next[stage]);
        text += "    p" + std::to_string(i) + " [label=\"" + label + "\"];\n";
    }
    for (std::uint32_t i = 0; i < image.starts; ++i) {
        pattern_image::wait first = image.waits[i];
        first.gap = contiguity::relaxed;  // there is no event before
        text += edge(image, "start", first);
    }
    for (std::size_t i = 0; i < image.positions.size(); ++i) {
        for (std::uint32_t wait = image.positions[i].first_wait; wait < image.positions[i].end_wait; ++wait) {
            text += edge(image, "p" + std::to_string(i), image.waits[wait]);
        }
    }
    return text + "}\n";
}

}  // namespace weir
