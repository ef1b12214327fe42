// SPDX-License-Identifier: Apache-2.0
// The running stage of an as-of join. A record waits for the watermark to pass its time, which is a timer of its key;
// versions wait by time. State, timers and snapshots are those of process.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <weir/operators/interval_rows.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/keyed_pair_core.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir::detail {

template <class Record, class Version>
struct as_of_sides {
    interval_rows<Record> records;    // `due` is their time
    interval_rows<Version> versions;  // by time, of equal times by turn; `due`: when they are older than the retention
    std::uint64_t taken = 0;
    timestamp wakes_at = time_highest;  // when versions are looked through

    template <class Writer> void save(Writer& writer) const
        requires(storable<Record> && storable<Version>)
    {
        records.save(writer);
        versions.save(writer);
        weir::save(writer, taken);
        weir::save(writer, wakes_at);
    }
    template <class Reader> void load(Reader& reader)
        requires(storable<Record> && storable<Version>)
    {
        records.load(reader);
        versions.load(reader);
        weir::load(reader, taken);
        weir::load(reader, wakes_at);
    }
};

struct as_of_description {
    duration retention;
    [[nodiscard]] bool waits_for_watermark() const { return true; }
    [[nodiscard]] std::string text() const { return "versions of " + length_text(retention); }
};

template <class Record, class Version, class RecordKey, class VersionKey>
class as_of_stage final
    : public keyed_pair_core<as_of_stage<Record, Version, RecordKey, VersionKey>, Record, Version, RecordKey,
                             VersionKey, as_of_sides<Record, Version>, joined<Record, std::optional<Version>>> {
  public:
    static constexpr const char* kind = "as_of_join";
    using description_type = as_of_description;
    using sides_type = as_of_sides<Record, Version>;
    using result_type = joined<Record, std::optional<Version>>;

    as_of_stage(const RecordKey& of_records, const VersionKey& of_versions, const description_type& description,
                const stage_site& site)
        : as_of_stage::keyed_pair_core(of_records, of_versions, site), how_(description) {}

    [[nodiscard]] std::string text() const { return how_.text(); }

    template <std::size_t Input, class Context, class V>
    void take(Context& context, sides_type& sides, V&& value, const stamp_view& stamped) {
        const timestamp at = stamped.time();
        const std::uint64_t order = sides.taken++;
        if constexpr (Input == 0) {
            context.set_timer(at);
            sides.records.insert({at, at, order, false, Record(std::forward<V>(value))}, spare_records_);
        } else {
            const timestamp outdated = outdated_at(at);
            sides.versions.insert({at, outdated, order, false, Version(std::forward<V>(value))}, spare_versions_);
            if (sides.wakes_at == time_highest) {
                sides.wakes_at = outdated;
                context.set_timer(outdated);
            }
        }
    }
    template <class Context> void wake(Context& context, sides_type& sides) {
        const timestamp now = context.time();
        // In turn, of which each side's rows of one time are.
        sides.records.drop_while([&](const auto& each) {
            if (each.time > now) return false;
            context.emit(result_type{each.record, valid_at(sides, each.time)});
            return true;
        }, spare_records_);
        drop_versions(sides, now);
        if (now >= sides.wakes_at) sides.wakes_at = time_highest;
        if (sides.wakes_at == time_highest && !sides.versions.empty()) {
            sides.wakes_at = std::max(sides.versions.back().due, now + one_tick);
            context.set_timer(sides.wakes_at);
        }
        if (sides.records.empty() && sides.versions.empty()) context.forget();
    }

  private:
    [[nodiscard]] timestamp outdated_at(timestamp version) const noexcept {
        return this->no_later(saturating_add(version, how_.retention));
    }
    [[nodiscard]] std::optional<Version> valid_at(sides_type& sides, timestamp at) const {
        const auto [low, high] = sides.versions.between(time_lowest, at);
        if (low == high || outdated_at((high - 1)->time) < at) return {};
        return (high - 1)->record;
    }
    // The watermark has passed `now`: records to come are later. Of versions up to then only the last can be valid.
    void drop_versions(sides_type& sides, timestamp now) {
        auto& versions = sides.versions;
        versions.drop_while([&](const auto& each) {
            const auto* const next = &each + 1;
            return each.due <= now || (next != versions.end() && next->time <= now);
        }, spare_versions_);
    }

    description_type how_;
    std::vector<typename interval_rows<Record>::storage> spare_records_;
    std::vector<typename interval_rows<Version>::storage> spare_versions_;
};

}  // namespace weir::detail
