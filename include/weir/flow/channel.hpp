// SPDX-License-Identifier: Apache-2.0
// Channels: how a running stage hands chunks to the next. An inlet is the consumer's end of one channel, an outlet the
// producer's end of all channels of one output. Handing over is one virtual call per chunk.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include <weir/base/planted_bug.hpp>
#include <weir/flow/chunk.hpp>

namespace weir {

class inlet_base {
  public:
    inlet_base() = default;
    inlet_base(const inlet_base&) = delete;
    inlet_base& operator=(const inlet_base&) = delete;
    virtual ~inlet_base() = default;

    std::uint64_t received = 0;  // records, for the ledger of edges
    bool reads_marks = true;     // else a mark without records need not be handed over
};

template <class T>
class inlet : public inlet_base {
  public:
    // Takes the chunk's records, which are in turn and not below an earlier mark of this channel, and then, if there
    // is one, the progress mark. Without a mark nothing becomes due.
    virtual void receive(chunk<T>& records, const mark* progress) = 0;
    // The same for several records of one log one by one, each with its own mark behind it (stamp_columns::behind): the
    // next one is taken when all that the one before has made due has been handed on.
    virtual void receive_each(chunk<T>& records, const mark& last) {
        const bool movable = records.movable;
        for (std::size_t i = 0; i < records.size(); ++i) {
            slice_.slice(records, i, 1);
            slice_.movable = movable;
            const mark progress = records.stamps.behind(i, records.size(), last);
            receive(slice_, &progress);
        }
    }

  private:
    chunk<T> slice_;
};

class outlet_base {
  public:
    outlet_base() = default;
    outlet_base(const outlet_base&) = delete;
    outlet_base& operator=(const outlet_base&) = delete;
    virtual ~outlet_base() = default;
    [[nodiscard]] virtual std::size_t consumer_count() const = 0;
    [[nodiscard]] virtual inlet_base& consumer(std::size_t index) = 0;

    bool wants_turn = false;     // some consumer reads turns
    bool wants_marks = true;     // some consumer reads marks
    std::size_t capacity = 1024;  // records after which a chunk is handed over
    std::uint64_t emitted = 0;    // for the ledger of edges
    std::uint32_t stage = 0;      // number of the stage that owns this outlet
};

template <class T>
class outlet final : public outlet_base {
  public:
    std::vector<inlet<T>*> to;
    chunk<T> out;

    [[nodiscard]] std::size_t consumer_count() const override { return to.size(); }
    [[nodiscard]] inlet_base& consumer(std::size_t index) override { return *to[index]; }

    // Hands the chunk under construction to every consumer, the last of which may move the records out.
    void flush(const mark* progress) {
        if (out.empty() && !wants_marks) return;
        flush_now(progress);
    }
    // The same for a chunk that belongs to somebody else, whose records may be moved out if `movable`.
    void pass(chunk<T>& records, const mark* progress, bool movable) {
        emitted += records.size();
        hand_over(records, progress, movable);
    }

    // The same one by one, through all consumers before the next.
    void pass_each(chunk<T>& records, const mark& last, bool movable) {
        if (to.size() != 1) {
            for (std::size_t i = 0; i < records.size(); ++i) {
                const mark progress = records.stamps.behind(i, records.size(), last);
                out.slice(records, i, 1);
                pass(out, &progress, movable);
            }
            out.clear();
            return;
        }
        emitted += records.size();
        to[0]->received += records.size();
        records.movable = movable && records.owns();
        to[0]->receive_each(records, last);
    }

