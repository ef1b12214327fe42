// SPDX-License-Identifier: Apache-2.0
#include "checkpoint_manifest.hpp"

#include <charconv>

#include <weir/record/binary.hpp>

#include <fmt/format.h>

#include "checkpoint_segment.hpp"

namespace weir::detail {
namespace {

std::string encoded(const checkpoint_info& info) {
    binary_writer to;
    save(to, info.graph);
    save(to, info.epoch);
    save(to, info.incarnation);
    save(to, info.taken_at);
    save(to, static_cast<std::uint32_t>(info.threads));
    save(to, info.ended);
    save(to, info.savepoint);
    to.write_count(info.stages.size());
    for (const checkpoint_stage& each : info.stages) {
        save(to, each.name);
        save(to, each.kind);
        save(to, each.schema);
        save(to, static_cast<std::uint32_t>(each.instance));
    }
    to.write_count(info.segments.size());
    for (const checkpoint_segment& each : info.segments) {
        save(to, each.name);
        save(to, each.bytes);
        save(to, each.entries);
    }
    return std::string{to.text()};
}

checkpoint_info decoded(std::string_view bytes) {
    binary_reader from(bytes);
    checkpoint_info info;
    load(from, info.graph);
    load(from, info.epoch);
    load(from, info.incarnation);
    load(from, info.taken_at);
    info.threads = load<std::uint32_t>(from);
    load(from, info.ended);
    load(from, info.savepoint);
    for (std::size_t left = from.read_count(); left > 0; --left) {
        checkpoint_stage& stage = info.stages.emplace_back();
        load(from, stage.name);
        load(from, stage.kind);
        load(from, stage.schema);
        stage.instance = load<std::uint32_t>(from);
    }
    for (std::size_t left = from.read_count(); left > 0; --left) {
        checkpoint_segment& segment = info.segments.emplace_back();
        load(from, segment.name);
        load(from, segment.bytes);
        load(from, segment.entries);
        if (!parse_segment_name(segment.name)) refuse_snapshot("a segment in it has a name that none can have");
    }
    from.expect_end();
    return info;
}

}  // namespace

std::string manifest_name(std::uint64_t epoch) { return fmt::format("manifest-{:020}", epoch); }

std::optional<std::uint64_t> parse_manifest_name(std::string_view text) {
    constexpr std::string_view head = "manifest-";
    if (text.size() != head.size() + 20 || !text.starts_with(head)) return {};
    const std::string_view digits = text.substr(head.size());
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) return {};
    std::uint64_t epoch = 0;
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), epoch);
    if (wrong != std::errc{} || end != digits.data() + digits.size() || epoch > highest_epoch) return {};
    return epoch;
}

void write_manifest(environment& where, const std::string& path, const checkpoint_info& info, std::uint64_t file) {
    const checkpoint_header header{checkpoint_file_kind::manifest, info.job, file, info.incarnation, info.epoch};
    checkpoint_file_writer to(where, path, header);
    to.append(encoded(info));
    to.finish(info.segments.size());
    to.sync();
}

checkpoint_info read_manifest(environment& where, const std::string& folder, std::uint64_t epoch) {
    const std::string path = folder + "/" + manifest_name(epoch);
    checkpoint_file_reader from(where, path, checkpoint_file_kind::manifest);
    std::string content;
    for (;;) {
        const std::string_view block = from.next_block();
        if (block.empty()) break;
        content += block;
    }
    checkpoint_info info;
    try {
        info = decoded(content);
    } catch (const error& wrong) {
        refuse_damaged(path, wrong.what());
    }
    const checkpoint_header& header = from.header();
    if (info.epoch != epoch || header.epoch != epoch || header.incarnation != info.incarnation ||
        from.items() != info.segments.size()) {
        refuse_damaged(path, "it is of another epoch than its name says");
    }
    info.job = header.job;
    return info;
}

}  // namespace weir::detail
