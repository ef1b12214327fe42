// SPDX-License-Identifier: Apache-2.0
// What min_by and max_by have in common: the value of the record whose key is the outermost one; of several such
// records that of the earliest by (time, turn).
#pragma once
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/aggregates/ranking.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/schema.hpp>
#include <weir/record/view_of_others.hpp>

namespace weir::detail {

template <class Key, class Value, bool Largest>
class extreme_by {
    static_assert(!view_of_others<Key> && !view_of_others<Value>,
                  "min_by and max_by keep both values: return a std::string, not a view or a pointer");

  public:
    [[nodiscard]] bool beaten_by(const rank_of<Key>& record) const {
        return !best_ || ranked_before<Largest>(record, *best_);
    }
    template <class Taken>
    void take(const rank_of<Key>& record, Taken&& value) {
        best_.emplace(best{record.key, record.at, std::forward<Taken>(value)});
    }
    void merge(const extreme_by& other) {
        if (other.best_ && beaten_by({other.best_->key, other.best_->at})) best_ = other.best_;
    }
    [[nodiscard]] Value value() const { return best_ ? best_->value : Value{}; }

    static std::string type_tag() { return "extreme_by<" + tag_if_known<Key>() + "," + tag_if_known<Value>() + ">"; }
    template <class Writer>
        requires(storable<Key> && storable<Value>)
    void save(Writer& writer) const {
        weir::save(writer, best_.has_value());
        if (!best_) return;
        weir::save(writer, best_->key);
        best_->at.save(writer);
        weir::save(writer, best_->value);
    }
    template <class Reader>
        requires(storable<Key> && storable<Value>)
    void load(Reader& reader) {
        best_.reset();
        if (!reader.read_bool()) return;
        best stored;
        weir::load(reader, stored.key);
        stored.at.load(reader);
        weir::load(reader, stored.value);
        best_ = std::move(stored);
    }

  private:
    struct best {
        Key key{};
        stamp at{};
        Value value{};
    };
    std::optional<best> best_;
};

template <class By, class Of, bool Largest>
struct taking_extreme_by {
    using key_type = typename projecting<By>::value_type;
    using value_type = typename projecting<Of>::value_type;
    static_assert(std::totally_ordered<key_type>, "min_by and max_by need a key that < orders totally");
    using state_type = extreme_by<key_type, value_type, Largest>;
    static constexpr bool commutes = true;

    projecting<By> by;
    projecting<Of> of;

    [[nodiscard]] state_type create() const { return {}; }
    template <class Record>
        requires(projects<By, Record> && projects<Of, Record>)
    void add(state_type& state, const Record& record, const stamp& at) const {
        const key_type& key = by.value_of(record);
        if (state.beaten_by({key, at})) state.take({key, at}, of.value_of(record));
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other); }
    [[nodiscard]] value_type result(const state_type& state) const { return state.value(); }
    // "max_by_amount_merchant"
    [[nodiscard]] std::string name() const { return of.named(by.named(Largest ? "max_by" : "min_by")); }
};

}  // namespace weir::detail
