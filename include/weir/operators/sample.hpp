// SPDX-License-Identifier: Apache-2.0
// sample(0.01, &Visit::user): one in a hundred users, with all of their records; the others are counted as filtered by
// the stage behind. Who is in the sample depends on the value and the fraction alone, by its stable hash: the same in
// every run, on every machine, in streams of other records that are sampled by the same value; and a smaller fraction
// keeps some of those that a larger one keeps. Of n different values about fraction * n are kept, with a standard
// deviation of sqrt(n * fraction * (1 - fraction)). Sampled by an id that no two records share, it is a sample of
// records.
//
// The value is what a key can be (integers, text, enums, times, described structs of them; no doubles), from a member
// or a function of the record. The sample has keys in every shard: its hash is mixed once more. Pure, as filter. O(1)
// per record plus the hash. A fraction that is not between 0 and 1 is a configuration error.
#pragma once
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include <weir/base/error.hpp>
#include <weir/operators/filter.hpp>
#include <weir/record/print.hpp>
#include <weir/state/key.hpp>

namespace weir {
namespace detail {

template <class Of>
struct in_sample {
    Of of;
    std::uint64_t first_outside = 0;  // hashes below it are in the sample
    bool all = false;

    template <class Record>
        requires std::invocable<const Of&, const Record&>
    [[nodiscard]] bool operator()(const Record& record) const {
        if (all) return true;
        const auto& value = std::invoke(of, record);
        // The shard is the first bits of the hash: without mixing, a sample would fill the first shards only.
        return mix_bits(key_hash<std::remove_cvref_t<decltype(value)>>(value)) < first_outside;
    }
};

template <class Of>
struct sample_step : filter_step<in_sample<Of>> {
    static constexpr const char* label = "sample";
};

}  // namespace detail

template <class Of>
struct sample_operation : operation {
    detail::in_sample<Of> chosen;

    template <class S> auto apply(S source) const {
        if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>,
                          "sample takes a plain stream: put it before weir::key_by(...), or after the aggregate");
            return rejected_stream{};
        } else if constexpr (!std::invocable<const Of&, const typename S::value_type&>) {
            static_assert(detail::unsupported<S>,
                          "sample needs what to go by: a member of this record, or a function that can be called with "
                          "const Record&");
            return rejected_stream{};
        } else if constexpr (!stably_hashable<std::remove_cvref_t<
                                 std::invoke_result_t<const Of&, const typename S::value_type&>>>) {
            static_assert(detail::unsupported<S>,
                          "sample goes by a value with a stable hash: an integer, a text, an enum, a time, or a "
                          "described struct of these; no double");
            return rejected_stream{};
        } else {
            return detail::with_step(std::move(source), detail::sample_step<Of>{{chosen}}, true);
        }
    }
};

template <class Of> [[nodiscard]] auto sample(double fraction, Of of) {
    if (!(fraction >= 0 && fraction <= 1)) {
        throw error(error_kind::configuration,
                    "sample(" + to_text(fraction) + ", ...): a fraction is between 0 and 1");
    }
    const bool all = fraction == 1;
    const auto first_outside = all ? std::uint64_t{0} : static_cast<std::uint64_t>(std::ldexp(fraction, 64));
    return sample_operation<Of>{{}, {std::move(of), first_outside, all}};
}

}  // namespace weir
