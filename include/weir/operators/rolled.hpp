// SPDX-License-Identifier: Apache-2.0
// rolled<Record, Results...>: what rolling emits: the record, and per aggregate an array with one result per length,
// or a single result for over(length, aggregate).
#pragma once
#include <tuple>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/csv_encoder.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

template <class Record, class... Results>
struct rolled {
    Record record{};
    std::tuple<Results...> results{};

    template <std::size_t Index> [[nodiscard]] const auto& get() const noexcept { return std::get<Index>(results); }
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
