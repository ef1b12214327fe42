// SPDX-License-Identifier: Apache-2.0
// The running stage of an interval join. A record, taken in turn, is paired with what the other side has kept, and is
// kept itself. State, timers and snapshots are those of process.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <weir/operators/interval_rows.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/keyed_pair_core.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir::detail {

template <class Left, class Right>
struct interval_sides {
    interval_rows<Left> left;
    interval_rows<Right> right;
    std::uint64_t taken = 0;            // records, so far
    timestamp wakes_at = time_highest;  // when what has gone is dropped

    template <class Writer> void save(Writer& writer) const
        requires(storable<Left> && storable<Right>)
    {
        left.save(writer);
        right.save(writer);
        weir::save(writer, taken);
        weir::save(writer, wakes_at);
    }
    template <class Reader> void load(Reader& reader)
        requires(storable<Left> && storable<Right>)
    {
        left.load(reader);
        right.load(reader);
        weir::load(reader, taken);
        weir::load(reader, wakes_at);
    }
};

template <class Kind>
struct interval_description {
    duration lo, hi;
    [[nodiscard]] bool waits_for_watermark() const { return Kind::keeps_left || Kind::keeps_right; }
    [[nodiscard]] std::string text() const {
        const auto signed_text = [](duration by) {
            return by < duration::zero() ? "-" + length_text(-by) : by == duration::zero() ? "0s" : length_text(by);
        };
        return std::string(Kind::text) + " between " + signed_text(lo) + " and " + signed_text(hi);
    }
};

template <class Left, class Right, class Kind>
using interval_pair = joined<std::conditional_t<Kind::keeps_right, std::optional<Left>, Left>,
                             std::conditional_t<Kind::keeps_left, std::optional<Right>, Right>>;

