// SPDX-License-Identifier: Apache-2.0
// Numbers at the start of a text, quickly. The same values, to the bit, and the same ends as std::from_chars: what is
// not a plain number of few enough digits is left to it.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include <weir/record/kind.hpp>

namespace weir::detail {

[[nodiscard]] constexpr bool is_digit(char byte) noexcept { return static_cast<unsigned char>(byte - '0') <= 9; }

// Eight characters as a word, the first of them its lowest byte.
[[nodiscard]] inline std::uint64_t eight_at(const char* first) noexcept {
    std::uint64_t text = 0;
    std::memcpy(&text, first, 8);
    return text;
}
// Not zero in each byte of eight that is no digit. Digits are the bytes 0x30 to 0x39: their high half is 3, also after
// adding 6.
[[nodiscard]] constexpr std::uint64_t no_digits_in(std::uint64_t text) noexcept {
    return ((text & (text + 0x0606060606060606U)) & 0xf0f0f0f0f0f0f0f0U) ^ 0x3030303030303030U;
}
// How many bytes stand before the first that is not zero; there is one.
[[nodiscard]] constexpr unsigned zeros_before(std::uint64_t bytes) noexcept {
    return static_cast<unsigned>(std::countr_zero(bytes)) / 8;
}
// The number that eight digits are; zero bytes in front count as zeros. Neighbours are joined: digits to pairs, pairs
// to fours, fours to all eight.
[[nodiscard]] constexpr std::uint64_t joined_digits(std::uint64_t text) noexcept {
    text = (text & 0x0f0f0f0f0f0f0f0fU) * 2561 >> 8U;
    text = (text & 0x00ff00ff00ff00ffU) * 6553601 >> 16U;
    return (text & 0x0000ffff0000ffffU) * 42949672960001 >> 32U;
}
inline constexpr std::array<std::uint32_t, 8> powers_of_ten{1,      10,      100,       1000,
                                                            10'000, 100'000, 1'000'000, 10'000'000};

// Takes digits from [first, last) into `value`, with the eight at once where there is room for so many.
[[gnu::always_inline]] inline const char* take_digits(const char* first, const char* last,
                                                      std::uint64_t& value) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        while (last - first >= 8) {
            const std::uint64_t text = eight_at(first);
            const std::uint64_t others = no_digits_in(text);
            if (others != 0) {
                const unsigned digits = zeros_before(others);
                if (digits == 0) return first;
                value = value * powers_of_ten[digits] + joined_digits(text << (64 - 8 * digits));
                return first + digits;
            }
            value = value * 100'000'000 + joined_digits(text);
            first += 8;
        }
    }
    for (; first != last && is_digit(*first); ++first) {
        value = value * 10 + static_cast<unsigned char>(*first - '0');
    }
    return first;
}

// Takes a decimal of at most seven digits on each side of its point, of which 17 bytes are there to be read: returns
// how many follow the point, or 0 if it is another number or none.
[[gnu::always_inline]] inline unsigned take_short_decimal(const char*& first, std::uint64_t& value) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        const std::uint64_t front = eight_at(first);
        const std::uint64_t front_ends = no_digits_in(front);
        if (front_ends == 0) return 0;
        const unsigned whole = zeros_before(front_ends);
        if (whole == 0 || first[whole] != '.') return 0;
        const std::uint64_t back = eight_at(first + whole + 1);
        const std::uint64_t back_ends = no_digits_in(back);
        if (back_ends == 0) return 0;
        const unsigned fraction = zeros_before(back_ends);
        if (fraction == 0) return 0;
        first += whole + 1 + fraction;
        const std::uint64_t high = front << (64 - 8 * whole);
        const std::uint64_t low = back << (64 - 8 * fraction);
        value = whole + fraction <= 8 ? joined_digits(high >> (8 * fraction) | low)
                                      : joined_digits(high) * powers_of_ten[fraction] + joined_digits(low);
        return fraction;
    } else {
        return 0;
    }
}

