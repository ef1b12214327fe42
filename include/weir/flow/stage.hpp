// SPDX-License-Identifier: Apache-2.0
// A stage while it runs. Runners know stages only through this interface; a stage knows nothing of its runner.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <weir/flow/chain.hpp>
#include <weir/flow/channel.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/migration_rules.hpp>
#include <weir/record/state_batch.hpp>

namespace weir {

// Shards: the unit of keyed state, a fixed number of groups of keys. Shards follow the stable hash, so that a walk in
// hash order walks shard by shard.
inline constexpr unsigned shard_count = 128;
[[nodiscard]] constexpr unsigned shard_of(std::uint64_t hash) noexcept { return static_cast<unsigned>(hash >> 57); }
// The worker that owns a shard among `workers`.
[[nodiscard]] constexpr unsigned worker_of_shard(unsigned shard, unsigned workers) noexcept {
    return shard * workers / shard_count;
}

// Every input record is counted once: in = accepted + filtered + late + dead_letter + held. Outputs are counted apart.
struct ledger {
    std::uint64_t in = 0;        // records received, each as many times as flat_map made of it (once if filtered)
    std::uint64_t accepted = 0;
    std::uint64_t filtered = 0;  // by filters of the fused chain, by an empty flat_map, unpaired by join_by_origin
    std::uint64_t late = 0;
    std::uint64_t dead_letter = 0;
    std::uint64_t held = 0;
    std::uint64_t results = 0;
    std::uint64_t updates = 0;

    [[nodiscard]] bool balanced() const noexcept { return in == accepted + filtered + late + dead_letter + held; }
    ledger& operator+=(const ledger& other) noexcept {
        in += other.in, accepted += other.accepted, filtered += other.filtered, late += other.late;
        dead_letter += other.dead_letter, held += other.held, results += other.results, updates += other.updates;
        return *this;
    }
    friend bool operator==(const ledger&, const ledger&) noexcept = default;

    template <class Writer> void save(Writer& writer) const {
        for (const auto count : {in, accepted, filtered, late, dead_letter, results, updates})
            writer.write_fixed(count);
    }
    template <class Reader> void load(Reader& reader) {
        for (auto* count : {&in, &accepted, &filtered, &late, &dead_letter, &results, &updates}) {
            *count += reader.template read_fixed<std::uint64_t>();
        }
    }
};

// Something a stage counts that is no record.
struct stage_note {
    std::string name;
    std::uint64_t count = 0;
    friend bool operator==(const stage_note&, const stage_note&) = default;
};

// The schema of a stage that keeps nothing but counts for the report: it may come and go.
inline constexpr const char* counts_only = "counts";

class stage_meter;

// How much a stage has in memory.
struct state_size {
    std::uint64_t keys = 0;
    std::uint64_t bytes = 0;  // of its tables: without what records and states own elsewhere
};

class stage {
  public:
    stage() = default;
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;
    virtual ~stage() = default;

    // The smallest mark of all channels has risen to `progress`: what is due below it happens, and the mark goes on.
    virtual void advance(const mark& progress) = 0;
    // When the next trigger of this stage is due; time_highest if none is set.
    [[nodiscard]] virtual timestamp next_due() const { return time_highest; }
    [[nodiscard]] virtual std::vector<outlet_base*> outlets() { return {}; }
    // The snapshot contract. A keyed stage writes the state of one shard and adds what it reads to what it has; any
    // other stage has one image, of shard 0. Called only between chunks.
    virtual void save_shard(unsigned /*shard*/, binary_writer& /*writer*/) const {}
    virtual void load_shard(unsigned /*shard*/, binary_reader& /*reader*/) {}
    [[nodiscard]] virtual bool keyed() const { return false; }
    // Said once before a run of which checkpoints are made: from now on the stage takes note of what changes, where it
    // can. What is there, and what load_entry brings, counts as written.
    virtual void track_changes() {}
    // The same for checkpoints: what has changed since the last call, or all there is if `all`. Here: the image of
    // every shard. Stages that know what changed put an entry per key, and an image of shard 0 beside them for what has
    // no key. An entry of a key that is gone may come before its new value: the last one put counts.
    virtual void save_changes(state_batch& to, bool /*all*/) {
        for (unsigned shard = 0; shard < (keyed() ? shard_count : 1U); ++shard) {
            to.put_image(shard, [&](binary_writer& writer) { save_shard(shard, writer); });
        }
    }
    // Said before the entries of keys come: at most so many.
    virtual void expect_keys(std::uint64_t /*count*/) {}
    // Takes back an entry. They come in the order of shards and keys, an image before the keys of its shard. Of a keyed
    // stage the entry of a key goes to the instance that has its shard now, whichever had it then, and images go to all
    // instances, each to each: they say whose they are.
    virtual void load_entry(unsigned shard, binary_reader& key, binary_reader& value) {
        key.expect_end();
        load_shard(shard, value);
    }
    // Why save_shard and save_changes would throw: a sentence; empty if what the stage keeps can be stored. Known
    // before the first record.
    [[nodiscard]] virtual std::string why_not_storable() const { return {}; }
    // What it keeps, as a tag (record/schema.hpp): names and types of fields, and what of its description the state
    // depends on, such as lengths of windows. Empty if nobody knows. What was stored under another one is not loaded.
    [[nodiscard]] virtual std::string schema() const { return {}; }
    // Said before the first load_entry if the entries were written under another schema than schema(): from now on they
    // are read as such. Why they cannot be, as a sentence without its stop; empty if they can. Here: they cannot.
    [[nodiscard]] virtual std::string adopt_schema(std::string_view was, const migration_rules& rules);
    // The run is over; `complete` if nothing failed. Sinks publish here.
    virtual void finish(bool /*complete*/) {}
    // Whether this stage gives the channel that passes through it its watermark, and which that is.
    [[nodiscard]] virtual bool gives_watermarks() const { return false; }
    [[nodiscard]] virtual timestamp channel_watermark() const { return time_lowest; }
    // The channel has nothing below this any more, whatever comes.
    virtual void raise_watermark(timestamp /*to*/) {}
    // Records in this stage that have not been counted as accepted yet.
    [[nodiscard]] virtual std::uint64_t held() const { return 0; }
    [[nodiscard]] virtual std::vector<stage_note> notes() const { return {}; }
    [[nodiscard]] virtual state_size state() const { return {}; }

