// SPDX-License-Identifier: Apache-2.0
// Segments of a checkpoint: any file, and any content within files that are whole, one to three of them merged. What is
// read is what a naive reader reads; whatever else it is, it is refused with an error of kind state.
#include "checkpoint_files.hpp"

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include <weir/runtime/checkpoint_store.hpp>
#include <weir/testing/simulation.hpp>

namespace {
using weir_fuzz::require;

constexpr std::uint32_t stages = 4;
using place = std::tuple<std::uint32_t, std::uint16_t, std::string>;
using values = std::map<place, std::optional<std::string>>;

std::uint64_t number(std::string_view& from, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        value |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
    }
    from.remove_prefix(bytes);
    return value;
}

// Entries one after the other, each behind the one before; nothing if that is not what it is.
std::optional<values> naive(std::string_view content) {
    values found;
    while (!content.empty()) {
        if (content.size() < 16) return {};
        const auto stage = static_cast<std::uint32_t>(number(content, 4));
        const auto shard = static_cast<std::uint16_t>(number(content, 2));
        const std::uint64_t flags = number(content, 2);
        const std::uint64_t key = number(content, 4);
        const std::uint64_t value = number(content, 4);
        if (flags > 1 || (flags == 1 && value != 0) || key + value > content.size() || stage >= stages) return {};
        const place at{stage, shard, content.substr(0, key)};
        if (!found.empty() && !(found.rbegin()->first < at)) return {};
        auto& entry = found[at];
        if (flags == 0) entry = content.substr(key, value);
        content.remove_prefix(key + value);
    }
    return found;
}

// An entry before all others, as long as it takes for what follows to lie across the end of a block.
std::string filler(std::size_t bytes) {
    std::string entry;
    weir_fuzz::put(entry, std::uint32_t{0});
    weir_fuzz::put(entry, std::uint32_t{0});
    weir_fuzz::put(entry, std::uint32_t{0});
    weir_fuzz::put(entry, static_cast<std::uint32_t>(bytes));
    return entry + std::string(bytes, 'f');
}

class checkpoint {
  public:
    checkpoint() {
        info.epoch = 1;
        info.job = weir_fuzz::job;
        info.stages.resize(stages);
    }
    void add(std::string bytes, std::uint64_t entries) {
        const std::string name =
            "segment-00000000000000000001-000000000000000" + std::to_string(info.segments.size() + 1);
        info.segments.push_back({name, bytes.size(), entries});
        where.put_file("s/" + name, std::move(bytes));
    }
    // Nothing if it is refused.
    std::optional<values> read() {
        values found;
        try {
            weir::read_checkpoint(where, "s", info, [&](const weir::state_batch::entry& each) {
                const place at{each.stage, each.shard, std::string{each.key}};
                require(found.empty() || found.rbegin()->first < at, "entries come in order");
                require(!each.gone, "what is gone is not visited");
                found.emplace(at, each.value);
            });
        } catch (const weir::error& refused) {
            require(refused.kind() == weir::error_kind::state, "damage is an error of kind state", refused.what());
            return {};
        }
        return found;
    }

    weir::testing::simulation where;
    weir::checkpoint_info info;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir_fuzz::input from(data, size);
    const unsigned files = from.below(4);
    checkpoint made;
    if (files == 0) {
        const std::uint64_t entries = from.below(5);
        made.add(std::string{from.rest()}, entries);
        static_cast<void>(made.read());
        return 0;
    }
    const auto padding = from.take<std::uint16_t>();
    std::vector<std::size_t> cuts(files - 1);
    for (std::size_t& each : cuts) each = from.take<std::uint16_t>();
    std::string_view left = from.rest();
    std::optional<values> wanted = values{};
    for (unsigned file = 1; file <= files; ++file) {
        const std::string_view part = file < files ? left.substr(0, std::min(cuts[file - 1], left.size())) : left;
        left.remove_prefix(part.size());
        const std::string content = (padding % 64 == 32 ? filler(64'000 + padding % 3'000) : "") + std::string{part};
        const auto entries = naive(content);
        const std::uint64_t count = entries ? entries->size() : 0;
        made.add(weir_fuzz::sealed('S', file, 1, content, count), count);
        if (!entries) wanted.reset();
        if (!wanted) continue;
        for (const auto& [at, value] : *entries) (*wanted)[at] = value;
    }
    if (wanted) std::erase_if(*wanted, [](const auto& each) { return !each.second; });
    require(made.read() == wanted, "segments are read as a naive reader reads them");
    return 0;
}
