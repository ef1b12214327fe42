// SPDX-License-Identifier: Apache-2.0
// How readers add what stands in a log beside other things.
#pragma once
#include <utility>

#include <weir/flow/chunk.hpp>

namespace weir::detail {

// Adds what stands at `offset` of a log; offsets that do not follow each other need a column.
template <class V> void push_at(chunk<V>& into, lane from, std::uint64_t offset, V&& value) {
    stamp_columns& stamps = into.stamps;
    if (stamps.place_kind() == stamp_columns::places::none) {
        stamps.set_dense(from, offset);
    } else if (stamps.place_kind() == stamp_columns::places::dense && offset != stamps.first_position() + into.size()) {
        stamps.spread_dense(into.size());
    }
    if (stamps.place_kind() == stamp_columns::places::columns) {
        stamps.push_place(from, offset);
        stamps.end_tail();
    }
    into.push(std::move(value));
}

}  // namespace weir::detail
