// SPDX-License-Identifier: Apache-2.0
// The stamp: what travels with a record. Lateness, order and window assignment read nothing else.
#pragma once
#include <weir/time/turn.hpp>

namespace weir {

struct stamp {
    timestamp time = time_lowest;  // event time
    turn at{};                     // its first word is the record's watermark

    [[nodiscard]] timestamp watermark() const noexcept { return at.watermark; }
    template <class Writer> void save(Writer& writer) const {
        writer.write_fixed(time.time_since_epoch().count());
        at.save(writer);
    }
    template <class Reader> void load(Reader& reader) {
        time = timestamp{duration{reader.template read_fixed<duration::rep>()}};
        at.load(reader);
    }
    friend bool operator==(const stamp&, const stamp&) noexcept = default;
};

// The source record that a record comes from: its turn without what stages appended. Equal for the results that two
// stages made of one record.
[[nodiscard]] inline turn origin_of(const turn& at) {
    turn origin{at.watermark, at.from, at.position, {}};
    for (const std::uint64_t word : at.tail) {
        if (!tail_word::of_stage(word)) origin.tail.push_back(word);
    }
    return origin;
}

}  // namespace weir
