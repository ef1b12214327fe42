// SPDX-License-Identifier: Apache-2.0
// The state of min and max. Doubles go by IEEE 754's total order: -NaN < -infinity < ... < -0 < +0 < ... < infinity <
// NaN, so that every value has its one place and no order of arrival shows.
#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include <weir/record/binary.hpp>
#include <weir/record/schema.hpp>
#include <weir/record/view_of_others.hpp>

namespace weir::detail {

// Integers that order as the doubles do; applied twice, the value comes back.
[[nodiscard]] constexpr std::int64_t order_key(std::int64_t bits) noexcept {
    return bits ^ static_cast<std::int64_t>(static_cast<std::uint64_t>(bits >> 63) >> 1);
}
[[nodiscard]] constexpr std::int32_t order_key(std::int32_t bits) noexcept {
    return bits ^ static_cast<std::int32_t>(static_cast<std::uint32_t>(bits >> 31) >> 1);
}

// Numbers: as wide as the number, no flag; the state of nothing is the worst of all values, which changes no result.
template <class Value, bool Largest>
class extreme {
    using key_type = std::conditional_t<std::same_as<Value, double>, std::int64_t,
                                        std::conditional_t<std::same_as<Value, float>, std::int32_t, Value>>;

  public:
    void add(Value value) noexcept { take(key_of(value)); }
    void merge(const extreme& other) noexcept { take(other.key_); }
    [[nodiscard]] Value value() const noexcept {
        if constexpr (real_number<Value>) {
            return std::bit_cast<Value>(order_key(key_));
        } else {
            return key_;
        }
    }
    static std::string type_tag() { return "extreme<" + tag_if_known<Value>() + ">"; }
    template <class Writer>
    void save(Writer& writer) const {
        writer.write_fixed(key_);
    }
    template <class Reader>
    void load(Reader& reader) {
        key_ = reader.template read_fixed<key_type>();
    }

  private:
    static key_type key_of(Value value) noexcept {
        if constexpr (real_number<Value>) {
            return order_key(std::bit_cast<key_type>(value));
        } else {
            return value;
        }
    }
    void take(key_type key) noexcept { key_ = (Largest ? key_ < key : key < key_) ? key : key_; }

    key_type key_ = Largest ? std::numeric_limits<key_type>::lowest() : std::numeric_limits<key_type>::max();
};

// Anything else that `<` orders totally: text, times, enums.
template <class Value, bool Largest>
    requires(!number<Value>)
class extreme<Value, Largest> {
    static_assert(!view_of_others<Value>,
                  "min and max keep the value: return a std::string, not a view or a pointer");

  public:
    void add(const Value& value) {
        if (!best_ || (Largest ? *best_ < value : value < *best_)) best_ = value;
    }
    void merge(const extreme& other) {
        if (other.best_) add(*other.best_);
    }
    [[nodiscard]] Value value() const { return best_ ? *best_ : Value{}; }
    static std::string type_tag() { return "extreme<" + tag_if_known<Value>() + ">"; }
    template <class Writer>
        requires storable<Value>
    void save(Writer& writer) const {
        weir::save(writer, best_);
    }
    template <class Reader>
        requires storable<Value>
    void load(Reader& reader) {
        weir::load(reader, best_);
    }

  private:
    std::optional<Value> best_;
};

}  // namespace weir::detail
