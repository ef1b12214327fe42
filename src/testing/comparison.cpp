// SPDX-License-Identifier: Apache-2.0
#include <weir/testing/comparison.hpp>

#include <fmt/format.h>
#include <map>

namespace weir::testing {
namespace {

std::string ticks(timestamp at) {
    if (at == time_lowest) return "-inf";
    if (at == time_highest) return "inf";
    return std::to_string(at.time_since_epoch().count());
}

std::string word_text(std::uint64_t word) {
    if (!tail_word::of_stage(word)) return std::to_string(word);
    const std::uint64_t stage = (word & ~tail_word::stage_bit) >> 32U;
    return fmt::format("stage {}/{}", stage, word & 0xffff'ffffU);
}

std::string text(const ledger& counts) {
    return fmt::format("in {} = accepted {} + filtered {} + late {} + bad {} + held {}; results {}, updates {}",
                       counts.in, counts.accepted, counts.filtered, counts.late, counts.dead_letter, counts.held,
                       counts.results, counts.updates);
}

}  // namespace

std::string describe(const stamp& at) {
    const std::uint64_t number = at.at.from.number & ~lane::triggered_bit;
    std::string words;
    for (const std::uint64_t word : at.at.tail) words += " " + word_text(word);
    return fmt::format("time {} turn ({}, {} {}, {}{})", ticks(at.time), ticks(at.watermark()),
                       at.at.from.triggered() ? "stage" : "partition", number, at.at.position, words);
}

std::string difference(const run_report& wanted, const run_report& got) {
    if (wanted.stages.size() != got.stages.size()) return "the runs have other stages";
    for (std::size_t i = 0; i < got.stages.size(); ++i) {
        const stage_report& each = got.stages[i];
        const std::string name = fmt::format("#{} {}: ", each.number, each.kind);
        if (!each.counts.balanced()) return name + "does not balance: " + text(each.counts);
        if (each.counts.held != 0) return name + "still holds records: " + text(each.counts);
        if (each.counts != wanted.stages[i].counts) {
            return name + text(each.counts) + ", not " + text(wanted.stages[i].counts);
        }
    }
    for (const edge_report& each : got.edges) {
        if (each.emitted != each.received) {
            return fmt::format("edge #{}.{} -> #{}: {} emitted, {} received", each.from, each.outlet, each.to,
                               each.emitted, each.received);
        }
    }
    return {};
}

}  // namespace weir::testing