    // Channels of a stage that takes records as they come: its edge watermark is the minimum over them.
    void set_channel_count(std::size_t count) { channel_marks_.assign(count, mark{}); }
    [[nodiscard]] std::size_t channel_count() const noexcept { return channel_marks_.size(); }
    void mark_channel(std::size_t channel, const mark& progress) {
        if (channel_marks_.size() == 1) {
            channel_marks_[0] = progress;
            advance(progress);
            return;
        }
        channel_marks_[channel] = std::max(channel_marks_[channel], progress);
        const mark lowest = *std::min_element(channel_marks_.begin(), channel_marks_.end());
        if (lowest > lowest_) {
            lowest_ = lowest;
            advance(lowest);
        }
    }
    // The edge watermark: for planted bugs alone, lateness is a matter of a record's stamp.
    [[nodiscard]] timestamp lowest_watermark() const {
        const auto lowest = std::min_element(channel_marks_.begin(), channel_marks_.end());
        return lowest == channel_marks_.end() ? time_lowest : lowest->watermark;
    }
    void save_marks(binary_writer& writer) const {
        for (const mark& each : channel_marks_) {
            save(writer, each.watermark);
            save(writer, each.from.number);
            save(writer, each.position);
        }
    }
    void load_marks(binary_reader& reader) {
        for (mark& each : channel_marks_) {
            load(reader, each.watermark);
            load(reader, each.from.number);
            load(reader, each.position);
        }
        lowest_ = mark{};  // so that the first mark that comes is said again: whoever is behind may have forgotten it
    }
    void adopt(std::unique_ptr<inlet_base> inlet) { inlets_.push_back(std::move(inlet)); }

    ledger counts;
    std::uint32_t number = 0;
    std::string name;
    stage_meter* meter = nullptr;  // set before its inlets are made, if it is measured

  private:
    std::vector<mark> channel_marks_;
    mark lowest_{};
    std::vector<std::unique_ptr<inlet_base>> inlets_;
};

// The input loop of every stage: sends records through the fused chain and counts what flat_map adds and filters drop.
// The inlet has counted what came in; the body counts accepted and late. Returns how many came out of the chain.
template <class T, class Chain, class Body, class After>
[[gnu::always_inline]] inline std::uint64_t take_records_each(stage& self, chunk<T>& records, std::size_t begin,
                                                               std::size_t end, const Chain& steps, Body&& body,
                                                               After&& after) {
    const auto pass = detail::pass_through_each(records, begin, end, steps, body, after);
    self.counts.in += pass.expanded;
    self.counts.filtered += pass.filtered;
    return pass.emitted;
}
template <class T, class Chain, class Body>
[[gnu::always_inline]] inline std::uint64_t take_records(stage& self, chunk<T>& records, std::size_t begin,
                                                          std::size_t end, const Chain& steps, Body&& body) {
    return take_records_each(self, records, begin, end, steps, body, [](std::size_t) {});
}

}  // namespace weir
