// SPDX-License-Identifier: Apache-2.0
// The running stage of a join of two tables: of each key the last row of either side, and one timer for the first of
// them to go. State, timers and snapshots are those of process.
#pragma once
#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>

#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/keyed_pair_core.hpp>
#include <weir/operators/table_row.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir::detail {

// Stands for a side whose rows are never deleted.
struct no_deletes {
    template <class Record> static constexpr bool in(const Record&) noexcept { return false; }
};
// Of function(record): true, or an optional without value.
template <class Function>
struct deletes_by {
    Function function;
    template <class Record> [[nodiscard]] bool in(const Record& record) const {
        using said = std::invoke_result_t<const Function&, const Record&>;
        if constexpr (std::is_same_v<std::remove_cvref_t<said>, bool>) {
            return std::invoke(function, record);
        } else {
            return !std::invoke(function, record).has_value();
        }
    }
};

template <class T>
struct table_side {
    std::optional<T> row{};
    timestamp time{};
    timestamp until{};  // changes after it do not see the row

    [[nodiscard]] bool seen_at(timestamp at) const noexcept { return row.has_value() && at <= until; }
    void drop_if_gone(timestamp now) {
        if (row && until <= now) row.reset();
    }
};
template <class Left, class Right>
struct table_sides {
    table_side<Left> left;
    table_side<Right> right;
    timestamp wakes_at = time_highest;  // a timer is set for that time, or for an earlier one

    template <class Writer> void save(Writer& writer) const
        requires(storable<Left> && storable<Right>)
    {
        const auto save_side = [&writer](const auto& side) {
            weir::save(writer, side.row);
            weir::save(writer, side.time);
            weir::save(writer, side.until);
        };
        save_side(left);
        save_side(right);
        weir::save(writer, wakes_at);
    }
    template <class Reader> void load(Reader& reader)
        requires(storable<Left> && storable<Right>)
    {
        const auto load_side = [&reader](auto& side) {
            weir::load(reader, side.row);
            weir::load(reader, side.time);
            weir::load(reader, side.until);
        };
        load_side(left);
        load_side(right);
        weir::load(reader, wakes_at);
    }
};

template <class Kind, class LeftDeletes, class RightDeletes>
struct table_join_description {
    static constexpr bool deletes =
        !std::is_same_v<LeftDeletes, no_deletes> || !std::is_same_v<RightDeletes, no_deletes>;
    duration retention{};
    bool unbounded = false;
    std::tuple<LeftDeletes, RightDeletes> deleted{};

    [[nodiscard]] bool waits_for_watermark() const { return false; }
    [[nodiscard]] std::string text() const {
        std::string text = std::string(Kind::text) + ", ";
        text += unbounded ? std::string("unbounded") : "rows of " + length_text(retention);
        return text + (deletes ? ", with deletes" : "");
    }
};

template <class Key, class Left, class Right, class Kind, bool Deletes>
struct table_join_result {
    using row = joined<std::conditional_t<Kind::keeps_right, std::optional<Left>, Left>,
                       std::conditional_t<Kind::keeps_left, std::optional<Right>, Right>>;
    using type = std::conditional_t<Deletes, table_row<Key, row>, row>;
};

template <class Left, class Right, class LeftKey, class RightKey, class Kind, class Description>
class table_join_stage final
    : public keyed_pair_core<
          table_join_stage<Left, Right, LeftKey, RightKey, Kind, Description>, Left, Right, LeftKey, RightKey,
          table_sides<Left, Right>,
          typename table_join_result<std::remove_cvref_t<std::invoke_result_t<const LeftKey&, const Left&>>, Left,
                                     Right, Kind, Description::deletes>::type> {
  public:
    static constexpr const char* kind = "table_join";
    using description_type = Description;
    using sides_type = table_sides<Left, Right>;
    using key_type = typename table_join_stage::keyed_pair_core::key_type;
    using made = table_join_result<key_type, Left, Right, Kind, Description::deletes>;
    using row_type = typename made::row;
    using result_type = typename made::type;

    table_join_stage(const LeftKey& left, const RightKey& right, const description_type& description,
                     const stage_site& site)
        : table_join_stage::keyed_pair_core(left, right, site), how_(description) {}

    [[nodiscard]] std::string text() const { return how_.text(); }

    template <std::size_t Input, class Context, class V>
    void take(Context& context, sides_type& sides, V&& value, const stamp_view& at) {
        auto& own = side<Input>(sides);
        const auto& other = side<1 - Input>(sides);
        const bool there = own.seen_at(at.time());
        const bool other_there = other.seen_at(at.time());
        const bool goes = std::get<Input>(how_.deleted).in(std::as_const(value));
        if (goes) {
            own.row.reset();
        } else {
            own.row = std::forward<V>(value);
            own.time = at.time();
            own.until = this->no_later(saturating_add(at.time(), how_.retention));
        }
        const timestamp time = other_there ? std::max(at.time(), other.time) : at.time();
        if (!goes || there) say<Input>(context, sides, joins<Input>(there, other_there), other_there, time, at);
        wake_for_next(context, sides);
    }
    template <class Context> void wake(Context& context, sides_type& sides) {
        const timestamp now = context.time();
        if (sides.wakes_at <= now) sides.wakes_at = time_highest;
        sides.left.drop_if_gone(now);
        sides.right.drop_if_gone(now);
        wake_for_next(context, sides);
    }

  private:
    template <std::size_t Input> static auto& side(sides_type& sides) noexcept {
        if constexpr (Input == 0) {
            return sides.left;
        } else {
            return sides.right;
        }
    }
    // Whether the key has a joined row.
    template <std::size_t Input> [[nodiscard]] static constexpr bool joins(bool own, bool other) noexcept {
        const bool left = Input == 0 ? own : other;
        const bool right = Input == 0 ? other : own;
        return (left && right) || (left && Kind::keeps_left) || (right && Kind::keeps_right);
    }
    template <std::size_t Input, class Context>
    void say(Context& context, sides_type& sides, bool was, bool other_there, timestamp time, const stamp_view& at) {
        const bool own_there = side<Input>(sides).row.has_value();
        if (joins<Input>(own_there, other_there)) {
            row_type row{part<Kind::keeps_right>(sides.left, Input == 0 ? own_there : other_there),
                         part<Kind::keeps_left>(sides.right, Input == 0 ? other_there : own_there)};
            if constexpr (Description::deletes) {
                emit<Input>({context.key(), std::move(row)}, time, at);
            } else {
                emit<Input>(std::move(row), time, at);
            }
        } else if constexpr (Description::deletes) {
            if (was) emit<Input>({context.key(), {}}, time, at);
        }
    }
    template <bool Optional, class Side> [[nodiscard]] static auto part(const Side& from, bool there) {
        if constexpr (Optional) {
            return there ? from.row : std::remove_cvref_t<decltype(from.row)>{};
        } else {
            return *from.row;
        }
    }
    template <std::size_t Input> void emit(result_type&& result, timestamp time, const stamp_view& at) {
        ++this->counts.results;
        this->out.push_caused_by(Input, std::move(result), time, at, 0);
    }
    template <class Context> void wake_for_next(Context& context, sides_type& sides) {
        if (!sides.left.row && !sides.right.row) return context.forget();
        timestamp next = time_highest;
        if (sides.left.row) next = sides.left.until;
        if (sides.right.row) next = std::min(next, sides.right.until);
        if (next >= sides.wakes_at) return;
        context.set_timer(next);
        sides.wakes_at = next;
    }

    description_type how_;
};

}  // namespace weir::detail
