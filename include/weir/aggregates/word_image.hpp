// SPDX-License-Identifier: Apache-2.0
// The stored form of an exact accumulator: a few words, or many once it has spilled. Equal values have equal words.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <weir/base/error.hpp>

namespace weir::detail {

template <std::size_t Capacity>
struct word_image {
    static_assert(Capacity < 256);
    std::array<std::uint64_t, Capacity> words{};
    std::uint8_t size = 0;

    void push(std::uint64_t word) noexcept { words[size++] = word; }
    void push(std::span<const std::uint64_t> several) noexcept {
        for (const auto word : several) push(word);
    }
    template <class Writer>
    void save(Writer& writer) const {
        writer.write_fixed(size);
        for (std::size_t i = 0; i < size; ++i) writer.write_fixed(words[i]);
    }
    template <class Reader>
    void load(Reader& reader) {
        size = reader.template read_fixed<std::uint8_t>();
        if (size > Capacity) refuse();
        for (std::size_t i = 0; i < size; ++i) words[i] = reader.template read_fixed<std::uint64_t>();
    }
    [[noreturn]] static void refuse() {
        throw error(error_kind::state, "the snapshot is damaged: an exact sum has bytes it cannot have");
    }
};

}  // namespace weir::detail
