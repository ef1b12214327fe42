// SPDX-License-Identifier: Apache-2.0
// The turn: the total order of everything that happens in a graph, a pure function of its logs.
//
//   a source record            (watermark, partition, offset)
//   a result triggered at T    (T, stage, key, sequence), after every source record of watermark T
//   a record-driven result     its cause's turn, then (stage, index)
//   a pair of two inputs       its later cause's turn, then (stage, input), then (stage, index)
//   flat_map, merge            its cause's turn, then the index, or the number of the merge and of its input
//
// A turn is compared word by word; a cause comes before what it causes. The first word is always the watermark of the
// record that carries the turn. On one stream no turn begins with all of another one: so whatever stages append,
// results stay in the order of their causes. That is why a merge appends more than the number of its input, which could
// be taken for an index of flat_map's.
#pragma once
#include <algorithm>
#include <compare>
#include <cstdint>

#include <boost/container/small_vector.hpp>

#include <weir/time/timestamp.hpp>

namespace weir {

// Where in a graph a turn was born: a source partition, or a stage that a watermark triggered. All partitions order
// before all stages, so that at one watermark records go before what is due at it.
struct lane {
    std::uint64_t number = 0;

    static constexpr std::uint64_t triggered_bit = std::uint64_t{1} << 63;
    static constexpr lane partition(std::uint64_t index) noexcept { return {index}; }
    static constexpr lane stage(std::uint64_t index) noexcept { return {triggered_bit | index}; }
    [[nodiscard]] constexpr bool triggered() const noexcept { return (number & triggered_bit) != 0; }
    friend constexpr auto operator<=>(lane, lane) noexcept = default;
};

// One word of a turn's tail. Words of stages are told from those of flat_map and merge, because only the latter belong
// to a record's origin.
namespace tail_word {
inline constexpr std::uint64_t stage_bit = std::uint64_t{1} << 63;
[[nodiscard]] constexpr std::uint64_t result_of(std::uint32_t stage, std::uint32_t index) noexcept {
    return stage_bit | (std::uint64_t{stage} << 32) | index;
}
[[nodiscard]] constexpr std::uint64_t index(std::uint32_t number) noexcept { return number; }
[[nodiscard]] constexpr std::uint64_t input_of(std::uint32_t merge, std::uint32_t input) noexcept {
    return (std::uint64_t{1} << 62) | (std::uint64_t{merge} << 32) | input;
}
[[nodiscard]] constexpr bool of_stage(std::uint64_t word) noexcept { return (word & stage_bit) != 0; }
}  // namespace tail_word

// A progress mark: everything with a turn below it has been sent. A mark's watermark is the watermark of its edge.
struct mark {
    timestamp watermark = time_lowest;
    lane from{};
    std::uint64_t position = 0;

    // After the end of all input.
    static constexpr mark end() noexcept { return {time_highest, {~std::uint64_t{0}}, ~std::uint64_t{0}}; }
    [[nodiscard]] constexpr bool ended() const noexcept { return *this == end(); }
    friend constexpr auto operator<=>(const mark&, const mark&) noexcept = default;
};

// g++ 12 takes the inlined move of a small vector for a read beyond its end; it is none.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-overread"
#endif

using turn_tail = boost::container::small_vector<std::uint64_t, 4>;

struct turn {
    timestamp watermark = time_lowest;
    lane from{};
    std::uint64_t position = 0;  // offset in the partition's log, or stable hash of the key
    turn_tail tail{};

    [[nodiscard]] mark head() const noexcept { return {watermark, from, position}; }
    // Nothing with this turn or a later one has been promised by a mark that is not above it.
    [[nodiscard]] bool passed_by(const mark& progress) const noexcept { return head() < progress; }

    friend bool operator==(const turn& left, const turn& right) noexcept { return (left <=> right) == 0; }
    friend std::strong_ordering operator<=>(const turn& left, const turn& right) noexcept {
        if (const auto order = left.head() <=> right.head(); order != 0) return order;
        return std::lexicographical_compare_three_way(left.tail.begin(), left.tail.end(), right.tail.begin(),
                                                      right.tail.end());
    }

    template <class Writer> void save(Writer& writer) const {
        writer.write_fixed(watermark.time_since_epoch().count());
        writer.write_fixed(from.number);
        writer.write_fixed(position);
        writer.write_count(tail.size());
        for (const std::uint64_t word : tail) writer.write_fixed(word);
    }
    template <class Reader> void load(Reader& reader) {
        watermark = timestamp{duration{reader.template read_fixed<duration::rep>()}};
        from.number = reader.template read_fixed<std::uint64_t>();
        position = reader.template read_fixed<std::uint64_t>();
        tail.clear();
        for (auto count = reader.read_count(); count > 0; --count) {
            tail.push_back(reader.template read_fixed<std::uint64_t>());
        }
    }
};

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

}  // namespace weir
