// SPDX-License-Identifier: Apache-2.0
// What the running stages of two keyed streams share: each side's key and late output, records taken in turn, and the
// timers of process.
#pragma once
#include <string>
#include <tuple>
#include <utility>

#include <weir/operators/process.hpp>

namespace weir::detail {

enum class verdict : std::uint8_t { taken, late, in_no_window };

// Derived has take<Input>(context, state, record, stamp), which keeps or emits what comes of a record that is taken,
// and wake(context, state) for a timer.
template <class Derived, class Left, class Right, class LeftKey, class RightKey, class State, class Out>
class keyed_pair_core
    : public process_core<std::remove_cvref_t<std::invoke_result_t<const LeftKey&, const Left&>>, Left, State, Out> {
  public:
    using key_type = std::remove_cvref_t<std::invoke_result_t<const LeftKey&, const Left&>>;
    using core = process_core<key_type, Left, State, Out>;

    outlet<Right> late_right;

    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&this->out, &this->late, &late_right}; }

    template <std::size_t Input, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        const auto take = [this](auto&& value, const stamp_view& at, const auto& find) {
            this->fire_below(at.watermark(), due_);
            const verdict said = self().template judge<Input>(std::as_const(value), at);
            if (said == verdict::in_no_window) {
                ++this->counts.filtered;
                return;
            }
            if (said == verdict::late) {
                ++this->counts.late;
                auto& refused = late_of<Input>();
                if (!refused.to.empty()) refused.push_same(std::forward<decltype(value)>(value), at);
                return;
            }
            ++this->counts.accepted;
            auto& entry = find(std::get<Input>(keys_)(std::as_const(value)), [] { return State{}; });
            this->for_record(entry, at, [&](auto& context, State& state) {
                self().template take<Input>(context, state, std::forward<decltype(value)>(value), at);
            }, due_);
        };
        const auto& key = std::get<Input>(keys_);
        std::get<Input>(groups_).run(*this, records, begin, end, steps, this->store(), key, take, [](const auto&) {});
    }
    void advance(const mark& progress) override {
        this->fire_below(progress.watermark, due_);
        this->out.flush(&progress);
        this->late.flush(&progress);
        late_right.flush(&progress);
    }

    // A stage with windows has its own.
    template <std::size_t, class Record>
    [[nodiscard]] verdict judge(const Record&, const stamp_view& at) const {
        return at.time() < at.watermark() ? verdict::late : verdict::taken;
    }

    [[nodiscard]] std::string why_not_storable() const override {
        if (storable<key_type> && storable<State>) return {};
        return std::string(Derived::kind) + ": records of this type cannot be stored: describe them with "
                                            "BOOST_DESCRIBE_STRUCT";
    }
    [[nodiscard]] std::string schema() const override {
        return "struct{key:" + tag_if_known<key_type>() + ",by:" + self().text() + ",left:" + tag_if_known<Left>() +
               ",right:" + tag_if_known<Right>() + "}";
    }
    // Other records, or another interval, would have another state.
    [[nodiscard]] std::string adopt_schema(std::string_view was, const migration_rules& rules) override {
        return stage::adopt_schema(was, rules);
    }

  protected:
    template <std::size_t Input> [[nodiscard]] const auto& key_of() const noexcept { return std::get<Input>(keys_); }

    keyed_pair_core(const LeftKey& left, const RightKey& right, const stage_site& site)
        : core(true, site), keys_(left, right) {}

    // No timer is at the highest time: what would be due there is when all input has ended.
    [[nodiscard]] static timestamp no_later(timestamp at) noexcept { return std::min(at, time_highest - one_tick); }

  private:
    // What process calls when a key's timer is due.
    struct when_due {
        keyed_pair_core* stage;
        template <class Context> void operator()(Context& context, const key_type&, State& state) const {
            stage->self().wake(context, state);
        }
    };
    [[nodiscard]] Derived& self() noexcept { return static_cast<Derived&>(*this); }
    [[nodiscard]] const Derived& self() const noexcept { return static_cast<const Derived&>(*this); }
    template <std::size_t Input> [[nodiscard]] auto& late_of() noexcept {
        if constexpr (Input == 0) {
            return this->late;
        } else {
            return late_right;
        }
    }

    const when_due due_{this};
    std::tuple<LeftKey, RightKey> keys_;
    std::tuple<keyed_groups<typename core::store_type, Left>, keyed_groups<typename core::store_type, Right>> groups_;
};

}  // namespace weir::detail
