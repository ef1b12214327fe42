// SPDX-License-Identifier: Apache-2.0
// named("score", map(f), budget(15ms, ...)): a map that is a stage of its own, measured record by record, and what
// becomes of a record on which f took too long (flow/budget.hpp). Stamps stay as they are, as with any map.
#pragma once
#include <optional>
#include <string>

#include <weir/flow/budget.hpp>
#include <weir/operators/map.hpp>
#include <weir/record/print.hpp>

namespace weir {
namespace detail {

template <class Miss> inline constexpr bool degrades = false;
template <class Fallback> inline constexpr bool degrades<degrade_policy<Fallback>> = true;
template <class Miss> inline constexpr bool gives_up = false;
template <class Sink> inline constexpr bool gives_up<dead_letter_policy<Sink>> = true;

template <class Record, class Out, class Function, class Miss>
class budgeted_map_stage final : public stage {
  public:
    static constexpr bool measures_itself = true;

    budgeted_map_stage(const Function& function, const stage_budget<Miss>& budget, environment& where)
        : function_(function), budget_(budget), where_(where), own_(where, budget.longest) {
        meter = &own_;
    }

    outlet<Out> out;
    outlet<bad_record> missed;
    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out, &missed}; }
    void advance(const mark& progress) override {
        out.flush(&progress);
        if constexpr (gives_up<Miss>) missed.flush(&progress);
    }
    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        take_records(*this, records, begin, end, steps, [this](auto&& value, const stamp_view& at) {
            this->take(std::forward<decltype(value)>(value), at);
        });
    }
    [[nodiscard]] std::vector<stage_note> notes() const override {
        if constexpr (degrades<Miss>) return {{"results by the fallback", fallbacks_}};
        return {};
    }
    [[nodiscard]] std::string schema() const override { return counts_only; }
    void save_shard(unsigned, binary_writer& writer) const override {
        counts.save(writer);
        save(writer, fallbacks_);
    }
    void load_shard(unsigned, binary_reader& reader) override {
        counts.load(reader);
        load(reader, fallbacks_);
    }

  private:
    template <class V> void take(V&& value, const stamp_view& at) {
        if constexpr (std::is_same_v<Miss, count_misses>) {
            const auto began = meter->begin();
            auto result = invoke_step(function_, std::forward<V>(value), at);
            meter->end(began, 1);
            emit(std::move(result), at);
        } else {
            const Record& record = value;  // which may be needed once more
            if constexpr (degrades<Miss>) {
                if (where_.ticks() < degraded_until_) return emit_fallback(record, at);
            }
            const std::uint64_t before = meter->misses;
            const auto began = meter->begin();
            auto result = invoke_step(function_, record, at);
            const std::chrono::nanoseconds took = meter->end(began, 1);
            if (meter->misses == before) return emit(std::move(result), at);
            if constexpr (degrades<Miss>) {
                degraded_until_ = later(where_.ticks(), budget_.on_miss.retry_after);
                emit_fallback(record, at);
            } else {
                give_up(record, took, at);
            }
        }
    }
    // Never, if that is further away than can be counted.
    static std::chrono::nanoseconds later(std::chrono::nanoseconds now, std::chrono::nanoseconds by) noexcept {
        return by < std::chrono::nanoseconds::max() - now ? now + by : std::chrono::nanoseconds::max();
    }
    template <class V> void emit(V&& result, const stamp_view& at) {
        ++counts.accepted;
        ++counts.results;
        out.push_same(std::forward<V>(result), at);
    }
    void emit_fallback(const Record& record, const stamp_view& at) {
        ++fallbacks_;
        emit(invoke_step(budget_.on_miss.fallback, record, at), at);
    }
    void give_up(const Record& record, std::chrono::nanoseconds took, const stamp_view& at) {
        ++counts.dead_letter;
        if (missed.to.empty()) return;
        bad_record letter;
        letter.source = name;
        if constexpr (is_printable<Record>()) letter.raw = to_text(record);
        letter.reason = "took " + to_text(took) + ", which is over its budget of " + to_text(budget_.longest);
        missed.push_same(std::move(letter), at);
    }

    Function function_;
    stage_budget<Miss> budget_;
    environment& where_;
    stage_meter own_;
    std::chrono::nanoseconds degraded_until_{std::chrono::nanoseconds::min()};
    std::uint64_t fallbacks_ = 0;
};

