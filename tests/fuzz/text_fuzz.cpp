// SPDX-License-Identifier: Apache-2.0
// Fields as text. Whatever stands in a field is read or refused; what was read, written and read again is the same
// value; and every value of a type survives the way through text.
#include "fuzz.hpp"

#include <bit>
#include <cmath>
#include <optional>
#include <type_traits>

#include <weir/record/describe.hpp>
#include <weir/record/text.hpp>

namespace {
using weir_fuzz::require;

enum class colour : std::uint8_t { red, green, blue = 200 };
BOOST_DESCRIBE_ENUM(colour, red, green, blue)

// The sign of zero and the bits of a NaN are not written.
template <class T>
bool same(const T& left, const T& right) {
    if constexpr (weir::real_number<T>) {
        return left == right || (std::isnan(left) && std::isnan(right));
    } else {
        return left == right;
    }
}
template <class T>
bool same(const std::optional<T>& left, const std::optional<T>& right) {
    return left.has_value() == right.has_value() && (!left || same(*left, *right));
}

template <class T>
void check_value(const T& value, const weir::text_options& options) {
    std::string text;
    weir::append_field(text, value);
    T again{};
    require(weir::parse_field(text, again, options) == weir::text_error::none, "what was written is read", text);
    require(same(value, again), "what was written is read as the same value", text);
}

template <class T>
void check_text(std::string_view text, const weir::text_options& options) {
    T value{};
    const T untouched = value;
    const weir::text_error wrong = weir::parse_field(text, value, options);
    if (wrong == weir::text_error::none) {
        check_value(value, options);
    } else {
        require(same(value, untouched), "a refused text leaves the value as it was", text);
        require(!weir::sentence(wrong).empty(), "there is a sentence for every error");
    }
}

template <class T>
void check_number(std::string_view text, std::uint64_t bits, const weir::text_options& options) {
    check_text<T>(text, options);
    check_text<std::optional<T>>(text, options);
    if constexpr (std::is_same_v<T, double>) {
        check_value(std::bit_cast<double>(bits), {.allow_nan = true});
    } else if constexpr (std::is_same_v<T, float>) {
        check_value(std::bit_cast<float>(static_cast<std::uint32_t>(bits)), {.allow_nan = true});
    } else {
        check_value(static_cast<T>(bits), options);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir_fuzz::input from(data, size);
    const weir::text_options options{static_cast<weir::time_unit>(from.below(4)), from.flip()};
    const auto bits = from.take<std::uint64_t>();
    const std::string_view text = from.rest();

    check_number<double>(text, bits, options);
    check_number<float>(text, bits, options);
    check_number<std::uint8_t>(text, bits, options);
    check_number<std::int8_t>(text, bits, options);
    check_number<std::int32_t>(text, bits, options);
    check_number<std::int64_t>(text, bits, options);
    check_number<std::uint64_t>(text, bits, options);
    check_text<bool>(text, options);
    check_text<char>(text, options);
    check_text<colour>(text, options);
    check_text<std::string>(text, options);
    check_text<weir::timestamp>(text, options);
    check_text<std::optional<weir::timestamp>>(text, options);
    check_text<weir::duration>(text, options);

    const auto count = static_cast<std::int64_t>(bits);
    check_value(weir::duration{count}, options);
    // The ends of the line are no times of records.
    if (weir::timestamp{weir::duration{count}} != weir::time_lowest &&
        weir::timestamp{weir::duration{count}} != weir::time_highest) {
        check_value(weir::timestamp{weir::duration{count}}, options);
    }
    return 0;
}
