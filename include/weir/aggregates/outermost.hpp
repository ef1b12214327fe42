// SPDX-License-Identifier: Apache-2.0
// The state of first and last: the value that lies outermost by (time, turn), and where it lies. No two records have
// the same turn, so there are no ties.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include <weir/record/binary.hpp>
#include <weir/record/schema.hpp>
#include <weir/record/view_of_others.hpp>
#include <weir/time/stamp.hpp>

namespace weir::detail {

template <class Value, bool Earliest>
class outermost {
    static_assert(!view_of_others<Value>,
                  "first and last keep the value: return a std::string, not a view or a pointer");

  public:
    [[nodiscard]] bool beaten_by(const stamp& at) const noexcept {
        if (!value_) return true;
        if (at.time != at_.time) return (at.time < at_.time) == Earliest;
        return Earliest ? at.at < at_.at : at_.at < at.at;
    }
    template <class Taken>
    void take(Taken&& value, const stamp& at) {
        value_ = std::forward<Taken>(value);
        at_ = at;
    }
    void merge(const outermost& other) {
        if (other.value_ && beaten_by(other.at_)) *this = other;
    }
    [[nodiscard]] Value value() const { return value_ ? *value_ : Value{}; }

    static std::string type_tag() { return "stamped<" + tag_if_known<Value>() + ">"; }
    template <class Writer>
        requires storable<Value>
    void save(Writer& writer) const {
        weir::save(writer, value_);
        if (value_) at_.save(writer);
    }
    template <class Reader>
        requires storable<Value>
    void load(Reader& reader) {
        weir::load(reader, value_);
        at_ = {};
        if (value_) at_.load(reader);
    }

  private:
    stamp at_;
    std::optional<Value> value_;
};

}  // namespace weir::detail
