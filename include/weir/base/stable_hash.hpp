// SPDX-License-Identifier: Apache-2.0
// The stable hash: the same on every machine, in every process, for ever. It decides shards, and with them the order of
// keys, so it never changes once state has been written.
//
// Integers of up to 64 bits go through a mixing function that loses nothing (David Stafford's variant 13 of the
// MurmurHash3 finalizer), so different integers have different hashes. Everything else is XXH3 of its canonical bytes,
// where two keys can share a hash and are then ordered by those bytes.
#pragma once
#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir {

[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t value) noexcept {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

// XXH3, 64 bits, seed 0, of the bytes. O(size).
[[nodiscard]] std::uint64_t hash_bytes(const void* bytes, std::size_t size) noexcept;

namespace detail {
template <class T> inline constexpr bool is_time_like = false;
template <class Rep, class Period> inline constexpr bool is_time_like<std::chrono::duration<Rep, Period>> = true;
template <class Clock, class Duration> inline constexpr bool is_time_like<std::chrono::time_point<Clock, Duration>> =
    true;

template <class T> [[nodiscard]] constexpr std::uint64_t integer_bits(const T& key) noexcept {
    if constexpr (std::is_enum_v<T>) {
        return static_cast<std::uint64_t>(static_cast<std::underlying_type_t<T>>(key));
    } else if constexpr (std::is_integral_v<T>) {
        return static_cast<std::uint64_t>(key);
    } else if constexpr (requires { key.time_since_epoch(); }) {
        return static_cast<std::uint64_t>(key.time_since_epoch().count());
    } else {
        return static_cast<std::uint64_t>(key.count());
    }
}
}  // namespace detail

// Keys whose hash says which key it is.
template <class T>
concept hashed_one_to_one =
    (std::is_integral_v<T> || std::is_enum_v<T> || detail::is_time_like<T>)&&sizeof(T) <= sizeof(std::uint64_t);

template <class T>
concept hashed_as_text = std::same_as<T, std::string> || std::same_as<T, std::string_view>;

template <hashed_one_to_one T> [[nodiscard]] constexpr std::uint64_t stable_hash(const T& key) noexcept {
    return mix_bits(detail::integer_bits(key));
}
[[nodiscard]] inline std::uint64_t stable_hash(std::string_view key) noexcept {
    return hash_bytes(key.data(), key.size());
}

}  // namespace weir
