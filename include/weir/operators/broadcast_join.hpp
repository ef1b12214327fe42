// SPDX-License-Identifier: Apache-2.0
// broadcast_join(table, row key, record key, rows_at_most(n)): enriches the records of a keyed stream from a small
// table that every worker has, by whatever key the records name; the stream need not be keyed by it.
//
//   payments | key_by(&payment::card)
//            | broadcast_join(countries, &country::code, &payment::country, rows_at_most(300))
//
//   join::inner        joined<Record, Row>: nothing where there is no row. The default.
//   join::left_outer   joined<Record, std::optional<Row>>
//
// A record of the table's stream replaces the row of its key. A record sees the rows that came before it in turn, and
// no others, whatever the runner; its result has its stamp. The bound of what is kept: rows_at_most(n), or `unbounded`
// by name. A row beyond it ends the run with an error of kind user: which rows a worker drops must not be left to
// chance. Both streams need event time; what is late is in late_left(results) and late_right(results). Every checkpoint
// has the table once per worker. O(log rows) per record.
#pragma once
#include <map>
#include <optional>
#include <utility>

#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/process_with.hpp>

namespace weir {

struct rows_at_most {
    std::size_t most;
    explicit constexpr rows_at_most(std::size_t bound) : most(bound) {}
};

namespace detail {

struct no_state_of_key {
    template <class Writer> void save(Writer&) const {}
    template <class Reader> void load(Reader&) {}
};

template <class Key, class Row>
struct broadcast_table {
    std::map<Key, Row> rows{};

    template <class Writer> void save(Writer& writer) const
        requires(storable<Key> && storable<Row>)
    {
        writer.write_count(rows.size());
        for (const auto& [key, row] : rows) {
            weir::save(writer, key);
            weir::save(writer, row);
        }
    }
    template <class Reader> void load(Reader& reader)
        requires(storable<Key> && storable<Row>)
    {
        rows.clear();
        for (auto count = reader.read_count(); count > 0; --count) {
            Key key = weir::load<Key>(reader);
            rows.insert_or_assign(std::move(key), weir::load<Row>(reader));
        }
    }
};

template <class Key, class Row, class RecordKey, bool Outer>
struct enrich {
    RecordKey key_of;
    template <class Context, class Record>
    void operator()(Context& context, const Record& record, no_state_of_key&,
                    const broadcast_table<Key, Row>& table) const {
        const auto found = table.rows.find(std::invoke(key_of, record));
        if constexpr (Outer) {
            std::optional<Row> row;
            if (found != table.rows.end()) row = found->second;
            context.emit({record, std::move(row)});
        } else if (found != table.rows.end()) {
            context.emit({record, found->second});
        }
        context.forget();
    }
};
template <class Key, class Row, class RowKey>
struct replace_row {
    RowKey key_of;
    std::size_t most;
    void operator()(const Row& row, broadcast_table<Key, Row>& table) const {
        table.rows.insert_or_assign(std::invoke(key_of, row), row);
        if (table.rows.size() > most) {
            throw error(error_kind::user,
                        "broadcast_join: its table has more than " + std::to_string(most) + " rows");
        }
    }
};

[[nodiscard]] inline std::size_t row_bound(rows_at_most bound) {
    if (bound.most == 0) throw error(error_kind::configuration, "broadcast_join: rows_at_most is above zero");
    return bound.most;
}
[[nodiscard]] inline std::size_t row_bound(unbounded_retention) { return ~std::size_t{0}; }

}  // namespace detail

template <class Table, class RowKey, class RecordKey, class Kind>
struct broadcast_join_operation : stage_operation {
    Table table;
    RowKey row_key;
    RecordKey record_key;
    std::size_t most;

    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (!detail::is_keyed<S>) {
            static_assert(detail::unsupported<S>, "broadcast_join needs a key: put weir::key_by(...) before it");
            return rejected_stream{};
        } else if constexpr (!plain_stream<Table>) {
            static_assert(detail::unsupported<S>,
                          "broadcast_join takes its table as a plain stream: every worker has all of it");
            return rejected_stream{};
        } else {
            using record = typename S::value_type;
            using row = typename Table::value_type;
            if constexpr (!std::invocable<const RowKey&, const row&> ||
                          !std::invocable<const RecordKey&, const record&>) {
                static_assert(detail::unsupported<S>,
                              "broadcast_join needs the key of a row and the key that a record names: "
                              "&Row::id, &Record::row_id");
                return rejected_stream{};
            } else {
                return of<record, row>(std::move(source), std::move(name));
            }
        }
    }

  private:
    template <class Record, class Row, class S> auto of(S source, stage_name name) const {
        using key = std::remove_cvref_t<std::invoke_result_t<const RowKey&, const Row&>>;
        using other = std::remove_cvref_t<std::invoke_result_t<const RecordKey&, const Record&>>;
        static_assert(std::is_same_v<key, other>, "broadcast_join needs keys of one type on both sides");
        using result = joined<Record, std::conditional_t<Kind::keeps_left, std::optional<Row>, Row>>;
        return process_with<detail::no_state_of_key, detail::broadcast_table<key, Row>, result>(
                   table, detail::enrich<key, Row, RecordKey, Kind::keeps_left>{record_key},
                   detail::replace_row<key, Row, RowKey>{row_key, most})
            .apply(std::move(source), std::move(name));
    }
};

template <class Table, class RowKey, class RecordKey, class Bound, class Kind = join_kind<false, false>>
[[nodiscard]] auto broadcast_join(Table table, RowKey row_key, RecordKey record_key, Bound bound, Kind = {}) {
    static_assert(std::is_same_v<Bound, rows_at_most> || std::is_same_v<Bound, unbounded_retention>,
                  "broadcast_join says what bounds its table: rows_at_most(n), or unbounded by name");
    static_assert(!Kind::keeps_right, "broadcast_join is join::inner or join::left_outer: a row has no end");
    return broadcast_join_operation<Table, RowKey, RecordKey, Kind>{
        {}, std::move(table), std::move(row_key), std::move(record_key), detail::row_bound(bound)};
}

}  // namespace weir
