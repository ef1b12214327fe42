// SPDX-License-Identifier: Apache-2.0
// sort_by_time(): the records in order of (time, turn), each when the watermark has passed its time; its time is its
// new watermark. Late records (time < watermark) go to the late side output. What waits is bounded by the disorder
// that event_time allows. O(log n) per record.
#pragma once
#include <algorithm>

#include <weir/operators/into.hpp>
#include <weir/record/schema.hpp>

namespace weir {
namespace detail {

template <class T>
class sort_by_time_stage final : public stage {
  public:
    outlet<T> out;
    outlet<T> late;
    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out, &late}; }
    [[nodiscard]] timestamp next_due() const override { return heap_.empty() ? time_highest : heap_.front().at.time; }

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        take_records(*this, records, begin, end, steps, [this](auto&& value, const stamp_view& at) {
            if (at.time() < at.watermark()) {
                ++counts.late;
                if (!late.to.empty()) late.push_same(std::forward<decltype(value)>(value), at);
                return;
            }
            ++counts.accepted;
            heap_.push_back({at.full(), T(std::forward<decltype(value)>(value))});
            std::push_heap(heap_.begin(), heap_.end(), later);
        });
    }
    void advance(const mark& progress) override {
        while (!heap_.empty() && (heap_.front().at.time < progress.watermark || progress.ended())) {
            std::pop_heap(heap_.begin(), heap_.end(), later);
            waiting first = std::move(heap_.back());
            heap_.pop_back();
            sequence_ = first.at.time == last_ ? sequence_ + 1 : 0;
            last_ = first.at.time;
            ++counts.results;
            out.push_triggered(std::move(first.record), last_, 0, {}, sequence_);
        }
        out.flush(&progress);
        late.flush(&progress);
    }
    // All that waits is one image: mostly it has come and gone between two checkpoints.
    [[nodiscard]] std::string why_not_storable() const override {
        return storable<T> ? std::string{} : std::string(cannot_be_stored);
    }
    [[nodiscard]] std::string schema() const override { return "struct{record:" + tag_if_known<T>() + "}"; }
    void save_shard(unsigned, binary_writer& writer) const override {
        if constexpr (storable<T>) {
            save(writer, std::uint64_t{heap_.size()});
            for (const waiting& each : heap_) {
                each.at.save(writer);
                save(writer, each.record);
            }
            save(writer, last_);
            save(writer, sequence_);
            counts.save(writer);
        } else {
            throw error(error_kind::state, cannot_be_stored);
        }
    }
    void load_shard(unsigned, binary_reader& reader) override {
        if constexpr (storable<T>) {
            for (auto count = load<std::uint64_t>(reader); count > 0; --count) {
                stamp at;
                at.load(reader);
                heap_.push_back({std::move(at), load<T>(reader)});
            }
            std::make_heap(heap_.begin(), heap_.end(), later);
            load(reader, last_);
            load(reader, sequence_);
            counts.load(reader);
        }
    }

  private:
    static constexpr const char* cannot_be_stored =
        "sort_by_time: records of this type cannot be stored: describe them with BOOST_DESCRIBE_STRUCT";

    struct waiting {
        stamp at;
        T record;
    };
    static bool later(const waiting& left, const waiting& right) {
        return left.at.time != right.at.time ? left.at.time > right.at.time : left.at.at > right.at.at;
    }
    std::vector<waiting> heap_;
    timestamp last_ = time_lowest;
    std::uint64_t sequence_ = 0;
};

template <class S>
class sort_by_time_node final : public node {
  public:
    using value_type = typename S::value_type;
    using upstream_type = typename S::upstream_type;
    using running = sort_by_time_stage<value_type>;

    sort_by_time_node(stage_name name, S source)
        : node("sort_by_time", std::move(name), spread::single), source_(std::move(source)) {
        add_input(source_.input());
    }
    [[nodiscard]] unsigned outlet_count() const override { return 2; }
    [[nodiscard]] bool keeps_state() const override { return true; }
    [[nodiscard]] bool reads_turns() const override { return true; }
    [[nodiscard]] bool results_follow_causes() const override { return false; }
    [[nodiscard]] bool waits_for_watermark(unsigned outlet) const override { return outlet == 0; }
    [[nodiscard]] bool late_outlet(unsigned outlet) const override { return outlet == 1; }
    [[nodiscard]] bool single_use() const override { return !std::is_copy_constructible_v<value_type>; }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site&) const override { return std::make_unique<running>(); }
    void attach(std::size_t, outlet_base& from, stage& to, std::size_t channel, gate* merging) const override {
        auto& typed = make_inlet<0, upstream_type>(static_cast<running&>(to), source_.steps(), channel,
                                                   to.channel_count(), merging, true);
        static_cast<outlet<upstream_type>&>(from).to.push_back(&typed);
    }
    [[nodiscard]] router make_router(std::size_t, outlet_base& from, std::vector<channel_sender*> to) const override {
        auto counts = std::make_shared<ledger>();
        auto made = std::make_unique<exchange_router<upstream_type, value_type, typename S::chain_type, pick_first<S>>>(
            from, source_.steps(), pick_first<S>{}, std::move(to), counts);
        static_cast<outlet<upstream_type>&>(from).to.push_back(made.get());
        return {std::move(made), counts};
    }
    [[nodiscard]] std::unique_ptr<receiver> make_receiver(std::size_t, stage& to, std::size_t channel,
                                                          gate* merging) const override {
        auto& typed = make_inlet<0, value_type>(static_cast<running&>(to), chain<>{}, channel, to.channel_count(),
                                                merging, false);
        return receive_into(typed);
    }
    [[nodiscard]] std::unique_ptr<waiting_records> make_waiting(std::size_t, std::size_t instances) const override {
        return std::make_unique<
            waiting_records_of<upstream_type, value_type, typename S::chain_type, pick_first<S>>>(
            instances, source_.steps(), pick_first<S>{});
    }

  private:
    S source_;
};

}  // namespace detail

struct sort_by_time_operation : stage_operation {
    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>, "sort_by_time takes a plain stream: put it before weir::key_by(...)");
            return rejected_stream{};
        } else if constexpr (S::time != timing::event) {
            static_assert(detail::unsupported<S>,
                          "sort_by_time needs event time: put weir::event_time(...) behind the source");
            return rejected_stream{};
        } else {
            using value = typename S::value_type;
            auto columns = source.columns();
            return stream<stream_port<value, in_turn, timing::event, value>>{
                std::make_shared<detail::sort_by_time_node<S>>(std::move(name), std::move(source)), 0, {},
                std::move(columns)};
        }
    }
};

[[nodiscard]] inline auto sort_by_time() { return sort_by_time_operation{}; }

}  // namespace weir
