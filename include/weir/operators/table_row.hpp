// SPDX-License-Identifier: Apache-2.0
// table_row<Key, Row>: what a join of tables with deletes says of a key: its row from now on, or that there is none any
// more. It may be a row of another table: key_by(&table_row<Key, Row>::key), deletes_left(&table_row<Key, Row>::row).
#pragma once
#include <optional>

#include <weir/record/binary.hpp>

namespace weir {

template <class Key, class Row>
struct table_row {
    Key key{};
    std::optional<Row> row{};
    friend bool operator==(const table_row&, const table_row&) = default;

    template <class Writer> void save(Writer& writer) const
        requires(storable<Key> && storable<Row>)
    {
        weir::save(writer, key);
        weir::save(writer, row);
    }
    template <class Reader> void load(Reader& reader)
        requires(storable<Key> && storable<Row>)
    {
        weir::load(reader, key);
        weir::load(reader, row);
    }
};

}  // namespace weir
