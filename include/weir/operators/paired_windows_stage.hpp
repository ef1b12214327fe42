// SPDX-License-Identifier: Apache-2.0
// The running stage of window joins and cogroups. Records, taken in turn, are kept by time; when the watermark has
// reached the end of a window, what both sides have in it is shown to the speaker, in turn, which emits what comes of
// it. State, timers and snapshots are those of process; a key has one timer, for what is due next.
#pragma once
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <weir/operators/keyed_pair_core.hpp>
#include <weir/operators/paired_windows.hpp>
#include <weir/windows/emission.hpp>
#include <weir/windows/grid.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir::detail {

// Speaker: result_type, kind, text(), and two calls that emit by emit(result):
// say(emit, key, window, left, right) at a window's end, and
// update<Input>(emit, key, window, record, left, right) for a record that came after it; left and right hold pointers
// to the side's rows in the window, in turn, with the record's.
template <class Windows, class Speaker>
struct paired_windows_description {
    Windows windows;
    Speaker speaker;
    duration lateness{};
    emission says{};

    [[nodiscard]] bool waits_for_watermark() const { return true; }
    [[nodiscard]] std::string text() const {
        const std::string which = speaker.text();
        std::string text = which + (which.empty() ? "" : " ") + windows.text();
        if (lateness > duration::zero()) text += " late " + length_text(lateness);
        return text + (says.after_lateness ? " final" : "");
    }
    void check() const {
        windows.check();
        const std::string name = Speaker::kind;
        if (lateness < duration::zero()) {
            throw error(error_kind::configuration, name + ": allowed lateness is not negative");
        }
        if (!says.at_end || says.interval > duration::zero() || says.records != 0) {
            throw error(error_kind::configuration,
                        name + ": windows of two streams speak at their end: emit::on_time or emit::final");
        }
        if (Windows::joins && Speaker::adds && lateness > duration::zero() && !says.after_lateness) {
            throw error(error_kind::configuration, name + ": a late record may join two sessions, of which one has "
                                                          "been paired already: add emit::final to allowed_lateness");
        }
    }
};