template <class S, class Function, class Miss>
class budgeted_map_node final : public node {
  public:
    using record_type = typename S::value_type;
    using out_type = std::remove_cvref_t<step_value<Function, record_type>>;
    using upstream_type = typename S::upstream_type;
    using running = budgeted_map_stage<record_type, out_type, Function, Miss>;

    budgeted_map_node(std::string name, S source, Function function, stage_budget<Miss> budget)
        : node("map", stage_name{std::move(name), budget.longest}, spread::per_channel), source_(std::move(source)),
          function_(std::move(function)), budget_(std::move(budget)) {
        add_input(source_.input());
    }
    [[nodiscard]] unsigned outlet_count() const override { return 2; }
    [[nodiscard]] std::string non_deterministic() const override {
        if constexpr (degrades<Miss>) {
            return "whether a result is the function's or the fallback's depends on how long the function takes";
        } else if constexpr (gives_up<Miss>) {
            return "whether there is a result depends on how long the function takes";
        } else {
            return {};
        }
    }
    [[nodiscard]] std::vector<std::shared_ptr<const node>> companions() const override {
        if constexpr (gives_up<Miss>) {
            return {dead_letter_node<typename S::port::order>(shared_from_this(), budget_.on_miss.sink)};
        } else {
            return {};
        }
    }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site& site) const override {
        return std::make_unique<running>(function_, budget_, *site.environment);
    }
    void attach(std::size_t, outlet_base& from, stage& to, std::size_t, gate*) const override {
        auto& typed =
            make_inlet<0, upstream_type>(static_cast<running&>(to), source_.steps(), 0, 1, nullptr, true);
        static_cast<outlet<upstream_type>&>(from).to.push_back(&typed);
    }
    [[nodiscard]] bool single_use() const override { return !std::is_copy_constructible_v<out_type>; }

  private:
    S source_;
    Function function_;
    stage_budget<Miss> budget_;
};

}  // namespace detail

template <class Function, class Miss>
struct budgeted_map_operation : operation {
    std::string name;
    Function function;
    stage_budget<Miss> budget;

    template <class S> auto apply(S source) const {
        using stepped = decltype(map_operation<Function>{{}, function}.apply(source));
        if constexpr (detail::is_rejected<stepped>) {
            return rejected_stream{};  // map has said why
        } else if constexpr (!replaceable<S>()) {
            static_assert(detail::unsupported<S>,
                          "degrade and dead_letter need functions that can be called with const Record&, the fallback "
                          "with the same result: the record is needed once more when the first one took too long");
            return rejected_stream{};
        } else {
            using made = detail::budgeted_map_node<S, Function, Miss>;
            using port = typename S::port;
            constexpr timing time = after_stage(port::time);
            return stream<stream_port<typename made::out_type, typename port::order, time>>{
                std::make_shared<made>(name, std::move(source), function, budget), 0};
        }
    }

  private:
    template <class S> static constexpr bool replaceable() {
        using record = typename S::value_type;
        if constexpr (std::is_same_v<Miss, count_misses>) {
            return true;
        } else if constexpr (!takes_const<Function, record>) {
            return false;
        } else if constexpr (detail::degrades<Miss>) {
            using fallback = decltype(Miss::fallback);
            if constexpr (takes_const<fallback, record>) {
                return std::is_same_v<std::remove_cvref_t<detail::step_value<fallback, record>>,
                                      std::remove_cvref_t<detail::step_value<Function, record>>>;
            }
            return false;
        } else {
            return true;
        }
    }
    template <class F, class T>
    static constexpr bool takes_const = detail::takes_record<F, const T&> || detail::takes_stamp<F, const T&>;
};

template <class Function, class Miss>
[[nodiscard]] auto named(std::string name, map_operation<Function> inner, stage_budget<Miss> budget) {
    return budgeted_map_operation<Function, Miss>{{}, std::move(name), std::move(inner.function), std::move(budget)};
}

}  // namespace weir
