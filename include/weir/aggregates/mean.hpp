// SPDX-License-Identifier: Apache-2.0
// The mean of a number: the exact sum, rounded to the nearest double, divided by the count. NaN for no records.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/exact_total.hpp>
#include <weir/aggregates/projection.hpp>

namespace weir {

namespace detail {
template <class Total>
struct mean_state {
    Total total{};
    std::uint64_t count = 0;

    static std::string type_tag() { return "mean<" + Total::type_tag() + ">"; }
    template <class Writer>
    void save(Writer& writer) const {
        writer.write_fixed(count);
        total.save(writer);
    }
    template <class Reader>
    void load(Reader& reader) {
        count = reader.template read_fixed<std::uint64_t>();
        total.load(reader);
    }
};

template <class P>
struct averaging : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    static_assert(number<value_type>, "mean needs a number: float, double or an integer of up to 64 bits");
    using state_type = mean_state<exact_total<value_type>>;
    static constexpr bool commutes = true;

    [[nodiscard]] state_type create() const noexcept { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        state.total.add(this->value_of(record));
        ++state.count;
    }
    template <class Record>
        requires projects<P, Record>
    void remove(state_type& state, const Record& record) const {
        state.total.subtract(this->value_of(record));
        --state.count;
    }
    void merge(state_type& state, const state_type& other) const {
        state.total.merge(other.total);
        state.count += other.count;
    }
    void unmerge(state_type& state, const state_type& other) const {
        state.total.subtract(other.total);
        state.count -= other.count;
    }
    [[nodiscard]] double result(const state_type& state) const noexcept {
        if (state.count == 0) return std::numeric_limits<double>::quiet_NaN();  // the sign of 0.0 / 0.0 varies
        return state.total.value() / static_cast<double>(state.count);
    }
    [[nodiscard]] std::string name() const { return this->named("mean"); }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::averaging<P> mean(P project) {
    return {{std::move(project)}};
}

}  // namespace weir
