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
#include <weir/operators/process.hpp>
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

template <class Key, class Left, class Right, class LeftKey, class RightKey, class Kind>
using interval_join_core = process_core<
    Key, Left, interval_sides<Left, Right>,
    joined<std::conditional_t<Kind::keeps_right, std::optional<Left>, Left>,
           std::conditional_t<Kind::keeps_left, std::optional<Right>, Right>>>;

template <class Key, class Left, class Right, class LeftKey, class RightKey, class Kind>
class interval_join_stage final : public interval_join_core<Key, Left, Right, LeftKey, RightKey, Kind> {
  public:
    static constexpr unsigned outlet_count = 3;
    using core = interval_join_core<Key, Left, Right, LeftKey, RightKey, Kind>;
    using description_type = interval_description<Kind>;
    using sides_type = interval_sides<Left, Right>;
    using left_result = std::conditional_t<Kind::keeps_right, std::optional<Left>, Left>;
    using right_result = std::conditional_t<Kind::keeps_left, std::optional<Right>, Right>;
    using result_type = joined<left_result, right_result>;

    outlet<Right> late_right;

    interval_join_stage(const LeftKey& left, const RightKey& right, const description_type& description,
                        const stage_site& site)
        : core(true, site), left_key_(left), right_key_(right), how_(description) {}

    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&this->out, &this->late, &late_right}; }

    template <std::size_t Input, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        const auto take = [this](auto&& value, const stamp_view& at, const auto& find) {
            this->fire_below(at.watermark(), due_);
            if (at.time() < at.watermark()) {
                ++this->counts.late;
                if constexpr (Input == 0) {
                    if (!this->late.to.empty()) this->late.push_same(std::forward<decltype(value)>(value), at);
                } else {
                    if (!late_right.to.empty()) late_right.push_same(std::forward<decltype(value)>(value), at);
                }
                return;
            }
            ++this->counts.accepted;
            auto& entry = find(key_of<Input>(std::as_const(value)), [] { return sides_type{}; });
            this->for_record(entry, at, [&](auto& context, sides_type& sides) {
                pair<Input>(context, sides, std::forward<decltype(value)>(value), at);
            }, due_);
        };
        const auto key = [this](const auto& value) -> decltype(auto) { return this->template key_of<Input>(value); };
        std::get<Input>(groups_).run(*this, records, begin, end, steps, this->store(), key, take, [](const auto&) {});
    }
    void advance(const mark& progress) override {
        this->fire_below(progress.watermark, due_);
        this->out.flush(&progress);
        this->late.flush(&progress);
        late_right.flush(&progress);
    }

    [[nodiscard]] std::string why_not_storable() const override {
        return storable<Key> && storable<sides_type>
                   ? std::string{}
                   : std::string("interval_join: records of this type cannot be stored: describe them with "
                                 "BOOST_DESCRIBE_STRUCT");
    }
    [[nodiscard]] std::string schema() const override {
        return "struct{key:" + tag_if_known<Key>() + ",pairs:" + how_.text() + ",left:" + tag_if_known<Left>() +
               ",right:" + tag_if_known<Right>() + "}";
    }
    [[nodiscard]] std::string adopt_schema(std::string_view was, const migration_rules& rules) override {
        return stage::adopt_schema(was, rules);
    }

  private:
    // What process calls when a key's timer is due.
    struct when_due {
        interval_join_stage* self;
        template <class Context> void operator()(Context& context, const Key&, sides_type& sides) const {
            self->wake(context, sides);
        }
    };
    template <std::size_t Input, class T> [[nodiscard]] decltype(auto) key_of(const T& value) const {
        if constexpr (Input == 0) {
            return left_key_(value);
        } else {
            return right_key_(value);
        }
    }
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

    // No timer is at the highest time: what would be due there is when all input has ended.
    [[nodiscard]] static timestamp no_later(timestamp at) noexcept { return std::min(at, time_highest - one_tick); }

    template <std::size_t Input, class Context, class V>
    void pair(Context& context, sides_type& sides, V&& value, const stamp_view& at) {
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
        const timestamp last = no_later(saturating_add(at.time(), reach<Input>()));
        const bool waits = kept_alone<Input> && found_.empty();
        const std::uint64_t order = sides.taken++;
        if (last < watermark && !waits) {
            if (sides.left.empty() && sides.right.empty()) context.forget();
            return;
        }
        const timestamp due = no_later(std::max(last, watermark));
        own.insert({at.time(), due, order, !found_.empty(), own_type(std::forward<V>(value))}, spare<Input>());
        if (waits) context.set_timer(due);
        if (sides.wakes_at == time_highest) {
            sides.wakes_at = due;
            context.set_timer(due);
        }
    }

    template <std::size_t Input>
    void emit_pair(result_type&& pair, timestamp time, const stamp_view& at, std::uint32_t index) {
        this->out.push_caused_by(Input, std::move(pair), time, at, index);
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
    // Those of a side that found no partner, and from now on cannot.
    template <std::size_t Input> void collect_alone(sides_type& sides, timestamp now) {
        auto& rows = side<Input>(sides);
        std::size_t place = 0;
        for (auto* each = rows.begin(); each != rows.end(); ++each, ++place) {
            if (no_later(saturating_add(each->time, reach<Input>())) > now) break;
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

    LeftKey left_key_;
    RightKey right_key_;
    description_type how_;
    const when_due due_{this};
    std::vector<std::pair<std::uint64_t, std::size_t>> found_;  // order and place
    std::tuple<std::vector<typename interval_rows<Left>::storage>, std::vector<typename interval_rows<Right>::storage>>
        spare_;
    std::tuple<keyed_groups<typename core::store_type, Left>, keyed_groups<typename core::store_type, Right>> groups_;
};

}  // namespace weir::detail
