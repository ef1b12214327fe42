// SPDX-License-Identifier: Apache-2.0
// Manifests of checkpoints: any file, and any content within a file that is whole. Each is listed, or a sentence says
// why not; nothing is thrown.
#include "checkpoint_files.hpp"

#include <weir/runtime/checkpoint_store.hpp>
#include <weir/testing/simulation.hpp>

namespace {
using weir_fuzz::require;

// The content of the manifest says itself how many segments it names; the footer repeats it.
std::uint64_t segments_of(const weir::checkpoint_info& info) { return info.segments.size(); }

// What the manifest says, written by hand.
std::string content_of(const weir::checkpoint_info& info) {
    std::string to;
    const auto text = [&to](const std::string& value) {
        weir_fuzz::put(to, static_cast<std::uint32_t>(value.size()));
        to += value;
    };
    text(info.graph);
    weir_fuzz::put(to, info.epoch);
    weir_fuzz::put(to, info.incarnation);
    weir_fuzz::put(to, info.taken_at.time_since_epoch().count());
    weir_fuzz::put(to, static_cast<std::uint32_t>(info.threads));
    to += info.ended ? '\1' : '\0';
    to += info.savepoint ? '\1' : '\0';
    weir_fuzz::put(to, static_cast<std::uint32_t>(info.stages.size()));
    for (const auto& each : info.stages) {
        text(each.name);
        text(each.kind);
        text(each.schema);
        weir_fuzz::put(to, static_cast<std::uint32_t>(each.instance));
    }
    weir_fuzz::put(to, static_cast<std::uint32_t>(info.segments.size()));
    for (const auto& each : info.segments) {
        text(each.name);
        weir_fuzz::put(to, each.bytes);
        weir_fuzz::put(to, each.entries);
    }
    return to;
}

// The segments are empty; the manifest may say otherwise.
void read_nothing(weir::environment& where, const weir::checkpoint_info& info) {
    bool right = true;
    for (const auto& each : info.segments) right = right && each.entries == 0;
    try {
        weir::read_checkpoint(where, "s", info, [](const auto&) { require(false, "empty segments have no entries"); });
        require(right, "a segment has as many entries as its manifest says");
    } catch (const weir::error& refused) {
        require(!right && refused.kind() == weir::error_kind::state, "what is as it says is read", refused.what());
    }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir_fuzz::input from(data, size);
    const bool whole = from.flip();
    const std::uint64_t items = from.below(3);
    const std::string_view text = from.rest();
    weir::testing::simulation where;
    const std::string first = "s/manifest-00000000000000000001";
    where.put_file(first, whole ? weir_fuzz::sealed('M', 1, 1, text, items) : std::string{text});
    // Two segments that it may name.
    const auto segment = [&](const char* name, std::uint64_t file) {
        where.put_file(std::string{"s/"} + name, weir_fuzz::sealed('S', file, 1, {}, 0));
    };
    segment("segment-00000000000000000001-000000000000000a", 10);
    segment("segment-00000000000000000001-000000000000000b", 11);

    std::vector<std::string> problems;
    const auto found = weir::list_checkpoints(where, "s", problems);
    require(found.size() + problems.size() == 1, "a manifest is sound, or it is said why not");
    for (const auto& each : problems) require(each.find("manifest-") != std::string::npos ||
                                              each.find("segment-") != std::string::npos, "names a file", each);
    for (const auto& each : found) {
        require(each.epoch == 1 && each.incarnation == 1 && each.job == weir_fuzz::job, "it is what its header says");
        read_nothing(where, each);
        const std::string again = weir_fuzz::sealed('M', 1, 1, content_of(each), segments_of(each));
        require(again == where.file(first), "what is read of a manifest, written again, is the manifest");
    }
    return 0;
}
