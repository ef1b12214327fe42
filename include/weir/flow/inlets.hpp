// SPDX-License-Identifier: Apache-2.0
// The inlets of a stage: its input loop, reached directly, or through a gate that merges channels by turn.
// A stage has `template <std::size_t Input, class U, class Chain> void run(chunk<U>&, begin, end, const Chain&)`. One
// that can take several records with a mark behind each in one loop also has run_each(chunk<U>&, last mark, steps).
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include <weir/base/fifo.hpp>
#include <weir/flow/gate.hpp>
#include <weir/flow/metered_inlet.hpp>
#include <weir/flow/node.hpp>
#include <weir/flow/waiting_records.hpp>
#include <weir/record/schema.hpp>

namespace weir::detail {

// A stage whose run is more than its own work measures that itself.
template <class Stage> inline constexpr bool measures_itself = requires { Stage::measures_itself; };

template <class Stage, std::size_t Input, class U, class Chain>
class direct_inlet final : public inlet<U> {
  public:
    direct_inlet(Stage& to, const Chain& steps, std::size_t channel, bool only, bool counted)
        : to_(to), steps_(steps), channel_(channel), only_(only), counted_(counted) {
        if constexpr (requires { Stage::reads_marks; }) this->reads_marks = Stage::reads_marks;
    }

    void receive(chunk<U>& records, const mark* progress) override {
        if (const std::size_t size = records.size(); size != 0) {
            if (counted_) to_.counts.in += size;
            to_.template run<Input>(records, 0, size, steps_);
        }
        if (progress != nullptr) {
            if (only_) {
                to_.advance(*progress);
            } else {
                to_.mark_channel(channel_, *progress);
            }
        }
    }
    void receive_each(chunk<U>& records, const mark& last) override {
        if (!only_) return inlet<U>::receive_each(records, last);
        const std::size_t size = records.size();
        if (counted_) to_.counts.in += size;
        if constexpr (requires { to_.template run_each<Input>(records, last, steps_); }) {
            to_.template run_each<Input>(records, last, steps_);
        } else {
            for (std::size_t i = 0; i < size; ++i) {
                to_.template run<Input>(records, i, i + 1, steps_);
                to_.advance(records.stamps.behind(i, size, last));
            }
        }
    }

  private:
    Stage& to_;
    [[no_unique_address]] Chain steps_;
    std::size_t channel_;
    bool only_;
    bool counted_;
};

template <class Stage, std::size_t Input, class U, class Chain>
class gated_inlet final : public inlet<U>, public gate_channel {
  public:
    gated_inlet(Stage& to, const Chain& steps, gate& in_turn, bool counted, key_sampler<U> sampler)
        : to_(to), steps_(steps), gate_(in_turn), counted_(counted), sampler_(std::move(sampler)) {
        gate_channel::input = Input;
    }

    void receive(chunk<U>& records, const mark* announced) override {
        if (!records.empty()) {
            if (counted_) to_.counts.in += records.size();
            gate_.held_changed(static_cast<std::int64_t>(records.size()));
            keep(records);
        }
        if (announced != nullptr) progress = std::max(progress, *announced);
        gate_.pump();
    }

    [[nodiscard]] bool has_record() const override { return !held_.empty(); }
    [[nodiscard]] mark head() const override { return held_.front()->stamps.head(next_); }
    [[nodiscard]] turn next_turn() const override { return held_.front()->stamps.at(next_); }
    [[nodiscard]] std::uint64_t held() const override {
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < held_.size(); ++i) count += held_[i]->size();
        return count - next_;
    }
    void deliver_first() override {
        deliver(next_ + 1);
    }
    void deliver_below(const mark& limit) override {
        const chunk<U>& records = *held_.front();
        std::size_t end = next_ + 1;
        while (end < records.size() && records.stamps.head(end) < limit) ++end;
        deliver(end);
    }
    [[nodiscard]] std::string why_not_storable() const override {
        return storable<U> ? std::string{} : std::string(waiting_cannot_be_stored);
    }
    [[nodiscard]] std::string schema() const override { return tag_if_known<U>(); }
    void save_held(binary_writer& writer) const override {
        save(writer, progress.watermark);
        save(writer, progress.from.number);
        save(writer, progress.position);
        save(writer, held());
        std::size_t begin = next_;
        for (std::size_t each = 0; each < held_.size(); ++each) {
            const auto& records = held_[each];
            for (std::size_t i = begin; i < records->size(); ++i) {
                save_waiting(*records, i, writer);
            }
            begin = 0;
        }
    }
    void load_held(binary_reader& reader) override {
        load(reader, progress.watermark);
        load(reader, progress.from.number);
        load(reader, progress.position);
        auto count = load<std::uint64_t>(reader);
        gate_.held_changed(static_cast<std::int64_t>(count));
        for (; count > 0; --count) {
            auto records = fresh();
            load_waiting(*records, reader);
            held_.push(std::move(records));
        }
    }

