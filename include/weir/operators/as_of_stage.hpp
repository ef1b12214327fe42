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
#include <weir/operators/process.hpp>
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

template <class Key, class Record, class Version>
using as_of_core = process_core<Key, Record, as_of_sides<Record, Version>, joined<Record, std::optional<Version>>>;

template <class Key, class Record, class Version, class RecordKey, class VersionKey>
class as_of_stage final : public as_of_core<Key, Record, Version> {
  public:
    static constexpr unsigned outlet_count = 3;
    using core = as_of_core<Key, Record, Version>;
    using description_type = as_of_description;
    using sides_type = as_of_sides<Record, Version>;
    using result_type = joined<Record, std::optional<Version>>;

    outlet<Version> late_right;

    as_of_stage(const RecordKey& of_records, const VersionKey& of_versions, const description_type& description,
                const stage_site& site)
        : core(true, site), record_key_(of_records), version_key_(of_versions), how_(description) {}

    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&this->out, &this->late, &late_right}; }

    template <std::size_t Input, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        const auto take = [this](auto&& value, const stamp_view& at, const auto& find) {
            this->fire_below(at.watermark(), due_);
            if (at.time() < at.watermark()) {
                ++this->counts.late;
                if constexpr (Input == 0) {
                    if (!this->late.to.empty()) this->late.push_same(std::forward<decltype(value)>(value), at);
                } else {
                    if (!late_right.to.empty()) late_right.push_same(std::forward<decltype(value)>(value), at);
                }
                return;
            }
            ++this->counts.accepted;
            auto& entry = find(key_of<Input>(std::as_const(value)), [] { return sides_type{}; });
            this->for_record(entry, at, [&](auto& context, sides_type& sides) {
                keep<Input>(context, sides, std::forward<decltype(value)>(value), at.time());
            }, due_);
        };
        const auto key = [this](const auto& value) -> decltype(auto) { return this->template key_of<Input>(value); };
        std::get<Input>(groups_).run(*this, records, begin, end, steps, this->store(), key, take, [](const auto&) {});
    }
    void advance(const mark& progress) override {
        this->fire_below(progress.watermark, due_);
        this->out.flush(&progress);
        this->late.flush(&progress);
        late_right.flush(&progress);
    }

    [[nodiscard]] std::string why_not_storable() const override {
        return storable<Key> && storable<sides_type>
                   ? std::string{}
                   : std::string("as_of_join: records of this type cannot be stored: describe them with "
                                 "BOOST_DESCRIBE_STRUCT");
    }
    [[nodiscard]] std::string schema() const override {
        return "struct{key:" + tag_if_known<Key>() + ",versions:" + how_.text() + ",record:" + tag_if_known<Record>() +
               ",version:" + tag_if_known<Version>() + "}";
    }
    [[nodiscard]] std::string adopt_schema(std::string_view was, const migration_rules& rules) override {
        return stage::adopt_schema(was, rules);
    }

  private:
    // What process calls when a key's timer is due.
    struct when_due {
        as_of_stage* self;
        template <class Context> void operator()(Context& context, const Key&, sides_type& sides) const {
            self->wake(context, sides);
        }
    };
    template <std::size_t Input, class T> [[nodiscard]] decltype(auto) key_of(const T& value) const {
        if constexpr (Input == 0) {
            return record_key_(value);
        } else {
            return version_key_(value);
        }
    }
    [[nodiscard]] timestamp outdated_at(timestamp version) const noexcept {
        return std::min(saturating_add(version, how_.retention), time_highest - one_tick);
    }

    template <std::size_t Input, class Context, class V>
    void keep(Context& context, sides_type& sides, V&& value, timestamp at) {
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

    RecordKey record_key_;
    VersionKey version_key_;
    description_type how_;
    const when_due due_{this};
    std::vector<typename interval_rows<Record>::storage> spare_records_;
    std::vector<typename interval_rows<Version>::storage> spare_versions_;
    std::tuple<keyed_groups<typename core::store_type, Record>, keyed_groups<typename core::store_type, Version>>
        groups_;
};

}  // namespace weir::detail
