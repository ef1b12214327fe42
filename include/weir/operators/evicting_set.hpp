// SPDX-License-Identifier: Apache-2.0
// The aggregates of a window that forgets some of its records: it keeps them, and makes results anew.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <weir/operators/aggregate_set.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/schema.hpp>
#include <weir/windows/evict.hpp>

namespace weir::detail {

// A record of a window, with what the aggregates read of its stamp.
template <class Record>
struct timed_row {
    timestamp at{};
    Record record{};

    [[nodiscard]] timestamp time() const noexcept { return at; }
    template <class View> static timed_row of(const Record& record, const View& at) { return {at.time(), record}; }
    template <class Writer> void save_stamp(Writer& writer) const { weir::save(writer, at); }
    template <class Reader> void load_stamp(Reader& reader) { weir::load(reader, at); }
};
template <class Record>
struct stamped_row {
    stamp at{};
    Record record{};

    [[nodiscard]] timestamp time() const noexcept { return at.time; }
    [[nodiscard]] const stamp& full() const noexcept { return at; }
    template <class View> static stamped_row of(const Record& record, const View& at) { return {at.full(), record}; }
    template <class Writer> void save_stamp(Writer& writer) const { at.save(writer); }
    template <class Reader> void load_stamp(Reader& reader) { at.load(reader); }
};

template <class Row, class Record>
struct kept_rows {
    std::vector<Row> rows;

    [[nodiscard]] static std::string type_tag()
        requires tagged<Record>
    {
        return "struct{rows:list<struct{at:stamp,record:" + weir::type_tag<Record>() + "}>}";
    }
    template <class Writer> void save(Writer& writer) const
        requires storable<Record>
    {
        weir::save(writer, std::uint64_t{rows.size()});
        for (const Row& each : rows) {
            each.save_stamp(writer);
            weir::save(writer, each.record);
        }
    }
    template <class Reader> void load(Reader& reader)
        requires storable<Record>
    {
        rows.clear();
        for (auto count = weir::load<std::uint64_t>(reader); count > 0; --count) {
            Row& each = rows.emplace_back();
            each.load_stamp(reader);
            weir::load(reader, each.record);
        }
    }
};

// As aggregate_set, over kept records.
template <class Record, class Evictor, class... As>
struct evicting_set {
    std::tuple<As...> all;
    Evictor evictor;

    static constexpr bool stamped = (needs_stamp<As, Record> || ...);
    using row_type = std::conditional_t<stamped, stamped_row<Record>, timed_row<Record>>;
    using state_type = kept_rows<row_type, Record>;

    [[nodiscard]] state_type create() const { return {}; }
    template <class View> void add(state_type& state, const Record& record, const View& at) const {
        state.rows.push_back(row_type::of(record, at));
    }
    void merge(state_type& state, const state_type& other) const {
        state.rows.insert(state.rows.end(), other.rows.begin(), other.rows.end());
    }
    [[nodiscard]] auto results(const state_type& state) const {
        const aggregate_set<As...> of_rest{all};
        auto made = of_rest.create();
        for (const row_type& each : state.rows) of_rest.add(made, each.record, each);
        return of_rest.results(made);
    }
    void evict_before(state_type& state) const {
        if (!evictor.afterwards) evictor.rule(state.rows);
    }
    void evict_after(state_type& state) const {
        if (evictor.afterwards) evictor.rule(state.rows);
    }
};

}  // namespace weir::detail