template <class Left, class Right, class LeftKey, class RightKey, class Windows, class Speaker>
class paired_windows_stage final
    : public keyed_pair_core<paired_windows_stage<Left, Right, LeftKey, RightKey, Windows, Speaker>, Left, Right,
                             LeftKey, RightKey, paired_windows<Left, Right>, typename Speaker::result_type> {
  public:
    static constexpr const char* kind = Speaker::kind;
    using description_type = paired_windows_description<Windows, Speaker>;
    using windows_type = paired_windows<Left, Right>;
    using result_type = typename Speaker::result_type;
    using key_type = typename paired_windows_stage::keyed_pair_core::key_type;

    paired_windows_stage(const LeftKey& left, const RightKey& right, const description_type& description,
                         const stage_site& site)
        : paired_windows_stage::keyed_pair_core(left, right, site), how_(description) {}

    [[nodiscard]] std::string text() const { return how_.text(); }

    // A session that refuses a record by itself takes it if it is joined with one that is still there.
    template <std::size_t Input, class Record>
    [[nodiscard]] verdict judge(const Record& record, const stamp_view& at) {
        bool accepted = false;
        bool lies_in_gap = true;
        how_.windows.windows_of(record, at.time(), [&](timestamp start, timestamp end) {
            if (start == time_lowest || end == time_highest) [[unlikely]] refuse_ends_of_time();
            own_start_ = start;
            own_end_ = end;
            lies_in_gap = false;
            accepted = accepted || is_open(end, at.watermark());
        });
        if constexpr (Windows::joins) {
            if (!accepted) [[unlikely]] {
                const auto& key = this->template key_of<Input>()(record);
                auto* const there = this->store().find(key, key_hash<key_type>(key));
                if (there != nullptr) {
                    const auto touched = there->value.first_touched(own_start_);
                    accepted = touched != there->value.windows.end() && touched->start <= own_end_;
                }
            }
        }
        if (accepted) return verdict::taken;
        const bool in_time = saturating_add(at.time(), how_.lateness) >= at.watermark();
        return lies_in_gap && in_time ? verdict::in_no_window : verdict::late;
    }

    template <std::size_t Input, class Context, class V>
    void take(Context& context, windows_type& open, V&& value, const stamp_view& at) {
        using record_type = std::conditional_t<Input == 0, Left, Right>;
        auto& own = side<Input>(open);
        const timestamp time = at.time();
        const std::uint64_t order = open.taken++;
        own.insert({time, time, order, false, record_type(std::forward<V>(value))}, std::get<Input>(spare_));
        const auto& rows = own.between(time, time);
        const record_type& record = (rows.second - 1)->record;  // the last of its time
        std::uint32_t index = 0;
        const auto take_into = [&](paired_window& window) {
            window.unsaid = true;
            window.ended = window.end <= at.watermark();
            if (!window.ended || how_.says.after_lateness) return;
            window.unsaid = false;
            gather(open, window);
            const auto emit = [&](result_type&& result) {
                ++this->counts.updates;
                this->out.push_caused_by(Input, std::move(result), window.end - one_tick, at, index++);
            };
            how_.speaker.template update<Input>(emit, context.key(), window, record, left_, right_);
        };
        if constexpr (Windows::joins) {
            take_into(open.join(own_start_, own_end_));
        } else {
            how_.windows.windows_of(record, time, [&](timestamp start, timestamp end) {
                if (is_open(end, at.watermark())) take_into(open.find_or_add(start, end));
            });
        }
        wake_for_next(context, open);
    }

    template <class Context> void wake(Context& context, windows_type& open) {
        const timestamp now = context.time();
        if (open.wakes_at <= now) open.wakes_at = time_highest;
        const auto goes = [&](paired_window& each) {
            if (due(each) > now) return false;
            if (each.unsaid) {
                gather(open, each);
                const auto emit = [&](result_type&& result) { context.emit(std::move(result)); };
                how_.speaker.say(emit, context.key(), each, left_, right_);
                each.unsaid = false;
            }
            each.ended = true;
            return gone_at(each) <= now;
        };
        open.windows.erase(std::remove_if(open.windows.begin(), open.windows.end(), goes), open.windows.end());
        // Every record is in a window that is there, or before all of them.
        const timestamp first = open.windows.empty() ? time_highest : open.windows.front().start;
        const auto gone = [&](const auto& each) { return each.time < first; };
        open.left.drop_while(gone, std::get<0>(spare_));
        open.right.drop_while(gone, std::get<1>(spare_));
        wake_for_next(context, open);
    }

  private:
    template <std::size_t Input> static auto& side(windows_type& open) noexcept {
        if constexpr (Input == 0) {
            return open.left;
        } else {
            return open.right;
        }
    }
    [[nodiscard]] bool is_open(timestamp end, timestamp watermark) const noexcept {
        return saturating_add(end, how_.lateness) > watermark;
    }
    // The time that the watermark must pass.
    [[nodiscard]] timestamp gone_at(const paired_window& each) const noexcept {
        return saturating_add(each.end, how_.lateness) - one_tick;
    }
    [[nodiscard]] timestamp due(const paired_window& each) const noexcept {
        return each.ended || how_.says.after_lateness ? gone_at(each) : each.end - one_tick;
    }
    template <class Context> void wake_for_next(Context& context, windows_type& open) {
        if (open.windows.empty()) return context.forget();
        timestamp next = time_highest;
        for (const paired_window& each : open.windows) next = std::min(next, due(each));
        if (next >= open.wakes_at) return;
        context.set_timer(next);
        open.wakes_at = next;
    }
    // What the window holds, in turn.
    void gather(windows_type& open, const paired_window& window) {
        gather_side(open.left, window, left_);
        gather_side(open.right, window, right_);
    }
    template <class Rows, class Found>
    static void gather_side(Rows& rows, const paired_window& window, Found& found) {
        found.clear();
        const auto [low, high] = rows.between(window.start, window.end - one_tick);
        for (const auto* each = low; each != high; ++each) found.push_back(each);
        const auto earlier = [](const auto* one, const auto* other) { return one->order < other->order; };
        if (!std::is_sorted(found.begin(), found.end(), earlier)) std::sort(found.begin(), found.end(), earlier);
    }
    [[noreturn]] void refuse_ends_of_time() const {
        throw error(error_kind::input, how_.windows.text() +
                                           ": a record's windows reach beyond the ends of time, the years 1677 and "
                                           "2262: correct its time, or filter it before");
    }

    description_type how_;
    timestamp own_start_{};  // of the present record's own session
    timestamp own_end_{};
    std::vector<const typename interval_rows<Left>::row*> left_;
    std::vector<const typename interval_rows<Right>::row*> right_;
    std::tuple<std::vector<typename interval_rows<Left>::storage>, std::vector<typename interval_rows<Right>::storage>>
        spare_;
};

}  // namespace weir::detail
