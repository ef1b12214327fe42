// SPDX-License-Identifier: Apache-2.0
// Keys: what can be one, its stable hash, and the words that break ties in the order of keys.
#pragma once
#include <algorithm>
#include <concepts>
#include <cstring>
#include <type_traits>

#include <boost/container/small_vector.hpp>

#include <weir/base/stable_hash.hpp>
#include <weir/record/binary.hpp>

namespace weir {
namespace detail {

template <class T> struct holds_floating : std::is_floating_point<T> {};
template <class... Parts> struct holds_floating<std::tuple<Parts...>> : std::disjunction<holds_floating<Parts>...> {};
template <class A, class B> struct holds_floating<std::pair<A, B>>
    : std::disjunction<holds_floating<A>, holds_floating<B>> {};

using key_words = boost::container::small_vector<std::uint64_t, 4>;

// Seven bytes to a word: in the tail of a turn the highest bit tells the words of stages (time/turn.hpp).
inline void append_words(key_words& words, const void* bytes, std::size_t size) {
    words.push_back(size);
    for (std::size_t done = 0; done < size; done += 7) {
        unsigned char block[7] = {};
        std::memcpy(block, static_cast<const unsigned char*>(bytes) + done, std::min<std::size_t>(7, size - done));
        std::uint64_t word = 0;
        for (const unsigned char byte : block) word = (word << 8) | byte;
        words.push_back(word);
    }
}

}  // namespace detail

template <class T>
concept stably_hashable = hashed_one_to_one<T> || hashed_as_text<T> ||
                          (storable<T> && std::equality_comparable<T> && !detail::holds_floating<T>::value);

template <stably_hashable Key> [[nodiscard]] std::uint64_t key_hash(const Key& key) {
    if constexpr (hashed_one_to_one<Key> || hashed_as_text<Key>) {
        return stable_hash(key);
    } else {
        binary_writer writer;
        save(writer, key);
        return hash_bytes(writer.bytes().data(), writer.bytes().size());
    }
}

// The upper half of a hash: the shard is its first bits, and what is left tells most keys apart.
[[nodiscard]] constexpr std::uint32_t head_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 32);
}

// The canonical encoding of a key as words that compare like its bytes; none where the hash says which key it is.
template <stably_hashable Key> [[nodiscard]] detail::key_words tie_words(const Key& key) {
    detail::key_words words;
    if constexpr (hashed_as_text<Key>) {
        detail::append_words(words, key.data(), key.size());
    } else if constexpr (!hashed_one_to_one<Key>) {
        binary_writer writer;
        save(writer, key);
        detail::append_words(words, writer.bytes().data(), writer.bytes().size());
    }
    return words;
}

}  // namespace weir