template <class Left, class Right, class LeftKey, class RightKey, class Kind>
class interval_join_stage final
    : public keyed_pair_core<interval_join_stage<Left, Right, LeftKey, RightKey, Kind>, Left, Right, LeftKey, RightKey,
                             interval_sides<Left, Right>, interval_pair<Left, Right, Kind>> {
  public:
    static constexpr const char* kind = "interval_join";
    using description_type = interval_description<Kind>;
    using sides_type = interval_sides<Left, Right>;
    using result_type = interval_pair<Left, Right, Kind>;
    using left_result = decltype(result_type::left);
    using right_result = decltype(result_type::right);

    interval_join_stage(const LeftKey& left, const RightKey& right, const description_type& description,
                        const stage_site& site)
        : interval_join_stage::keyed_pair_core(left, right, site), how_(description) {}

    [[nodiscard]] std::string text() const { return how_.text(); }

    template <std::size_t Input, class Context, class V>
    void take(Context& context, sides_type& sides, V&& value, const stamp_view& at) {
        using own_type = std::conditional_t<Input == 0, Left, Right>;
        auto& own = side<Input>(sides);
        auto& others = side<1 - Input>(sides);
        const timestamp watermark = at.watermark();
        others.drop_while([&](const auto& each) { return each.due < watermark; }, spare<1 - Input>());
        const timestamp from = saturating_sub(at.time(), reach<1 - Input>());
        const auto [low, high] = others.between(from, saturating_add(at.time(), reach<Input>()));
        found_.clear();
        for (auto* each = low; each != high; ++each) {
            each->paired = true;
            found_.push_back({each->order, static_cast<std::size_t>(each - low)});
        }
        if (found_.size() > 1) std::sort(found_.begin(), found_.end());
        const own_type& record = value;
        std::uint32_t index = 0;
        for (const auto& [order, place] : found_) {
            const auto& partner = low[place];
            ++this->counts.results;
            const timestamp time = std::max(at.time(), partner.time);
            if constexpr (Input == 0) {
                emit_pair<Input>({left_result{record}, right_result{partner.record}}, time, at, index++);
            } else {
                emit_pair<Input>({left_result{partner.record}, right_result{record}}, time, at, index++);
            }
        }
        const timestamp last = this->no_later(saturating_add(at.time(), reach<Input>()));
        const bool waits = kept_alone<Input> && found_.empty();
        const std::uint64_t order = sides.taken++;
        if (last < watermark && !waits) {
            if (sides.left.empty() && sides.right.empty()) context.forget();
            return;
        }
        const timestamp due = this->no_later(std::max(last, watermark));
        own.insert({at.time(), due, order, !found_.empty(), own_type(std::forward<V>(value))}, spare<Input>());
        if (waits) context.set_timer(due);
        if (sides.wakes_at == time_highest) {
            sides.wakes_at = due;
            context.set_timer(due);
        }
    }

    template <class Context> void wake(Context& context, sides_type& sides) {
        const timestamp now = context.time();
        if constexpr (Kind::keeps_left || Kind::keeps_right) {
            found_.clear();
            std::size_t lefts = 0;
            if constexpr (Kind::keeps_left) collect_alone<0>(sides, now);
            lefts = found_.size();
            if constexpr (Kind::keeps_right) collect_alone<1>(sides, now);
            emit_alone(context, sides, lefts);
        }
        if (now < sides.wakes_at) return;
        sides.wakes_at = time_highest;
        const auto gone = [&](const auto& each) { return each.due <= now; };
        sides.left.drop_while(gone, spare<0>());
        sides.right.drop_while(gone, spare<1>());
        if (sides.left.empty() && sides.right.empty()) return context.forget();
        // When all that is there now has gone.
        timestamp next = time_lowest;
        if (!sides.left.empty()) next = std::max(next, sides.left.back().due);
        if (!sides.right.empty()) next = std::max(next, sides.right.back().due);
        sides.wakes_at = std::max(next, now + one_tick);
        context.set_timer(sides.wakes_at);
    }

  private:
    template <std::size_t Input> static auto& side(sides_type& sides) noexcept {
        if constexpr (Input == 0) {
            return sides.left;
        } else {
            return sides.right;
        }
    }
    // How far after a record of the side its partners may lie.
    template <std::size_t Input> [[nodiscard]] duration reach() const noexcept {
        return Input == 0 ? how_.hi : -how_.lo;
    }
    template <std::size_t Input> static constexpr bool kept_alone = Input == 0 ? Kind::keeps_left : Kind::keeps_right;

    template <std::size_t Input>
    void emit_pair(result_type&& pair, timestamp time, const stamp_view& at, std::uint32_t index) {
        this->out.push_caused_by(Input, std::move(pair), time, at, index);
    }

    // Those of a side that found no partner, and from now on cannot.
    template <std::size_t Input> void collect_alone(sides_type& sides, timestamp now) {
        auto& rows = side<Input>(sides);
        std::size_t place = 0;
        for (auto* each = rows.begin(); each != rows.end(); ++each, ++place) {
            if (this->no_later(saturating_add(each->time, reach<Input>())) > now) break;
            if (each->due != now || each->paired) continue;
            each->paired = true;
            found_.push_back({each->order, place});
        }
    }
    template <class Context> void emit_alone(Context& context, sides_type& sides, std::size_t lefts) {
        std::size_t left = 0;
        std::size_t right = lefts;
        // Each side is in the order of times; results are in the order of turns.
        std::sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(lefts));
        std::sort(found_.begin() + static_cast<std::ptrdiff_t>(lefts), found_.end());
        while (left < lefts || right < found_.size()) {
            const bool left_first =
                right == found_.size() || (left < lefts && found_[left].first < found_[right].first);
            if (left_first) {
                if constexpr (Kind::keeps_left) {
                    context.emit(result_type{left_result{sides.left.begin()[found_[left].second].record}, {}});
                }
                ++left;
            } else {
                if constexpr (Kind::keeps_right) {
                    context.emit(result_type{{}, right_result{sides.right.begin()[found_[right].second].record}});
                }
                ++right;
            }
        }
    }
    template <std::size_t Input> [[nodiscard]] auto& spare() noexcept { return std::get<Input>(spare_); }

    description_type how_;
    std::vector<std::pair<std::uint64_t, std::size_t>> found_;  // order and place
    std::tuple<std::vector<typename interval_rows<Left>::storage>, std::vector<typename interval_rows<Right>::storage>>
        spare_;
};

}  // namespace weir::detail
