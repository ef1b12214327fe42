// SPDX-License-Identifier: Apache-2.0
// Exact sums and moments: any doubles in any order, merged and taken back in any way, give the same bytes and the same
// result; and any bytes are read as one, or refused.
#include "fuzz.hpp"

#include <bit>
#include <cmath>
#include <vector>

#include <weir/aggregates/exact_moments.hpp>
#include <weir/aggregates/exact_sum.hpp>

namespace {
using weir_fuzz::bytes_of;
using weir_fuzz::require;

// Values that a window holds, and now and then any bits.
double value_from(weir_fuzz::input& from) {
    switch (from.below(3)) {
        case 0: return static_cast<double>(from.take<std::int16_t>()) / 100;
        case 1: return std::ldexp(from.take<std::int16_t>(), from.take<std::int8_t>());
        default: return std::bit_cast<double>(from.take<std::uint64_t>());
    }
}

std::uint64_t bits_of(double value) {
    return std::isnan(value) ? ~std::uint64_t{0} : std::bit_cast<std::uint64_t>(value);
}
std::vector<std::uint64_t> results_of(const weir::exact_sum& sum) {
    return {bits_of(sum.value())};
}
std::vector<std::uint64_t> results_of(const weir::exact_moments& moments) {
    const auto sample = moments.variance();
    const auto population = moments.population_variance();
    return {moments.count(), sample ? bits_of(*sample) : 0, population ? bits_of(*population) : 0};
}

template <class Exact>
void check_values(const std::vector<double>& values, std::size_t cut, std::size_t taken) {
    Exact forward, backward, front, back;
    for (const double each : values) forward.add(each);
    for (std::size_t i = values.size(); i-- > 0;) backward.add(values[i]);
    for (std::size_t i = 0; i < values.size(); ++i) (i < cut ? front : back).add(values[i]);
    Exact joined = front;
    joined.merge(back);
    require(bytes_of(forward) == bytes_of(backward), "order is not seen");
    require(bytes_of(forward) == bytes_of(joined), "grouping is not seen");
    require(results_of(forward) == results_of(backward) && results_of(forward) == results_of(joined),
            "results are those of the bytes");
    joined.subtract(front);
    require(bytes_of(joined) == bytes_of(back), "a merge is taken back exactly");
    for (std::size_t i = 0; i < taken; ++i) forward.subtract(values[i]);
    Exact rest;
    for (std::size_t i = taken; i < values.size(); ++i) rest.add(values[i]);
    require(bytes_of(forward) == bytes_of(rest), "values are taken back exactly");

    Exact read;
    const std::string written = bytes_of(rest);
    weir::binary_reader reader(written);
    read.load(reader);
    require(bytes_of(read) == written && results_of(read) == results_of(rest), "what was stored is the same");
    read.merge(front);
    rest.merge(front);
    require(bytes_of(read) == bytes_of(rest), "what was stored goes on the same");
}

// Damaged bytes that pass for a sum may be any sum: it must be usable.
template <class Exact>
void check_image(std::string_view bytes) {
    weir_fuzz::check_reading<Exact>(bytes);
    Exact sum;
    try {
        weir::binary_reader reader(bytes);
        sum.load(reader);
    } catch (const weir::error&) {
        return;
    }
    static_cast<void>(results_of(sum));
    sum.add(1.5);
    sum.subtract(1e300);
    Exact other = sum;
    other.merge(sum);
    other.subtract(sum);
    require(bytes_of(other) == bytes_of(sum), "a damaged sum is still exact");
    static_cast<void>(results_of(other));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir_fuzz::input from(data, size);
    switch (from.below(4)) {
        case 0: check_image<weir::exact_sum>(from.rest()); return 0;
        case 1: check_image<weir::exact_moments>(from.rest()); return 0;
        default: break;
    }
    const auto cut = std::size_t{from.take<std::uint8_t>()};
    const auto taken = std::size_t{from.take<std::uint8_t>()};
    std::vector<double> values;
    while (!from.empty() && values.size() < 200) values.push_back(value_from(from));
    if (values.empty()) return 0;
    check_values<weir::exact_sum>(values, cut % values.size(), taken % values.size());
    check_values<weir::exact_moments>(values, cut % values.size(), taken % values.size());
    return 0;
}
