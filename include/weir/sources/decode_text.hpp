// SPDX-License-Identifier: Apache-2.0
// How readers of text put what a decoder makes of it into chunks. A text has text(), complete() and use(bytes), as
// text_file and line_follower do; decoders are described in sources/following_reader.hpp.
#pragma once
#include <cstdint>
#include <optional>
#include <utility>

#include <weir/base/error.hpp>
#include <weir/record/bad_record.hpp>
#include <weir/sources/push_at.hpp>

namespace weir::detail {

// What cannot be read goes beside the records.
template <class Text, class Decoder, class T>
void decode_all(Text& text, Decoder& decoder, chunk<T>& records, chunk<bad_record>& bad, lane from,
                std::uint64_t& offset, std::size_t max) {
    text.use(decoder.decode(
        text.text(), text.complete(), max,
        [&](T&& record) { push_at(records, from, offset++, std::move(record)); },
        [&](bad_record&& unreadable) { push_at(bad, from, offset++, std::move(unreadable)); }));
}

// What cannot be read is an error of kind input. It is thrown when the records before it are in the chunk, and the text
// is used up to it: so they are not lost, and a run that goes on from a snapshot meets it again.
template <class Text, class Decoder, class T>
void decode_until_bad(Text& text, Decoder& decoder, chunk<T>& records, lane from, std::uint64_t& offset,
                      std::size_t max) {
    std::optional<bad_record> met;
    text.use(decoder.decode(
        text.text(), text.complete(), max,
        [&](T&& record) { push_at(records, from, offset++, std::move(record)); },
        [&](bad_record&& unreadable) {
            met.emplace(std::move(unreadable));
            return false;
        }));
    if (met) throw error(error_kind::input, met->sentence());
}

}  // namespace weir::detail
