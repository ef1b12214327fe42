// SPDX-License-Identifier: Apache-2.0
// rolled<Record, Results...>: what rolling emits: the record, and per aggregate an array with one result per length,
// or a single result for over(length, aggregate).
#pragma once
#include <tuple>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/csv_encoder.hpp>
#include <weir/record/json_encoder.hpp>
#include <weir/record/print.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

template <class Record, class... Results>
struct rolled {
    Record record{};
    std::tuple<Results...> results{};

    template <std::size_t Index> [[nodiscard]] const auto& get() const noexcept { return std::get<Index>(results); }
    // {record: {card: 7, amount: 1.5}, results: ([3, 9], 2)}
    [[nodiscard]] std::string to_text() const
        requires(printable<Record> && (printable<Results> && ...))
    {
        return "{record: " + weir::to_text(record) + ", results: " + weir::to_text(results) + "}";
    }
    friend bool operator==(const rolled&, const rolled&) = default;

    template <class Writer> void save(Writer& writer) const
        requires(storable<Record> && (storable<Results> && ...))
    {
        weir::save(writer, record);
        weir::save(writer, results);
    }
    template <class Reader> void load(Reader& reader)
        requires(storable<Record> && (storable<Results> && ...))
    {
        weir::load(reader, record);
        weir::load(reader, results);
    }
};

// A result by its place among the aggregates: weir::get<0>(row), also in a template.
template <std::size_t Index, class Record, class... Results>
[[nodiscard]] const auto& get(const rolled<Record, Results...>& row) noexcept {
    return std::get<Index>(row.results);
}

template <class Record, class... Results>
struct csv_row<rolled<Record, Results...>> {
    static void names(std::vector<std::string>& out, std::string_view prefix) {
        csv_row<Record>::names(out, prefix);
        std::size_t index = 0;
        (csv_row<Results>::names(out, "result" + std::to_string(index++)), ...);
    }
    static void append(std::string& out, const rolled<Record, Results...>& value, char separator) {
        std::apply([&](const Results&... results) { append_csv_parts(out, separator, value.record, results...); },
                   value.results);
    }
};

// The members of the record, then one per aggregate and length: {"card":7,"amount":1.5,"sum_amount_5m":3,...}
template <class Record, class... Results>
struct json_row<rolled<Record, Results...>> {
    static void names(std::vector<std::string>& out) {
        json_row<Record>::names(out);
        std::size_t index = 0;
        (csv_row<Results>::names(out, "result" + std::to_string(index++)), ...);
    }
    static void append(json_members& to, const rolled<Record, Results...>& value) {
        json_row<Record>::append(to, value.record);
        const auto add = [&to]<class Result>(const Result& result) {
            if constexpr (detail::fixed_array<Result>) {
                for (const auto& each : result) to.add(each);
            } else {
                to.add(result);
            }
        };
        std::apply([&add](const Results&... results) { (add(results), ...); }, value.results);
    }
    static std::size_t field_columns() {
        if constexpr (described<Record>) {
            return csv_column_names<Record>().size();
        } else {
            return json_row<Record>::field_columns();
        }
    }
};

namespace detail {
template <described_aggregate A>
struct over_one_length : A {
    duration length;
};
template <class> inline constexpr bool is_over_one_length = false;
template <class A> inline constexpr bool is_over_one_length<over_one_length<A>> = true;
}  // namespace detail

// In rolling: this aggregate over one of the lengths only.
template <described_aggregate A> [[nodiscard]] auto over(duration length, A aggregate) {
    return detail::over_one_length<A>{std::move(aggregate), length};
}

}  // namespace weir
