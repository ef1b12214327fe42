// SPDX-License-Identifier: Apache-2.0
// windowed<Key, Results...>: what an aggregate over windows emits. Columns: the key, start, end, one per result, named
// by the stage.
#pragma once
#include <tuple>
#include <utility>

#include <weir/record/csv_encoder.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/json_encoder.hpp>
#include <weir/record/print.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

template <class Key, class... Results>
struct windowed {
    Key key{};
    timestamp start{};
    timestamp end{};
    std::tuple<Results...> results{};

    template <std::size_t Index> [[nodiscard]] const auto& get() const noexcept { return std::get<Index>(results); }
    // {key: 7, start: 2024-01-01T00:00:00Z, end: 2024-01-01T00:10:00Z, results: (3, 1.5)}
    [[nodiscard]] std::string to_text() const
        requires(printable<Key> && (printable<Results> && ...))
    {
        return "{key: " + weir::to_text(key) + ", start: " + weir::to_text(start) + ", end: " + weir::to_text(end) +
               ", results: " + weir::to_text(results) + "}";
    }
    friend bool operator==(const windowed&, const windowed&) = default;

    template <class Writer> void save(Writer& writer) const
        requires(storable<Key> && (storable<Results> && ...))
    {
        weir::save(writer, key);
        weir::save(writer, start);
        weir::save(writer, end);
        weir::save(writer, results);
    }
    template <class Reader> void load(Reader& reader)
        requires(storable<Key> && (storable<Results> && ...))
    {
        weir::load(reader, key);
        weir::load(reader, start);
        weir::load(reader, end);
        weir::load(reader, results);
    }
};

// A result by its place among the aggregates: weir::get<0>(row), also in a template.
template <std::size_t Index, class Key, class... Results>
[[nodiscard]] const auto& get(const windowed<Key, Results...>& row) noexcept {
    return std::get<Index>(row.results);
}

namespace detail {

template <class> inline constexpr bool is_windowed_row = false;
template <class Key, class... Results> inline constexpr bool is_windowed_row<windowed<Key, Results...>> = true;

// A windowed row, or a struct of the user's whose fields are key, start, end and the results, in this order.
template <class Row, class Key, class Results>
[[nodiscard]] Row make_row(const Key& key, timestamp start, timestamp end, Results&& results) {
    if constexpr (is_windowed_row<Row>) {
        return Row{key, start, end, std::forward<Results>(results)};
    } else {
        return std::apply([&](auto&&... each) { return Row{key, start, end, std::move(each)...}; },
                          std::forward<Results>(results));
    }
}

}  // namespace detail

template <class Key, class... Results>
struct csv_row<windowed<Key, Results...>> {
    using row = windowed<Key, Results...>;
    static void names(std::vector<std::string>& out, std::string_view prefix) {
        csv_row<Key>::names(out, std::string{prefix} + "key");
        out.emplace_back("start");
        out.emplace_back("end");
        std::size_t index = 0;
        (csv_row<Results>::names(out, "result" + std::to_string(index++)), ...);
    }
    static void append(std::string& out, const row& value, char separator) {
        std::apply([&](const Results&... results) {
            append_csv_parts(out, separator, value.key, value.start, value.end, results...);
        }, value.results);
    }
};

// {"card":7,"start":"2024-01-01T00:00:00Z","end":"2024-01-01T00:10:00Z","count":3}
template <class Key, class... Results>
struct json_row<windowed<Key, Results...>> {
    static void names(std::vector<std::string>& out) {
        out.insert(out.end(), {"key", "start", "end"});
        for (std::size_t i = 0; i < sizeof...(Results); ++i) out.push_back("result" + std::to_string(i));
    }
    static void append(json_members& to, const windowed<Key, Results...>& value) {
        to.add(value.key);
        to.add(value.start);
        to.add(value.end);
        std::apply([&to](const Results&... results) { (to.add(results), ...); }, value.results);
    }
    static std::size_t field_columns() { return 0; }
};

}  // namespace weir