// All scans take a number at the start of [first, last) and return where it ends: nullptr if there is none, if it does
// not fit, or if it is not finite.
template <number T>
[[nodiscard, gnu::noinline]] const char* scan_unusual(const char* first, const char* last, T& value) noexcept {
    const auto [stop, code] = std::from_chars(first, last, value);
    if (code != std::errc{}) return nullptr;
    if constexpr (real_number<T>) {
        if (!(value - value == T{0})) return nullptr;
    }
    return stop;
}

// Both scans of plain numbers answer nullptr, too, for what is left to scan_unusual.
// As many digits as always fit need no check.
template <whole_number T>
[[nodiscard]] inline const char* scan_plain(const char* first, const char* last, T& value) noexcept {
    constexpr std::ptrdiff_t most = std::numeric_limits<T>::digits10;
    const char* digits = first;
    if constexpr (std::is_signed_v<T>) {
        if (digits != last && *digits == '-') ++digits;
    }
    const char* const limit = digits + std::min(last - digits, most);
    std::uint64_t magnitude = 0;
    const char* const stop = take_digits(digits, limit, magnitude);
    if (stop == digits || (stop == limit && stop != last && is_digit(*stop))) [[unlikely]] return nullptr;
    value = static_cast<T>(digits != first ? std::uint64_t{0} - magnitude : magnitude);
    return stop;
}

// A decimal without exponent is m / 10^k. Where both are exact in T, one division rounds it once, as it should be.
template <real_number T>
[[nodiscard]] inline const char* scan_plain(const char* first, const char* last, T& value) noexcept {
    constexpr std::ptrdiff_t most = std::numeric_limits<T>::digits10;  // 10^most is exact, and so is all below it
    static constexpr auto powers = [] {
        std::array<T, most + 1> made{1};
        for (std::size_t i = 1; i < made.size(); ++i) made[i] = made[i - 1] * 10;
        return made;
    }();
    const char* const digits = first != last && *first == '-' ? first + 1 : first;
    std::uint64_t magnitude = 0;
    const auto take = [&](std::size_t fraction) {
        // The sign without a branch: nobody could foretell that of a longitude.
        using bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
        const bits sign = static_cast<bits>(digits - first) << (8 * sizeof(T) - 1);
        value = std::bit_cast<T>(std::bit_cast<bits>(static_cast<T>(magnitude) / powers[fraction]) ^ sign);
    };
    const auto has_exponent = [last](const char* stop) { return stop != last && (*stop == 'e' || *stop == 'E'); };
    if constexpr (most >= 14) {
        if (last - digits >= 17) {
            const char* stop = digits;
            if (const unsigned fraction = take_short_decimal(stop, magnitude); fraction != 0) {
                if (has_exponent(stop)) [[unlikely]] return nullptr;
                take(fraction);
                return stop;
            }
            magnitude = 0;
        }
    }
    const char* const limit = digits + std::min(last - digits, most);
    const char* const point = take_digits(digits, limit, magnitude);
    const char* stop = point;
    if (point != last && *point == '.') {
        // The point stands among the digits but is none of them.
        stop = take_digits(point + 1, point + 1 + std::min(last - (point + 1), limit - point), magnitude);
    }
    const bool goes_on = (stop != last && is_digit(*stop)) || has_exponent(stop);
    const bool without_fraction = stop == point + 1;
    if (point == digits || goes_on || without_fraction) [[unlikely]] return nullptr;
    take(static_cast<std::size_t>(stop == point ? 0 : stop - point - 1));
    return stop;
}

template <number T>
[[nodiscard]] inline const char* scan_number(const char* first, const char* last, T& value) noexcept {
    const char* const stop = scan_plain(first, last, value);
    return stop != nullptr ? stop : scan_unusual(first, last, value);
}

}  // namespace weir::detail