  private:
    std::unique_ptr<chunk<U>> fresh() {
        if (spare_.empty()) return std::make_unique<chunk<U>>();
        auto records = std::move(spare_.back());
        spare_.pop_back();
        return records;
    }
    void keep(chunk<U>& records) {
        auto kept = fresh();
        if (records.movable) {
            kept->take(records);  // the producer goes on with the recycled buffer
            held_.push(std::move(kept));
            return;
        }
        if constexpr (std::is_copy_constructible_v<U>) {
            kept->copy(records);
            held_.push(std::move(kept));
        } else {
            throw error(error_kind::configuration, "records that cannot be copied are used by two consumers");
        }
    }
    void deliver(std::size_t end) {
        chunk<U>& records = *held_.front();
        records.movable = true;
        const std::size_t begin = std::exchange(next_, end);
        gate_.held_changed(static_cast<std::int64_t>(begin) - static_cast<std::int64_t>(end));
        if (end == records.size()) {
            auto done = held_.pop();
            next_ = 0;
            run(*done, begin, end);
            done->clear();
            spare_.push_back(std::move(done));
        } else {
            run(records, begin, end);
        }
    }
    void run(chunk<U>& records, std::size_t begin, std::size_t end) {
        if (to_.meter == nullptr || measures_itself<Stage>) return to_.template run<Input>(records, begin, end, steps_);
        sample_keys_of(records, begin, end, sampler_, *to_.meter);
        const auto began = to_.meter->begin();
        to_.template run<Input>(records, begin, end, steps_);
        to_.meter->end(began, end - begin);
    }

    Stage& to_;
    [[no_unique_address]] Chain steps_;
    gate& gate_;
    bool counted_;
    key_sampler<U> sampler_;
    fifo<std::unique_ptr<chunk<U>>> held_;
    std::vector<std::unique_ptr<chunk<U>>> spare_;
    std::size_t next_ = 0;
};

template <std::size_t Input, class U, class Stage, class Chain>
inlet<U>& make_inlet(Stage& to, const Chain& steps, std::size_t channel, std::size_t channels, gate* in_turn,
                     bool counted, key_sampler<U> sampler = {}) {
    if (in_turn != nullptr) {
        auto made = std::make_unique<gated_inlet<Stage, Input, U, Chain>>(to, steps, *in_turn, counted,
                                                                          std::move(sampler));
        in_turn->add(*made);
        inlet<U>& result = *made;
        to.adopt(std::move(made));
        return result;
    }
    auto made = std::make_unique<direct_inlet<Stage, Input, U, Chain>>(to, steps, channel, channels == 1, counted);
    inlet<U>& result = *made;
    to.adopt(std::move(made));
    if (to.meter == nullptr || measures_itself<Stage>) return result;
    auto metered = std::make_unique<metered_inlet<U>>(result, *to.meter, std::move(sampler));
    inlet<U>& outer = *metered;
    to.adopt(std::move(metered));
    return outer;
}

// The consumer's end of an exchange, on top of an inlet.
template <class V>
class exchange_receiver final : public receiver {
  public:
    explicit exchange_receiver(inlet<V>& to) : to_(to) {}
    void receive(chunk_base* records, const mark* progress) override {
        if (records == nullptr) {
            nothing_.clear();
            to_.receive(nothing_, progress);
            return;
        }
        auto& typed = static_cast<chunk<V>&>(*records);
        typed.movable = true;
        to_.received += typed.size();
        to_.receive(typed, progress);
        typed.clear();
    }

  private:
    inlet<V>& to_;
    chunk<V> nothing_;
};

// Stands for the choice of a worker where each gets every record.
struct pick_all {};

// The producer's end: runs the fused chain, picks a worker per record, and hands chunks over with every mark.
template <class U, class V, class Chain, class Pick>
class exchange_router final : public inlet<U> {
  public:
    exchange_router(outlet_base& from, const Chain& steps, Pick pick, std::vector<channel_sender*> to,
                    std::shared_ptr<ledger> counts)
        : from_(from), steps_(steps), pick_(std::move(pick)), places_(to.size()), to_(std::move(to)),
          counts_(std::move(counts)) {
        for (std::size_t i = 0; i < to_.size(); ++i) outgoing_.push_back(std::make_unique<outlet<V>>());
        for (std::size_t i = 0; i < to_.size(); ++i) {
            hand_overs_.push_back(std::make_unique<hand_over>(*to_[i], *counts_));
            outgoing_[i]->to.push_back(hand_overs_.back().get());
        }
    }
    void receive(chunk<U>& records, const mark* progress) override {
        counts_->in += records.size();
        if (copied_as_they_are && !from_.wants_turn) {
            scatter(records);
        } else {
            push(records);
        }
        for (auto& out : outgoing_) {
            if (progress != nullptr || !out->out.empty()) out->flush(progress);
        }
    }

  private:
    static constexpr bool by_key = picks_by_key<Pick, V>;
    static constexpr bool to_all = std::is_same_v<Pick, pick_all>;
    static constexpr bool copied_as_they_are = !to_all && Chain::is_empty && std::is_same_v<U, V> &&
                                               std::is_trivially_copyable_v<V> && std::is_copy_assignable_v<V>;

