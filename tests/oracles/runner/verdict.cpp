// SPDX-License-Identifier: Apache-2.0
#include "verdict.hpp"

namespace weir_oracle {

std::string to_text(const step_output& of) {
    std::string text = "[";
    for (const auto& each : of.results) text += (text.size() > 1 ? "; " : "") + each;
    text += "]";
    if (!of.late.empty()) {
        text += " late [";
        bool first = true;
        for (const auto& each : of.late) {
            text += (first ? "" : "; ") + each;
            first = false;
        }
        text += "]";
    }
    if (!of.timed_out.empty()) {
        text += " timed out [";
        for (const auto& each : of.timed_out) text += each + (each == *of.timed_out.rbegin() ? "]" : "; ");
    }
    return text;
}

verdict compare(const std::vector<step_output>& wanted, const std::vector<step_output>& got) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == got.at(i)) continue;
        return {verdict::kind::fail,
                "step " + std::to_string(i) + ": expected " + to_text(wanted[i]) + " got " + to_text(got[i])};
    }
    return {};
}

void run_everywhere(const weir::graph& what,
                    const std::function<void(const weir::run_report&, const std::string&)>& look) {
    for (const unsigned threads : {1U, 2U}) {
        const std::string by = " by " + std::to_string(threads);
        look(weir::run(what, weir::event_loop{.threads = threads}), "event loop" + by);
        for (const std::size_t records : {1U, 3U, 1000U}) {
            look(weir::run(what, weir::micro_batch{.max_records = records, .threads = threads}),
                 "micro-batches of " + std::to_string(records) + by);
        }
        for (const std::size_t chunk : {1U, 5U, 1024U}) {
            look(weir::run(what, weir::batch{.threads = threads, .chunk = chunk}),
                 "batch in chunks of " + std::to_string(chunk) + by);
        }
    }
}

}  // namespace weir_oracle