    // Adds a result of `cause` that is no stage's own: the cause's stamp with the indices of flat_maps.
    template <class V> void push_same(V&& value, const stamp_view& cause) {
        begin(std::forward<V>(value));
        out.stamps.set_timed(cause.columns().timed());
        if (cause.columns().timed()) out.stamps.push_time(cause.time(), cause.watermark());
        if (wants_turn) {
            push_cause(cause);
            out.stamps.end_tail();
        }
    }
    // The same with a time and a watermark given to it: by event_time.
    template <class V> void push_timed(V&& value, timestamp time, timestamp watermark, const stamp_view& cause) {
        begin(std::forward<V>(value));
        out.stamps.set_timed(true);
        out.stamps.push_time(time, watermark);
        if (wants_turn) {
            push_cause(cause);
            out.stamps.end_tail();
        }
    }
    // The same, numbered: by merge with its input.
    template <class V> void push_numbered(V&& value, const stamp_view& cause, std::uint32_t number) {
        begin(std::forward<V>(value));
        out.stamps.set_timed(cause.columns().timed());
        if (cause.columns().timed()) out.stamps.push_time(cause.time(), cause.watermark());
        if (wants_turn) {
            push_cause(cause);
            out.stamps.push_tail_word(tail_word::input_of(stage, number));
            out.stamps.end_tail();
        }
    }
    // Adds a record-driven result: the cause's watermark, turn extended by (stage, index).
    template <class V> void push_caused(V&& value, timestamp time, const stamp_view& cause, std::uint32_t index) {
        begin(std::forward<V>(value));
        out.stamps.set_timed(true);
        out.stamps.push_time(time, cause.watermark());
        if (wants_turn) {
            push_cause(cause);
            out.stamps.push_tail_word(tail_word::result_of(stage, index));
            out.stamps.end_tail();
        }
    }
    // The same of a stage with several inputs: turn extended by (stage, input), then (stage, index), as such a stage
    // takes them (gate_channel::next_turn_at).
    template <class V>
    void push_caused_by(std::uint32_t input, V&& value, timestamp time, const stamp_view& cause, std::uint32_t index) {
        begin(std::forward<V>(value));
        out.stamps.set_timed(true);
        out.stamps.push_time(time, cause.watermark());
        if (wants_turn) {
            push_cause(cause);
            out.stamps.push_tail_word(tail_word::input_of(stage, input));
            out.stamps.push_tail_word(tail_word::result_of(stage, index));
            out.stamps.end_tail();
        }
    }
    // Adds a result triggered at `due`: its time and watermark are `due`.
    template <class V>
    void push_triggered(V&& value, timestamp due, std::uint64_t key_hash, std::span<const std::uint64_t> key_words,
                        std::uint64_t sequence) {
        begin(std::forward<V>(value));
        out.stamps.set_timed(true);
        out.stamps.push_time(due, due);
        if (wants_turn) {
            out.stamps.use_columns();
            out.stamps.push_place(lane::stage(stage), key_hash);
            for (const std::uint64_t word : key_words) out.stamps.push_tail_word(word);
            out.stamps.push_tail_word(sequence);
            out.stamps.end_tail();
        }
    }
    // Adds one of many results triggered at `due`, whose times are written together by complete_due. Only where nobody
    // reads turns.
    template <class V> [[gnu::always_inline]] void push_due(V&& value, timestamp due) {
        if (out.size() >= capacity) [[unlikely]] flush_due(due);
        out.push(std::forward<V>(value));
    }
    void complete_due(timestamp due) {
        if (!out.empty()) out.stamps.fill_times(out.size(), due, due);
    }
    // Adds a result whose whole stamp is known.
    template <class V> void push_stamped(V&& value, const stamp& at) {
        begin(std::forward<V>(value));
        out.stamps.set_timed(true);
        out.stamps.push_time(at.time, at.watermark());
        if (wants_turn) {
            out.stamps.use_columns();
            out.stamps.push_place(at.at.from, at.at.position);
            for (const std::uint64_t word : at.at.tail) out.stamps.push_tail_word(word);
            out.stamps.end_tail();
        }
    }

  private:
    [[gnu::noinline]] void flush_due(timestamp due) {
        complete_due(due);
        flush(nullptr);
    }
    void flush_now(const mark* progress) {
        emitted += out.size();
        if (planted(planted_bug::stamped_by_batch) && progress != nullptr && out.stamps.timed()) {
            std::fill_n(out.stamps.watermarks(), out.size(), progress->watermark);
        }
        hand_over(out, progress);
        if (!out.untouched()) out.clear();
    }
    // A full chunk goes on, without a mark, only when another record follows: the last one travels with its mark.
    template <class V> void begin(V&& value) {
        if (out.size() >= capacity) flush(nullptr);
        out.push(std::forward<V>(value));
    }
    void push_cause(const stamp_view& cause) {
        out.stamps.use_columns();
        out.stamps.push_place(cause.columns().from(cause.index()), cause.columns().position(cause.index()));
        for (const std::uint64_t word : cause.columns().tail(cause.index())) out.stamps.push_tail_word(word);
        for (const std::uint32_t step : cause.path()) out.stamps.push_tail_word(tail_word::index(step));
    }
    void hand_over(chunk<T>& records, const mark* progress, bool movable = true) {
        if (to.empty()) return;
        records.movable = false;
        for (std::size_t index = 0; index + 1 < to.size(); ++index) hand_to(*to[index], records, progress);
        records.movable = movable && records.owns();
        hand_to(*to.back(), records, progress);
    }
    static void hand_to(inlet<T>& consumer, chunk<T>& records, const mark* progress) {
        consumer.received += records.size();
        consumer.receive(records, progress);
    }
};

}  // namespace weir