    class hand_over final : public inlet<V> {
      public:
        hand_over(channel_sender& to, ledger& counts) : to_(to), counts_(counts) {}
        void receive(chunk<V>& records, const mark* progress) override {
            if (records.empty()) {
                to_.send(nullptr, progress);
                return;
            }
            counts_.results += records.size();
            auto parcel = to_.spare();
            if (parcel == nullptr) parcel = std::make_unique<chunk<V>>();
            static_cast<chunk<V>&>(*parcel).swap(records);
            to_.send(std::move(parcel), progress);
        }

      private:
        channel_sender& to_;
        ledger& counts_;
    };

    void push(chunk<U>& records) {
        for (auto& out : outgoing_) {
            out->wants_turn = from_.wants_turn;
            out->capacity = from_.capacity;
        }
        const auto pass = pass_through(records, 0, records.size(), steps_, [&](auto&& value, const stamp_view& at) {
            if constexpr (by_key) {
                const std::uint32_t head = pick_.head(std::as_const(value));
                outlet<V>& to = *outgoing_[Pick::worker_of(head, to_.size())];
                to.push_same(std::forward<decltype(value)>(value), at);
                to.out.hash_heads.push_back(head);
            } else if constexpr (to_all) {
                for (std::size_t i = 1; i < to_.size(); ++i) outgoing_[i]->push_same(std::as_const(value), at);
                outgoing_[0]->push_same(std::forward<decltype(value)>(value), at);
            } else {
                outgoing_[pick_(std::as_const(value), at, to_.size())]->push_same(std::forward<decltype(value)>(value),
                                                                                  at);
            }
        });
        counts_->in += pass.expanded;
        counts_->filtered += pass.filtered;
    }
    // The same for records that are copied as they are, to places where all of them would find room.
    void scatter(const chunk<U>& records) {
        if constexpr (copied_as_they_are) {
            const std::size_t size = records.size();
            const bool timed = records.stamps.timed();
            for (std::size_t i = 0; i < places_.size(); ++i) places_[i].prepare(outgoing_[i]->out, size, timed);
            for (std::size_t begin = 0; begin < size; begin += scattered_together) {
                const std::size_t end = std::min(size, begin + scattered_together);
                records.fetch_next_view(begin, end);
                if (timed) {
                    scatter<true>(records, begin, end);
                } else {
                    scatter<false>(records, begin, end);
                }
            }
            for (std::size_t i = 0; i < places_.size(); ++i) places_[i].complete(outgoing_[i]->out, timed);
        }
    }
    template <bool Timed> void scatter(const chunk<U>& records, std::size_t begin, std::size_t end) {
        const timestamp* times = records.stamps.times();
        const timestamp* watermarks = records.stamps.watermarks();
        place* const places = places_.data();
        const std::size_t workers = places_.size();
        // Picked first: the places are known then before they are needed, and none waits for the one before.
        std::array<std::uint32_t, scattered_together> picked;
        [[maybe_unused]] std::array<std::uint32_t, by_key ? scattered_together : 0> heads;
        for (std::size_t i = begin; i < end; ++i) {
            if constexpr (by_key) {
                heads[i - begin] = pick_.head(records[i]);
                picked[i - begin] = static_cast<std::uint32_t>(Pick::worker_of(heads[i - begin], workers));
            } else {
                const stamp_view at{records.stamps, i};
                picked[i - begin] = static_cast<std::uint32_t>(pick_(records[i], at, workers));
            }
        }
        for (std::size_t i = begin; i < end; ++i) {
            place& to = places[picked[i - begin]];
            const std::size_t next = to.next++;
            to.records[next] = records[i];
            if constexpr (by_key) to.heads[next] = heads[i - begin];
            if constexpr (Timed) {
                to.times[next] = times[i];
                to.watermarks[next] = watermarks[i];
            }
        }
    }
    static constexpr std::size_t scattered_together = 64;

    // Where the next record for a worker is written.
    struct place {
        V* records = nullptr;
        timestamp* times = nullptr;
        timestamp* watermarks = nullptr;
        std::uint32_t* heads = nullptr;
        std::size_t next = 0;

        void prepare(chunk<V>& out, std::size_t room, bool timed) {
            records = out.extend(room);
            next = 0;
            if constexpr (by_key) {
                out.hash_heads.resize(room);
                heads = out.hash_heads.data();
            }
            if (!timed) return;
            out.stamps.resize_times(room);
            times = out.stamps.times();
            watermarks = out.stamps.watermarks();
        }
        void complete(chunk<V>& out, bool timed) {
            out.shorten(next);
            if constexpr (by_key) out.hash_heads.resize(next);
            if (timed && next != 0) out.stamps.resize_times(next);
            if (timed && next == 0) out.stamps.drop_times();
        }
    };

    outlet_base& from_;
    [[no_unique_address]] Chain steps_;
    Pick pick_;
    std::vector<place> places_;          // per worker
    std::vector<channel_sender*> to_;
    std::shared_ptr<ledger> counts_;
    std::vector<std::unique_ptr<outlet<V>>> outgoing_;
    std::vector<std::unique_ptr<hand_over>> hand_overs_;
};

}  // namespace weir::detail
