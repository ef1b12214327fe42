// SPDX-License-Identifier: Apache-2.0
// counting(n): every n records of a key are one window. counting(size, slide): every `slide` records of a key, its last
// `size`, or as many as there are. Both in the order of turns; time plays no part, so no record is late, and a result
// has the time of the record that completed it. Its start and end are those of all time, as global()'s are.
//
// What is left at the end of all input is no whole window and says nothing, as in Flink's countWindow: the last n - 1
// records of a key at most. global() with emit::after(n) speaks then too.
//
// counting(n) keeps an aggregate per key whose window has begun; counting(size, slide) keeps up to size + slide records
// of each key until all input has ended: for a number of keys that is bounded.
#pragma once
#include <cstdint>

#include <weir/base/error.hpp>
#include <weir/windows/emission.hpp>
#include <weir/windows/evict.hpp>
#include <weir/windows/global.hpp>
#include <weir/windows/open_windowing.hpp>

namespace weir {

[[nodiscard]] inline open_windowing<global_windows> counting(std::uint64_t records) {
    if (records == 0) throw error(error_kind::configuration, "counting: a window holds at least one record");
    return {global(), {}, emit::after(records).without_end(), discarding};
}
[[nodiscard]] inline open_windowing<global_windows, evictor<detail::keep_last>> counting(std::uint64_t size,
                                                                                         std::uint64_t slide) {
    if (size == 0 || slide == 0) {
        throw error(error_kind::configuration, "counting: a window holds at least one record, and a slide has one");
    }
    if (slide > size) {
        throw error(error_kind::configuration, "counting: a slide of more records than the window has would lose "
                                               "records");
    }
    return {global(), {}, emit::after(slide).without_end(), accumulating, evict::all_but_last(size)};
}

}  // namespace weir
