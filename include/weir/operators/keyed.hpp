// SPDX-License-Identifier: Apache-2.0
// What all keyed stages share: the node that spreads records over workers by the shard of their key, and the inlet that
// computes a record's key and hash once.
#pragma once
#include <weir/flow/receiver.hpp>
#include <weir/flow/stream.hpp>
#include <weir/record/print.hpp>
#include <weir/state/key.hpp>

namespace weir::detail {

// The head of the hash goes with the record: the stage looks its key up by it.
template <class Key>
struct pick_by_key {
    Key key;
    template <class V> [[nodiscard]] std::uint32_t head(const V& value) const { return head_of(key_hash(key(value))); }
    [[nodiscard]] static std::size_t worker_of(std::uint32_t head, std::size_t workers) noexcept {
        return worker_of_shard(shard_of(std::uint64_t{head} << 32), static_cast<unsigned>(workers));
    }
};

// Which of a keyed stage's instances it is. What an instance writes down of itself, and not of a key, is read by all
// instances of a later run, which may be others: who it was tells them what of it is theirs.
class keyed_instance {
  public:
    explicit keyed_instance(const stage_site& site) noexcept : worker_(site.worker), workers_(site.workers) {}

    [[nodiscard]] bool has(unsigned shard) const noexcept { return worker_of_shard(shard, workers_) == worker_; }
    // Room for keys of its shards.
    template <class Store> void reserve(Store& store, std::uint64_t keys) const {
        const auto hash = [](unsigned shard) { return std::uint64_t{shard} << 57U; };
        unsigned first = 0;
        while (!has(first)) ++first;
        unsigned last = first;
        while (last + 1 < shard_count && has(last + 1)) ++last;
        store.reserve(static_cast<std::size_t>(keys), hash(first), hash(last) | (hash(1) - 1));
    }
    // The first of the former instances is the one whose counts the first one goes on with.
    [[nodiscard]] bool first() const noexcept { return worker_ == 0; }
    [[nodiscard]] bool among_as_many_as(const keyed_instance& other) const noexcept {
        return workers_ == other.workers_;
    }
    [[nodiscard]] bool same_place_as(const keyed_instance& other) const noexcept { return worker_ == other.worker_; }
    // Some shard is of both.
    [[nodiscard]] bool follows(const keyed_instance& former) const noexcept {
        for (unsigned shard = 0; shard < shard_count; ++shard) {
            if (has(shard) && former.has(shard)) return true;
        }
        return false;
    }
    // Of all instances one goes on with what a former one has counted.
    void save_counts(binary_writer& writer, const ledger& counts) const {
        save(writer, std::uint32_t{worker_});
        save(writer, std::uint32_t{workers_});
        counts.save(writer);
    }
    [[nodiscard]] keyed_instance load_counts(binary_reader& reader, ledger& counts) const {
        keyed_instance former = *this;
        former.worker_ = load<std::uint32_t>(reader);
        former.workers_ = load<std::uint32_t>(reader);
        if (former.worker_ >= former.workers_) {
            throw error(error_kind::state, "the snapshot is damaged: a stage's instance is none of its workers");
        }
        ledger others;
        (has(former.first_shard()) ? counts : others).load(reader);
        return former;
    }

  private:
    // At or after which its shards begin.
    [[nodiscard]] unsigned first_shard() const noexcept {
        return std::min((worker_ * shard_count + workers_ - 1) / workers_, shard_count - 1);
    }

    unsigned worker_;
    unsigned workers_;
};

// Counts the key of what comes of a record by `steps`.
template <class U, class Chain, class Key>
[[nodiscard]] key_sampler<U> sample_keys(const Chain& steps, const Key& key) {
    if constexpr (std::is_copy_constructible_v<U>) {
        return [steps, key, text = std::string{}](chunk<U>& records, std::size_t index, hot_keys& into) mutable {
            pass_through(records, index, index + 1, steps, [&](auto&& value, const stamp_view&) {
                const auto& its_key = key(std::as_const(value));
                using key_type = std::remove_cvref_t<decltype(its_key)>;
                const std::uint64_t hash = key_hash<key_type>(its_key);
                text.clear();
                if constexpr (std::is_same_v<key_type, std::string>) {
                    text = its_key;
                } else if constexpr (is_printable<key_type>()) {
                    append_text(text, its_key);
                } else {
                    append_text(text, hash);
                }
                into.add(hash, text);
            });
        };
    } else {
        return {};
    }
}

// How an input of a keyed stage is connected: on the same worker, and through an exchange.
template <std::size_t Input, class Stage, class Keyed>
void attach_keyed(const Keyed& source, outlet_base& from, stage& to, std::size_t channel, gate* merging) {
    using upstream = typename Keyed::stream_type::upstream_type;
    const auto& steps = source.source().steps();
    auto& typed = make_inlet<Input, upstream>(static_cast<Stage&>(to), steps, channel, to.channel_count(), merging,
                                              true, sample_keys<upstream>(steps, source.key()));
    static_cast<outlet<upstream>&>(from).to.push_back(&typed);
}
template <class Keyed>
[[nodiscard]] router route_keyed(const Keyed& source, outlet_base& from, std::vector<channel_sender*> to) {
    using stream_type = typename Keyed::stream_type;
    using upstream = typename stream_type::upstream_type;
    using pick = pick_by_key<typename Keyed::key_function>;
    auto counts = std::make_shared<ledger>();
    auto made = std::make_unique<
        exchange_router<upstream, typename Keyed::value_type, typename stream_type::chain_type, pick>>(
        from, source.source().steps(), pick{source.key()}, std::move(to), counts);
    static_cast<outlet<upstream>&>(from).to.push_back(made.get());
    return {std::move(made), counts};
}
template <std::size_t Input, class Stage, class Keyed>
[[nodiscard]] std::unique_ptr<receiver> receive_keyed(const Keyed& source, stage& to, std::size_t channel,
                                                      gate* merging) {
    using value_type = typename Keyed::value_type;
    auto& typed = make_inlet<Input, value_type>(static_cast<Stage&>(to), chain<>{}, channel, to.channel_count(),
                                                merging, false, sample_keys<value_type>(chain<>{}, source.key()));
    return receive_into(typed);
}

// What waited in front of it, on its way to other instances.
template <class Keyed>
[[nodiscard]] std::unique_ptr<waiting_records> wait_keyed(const Keyed& source, std::size_t instances) {
    using stream_type = typename Keyed::stream_type;
    using pick = pick_by_key<typename Keyed::key_function>;
    return std::make_unique<waiting_records_of<typename stream_type::upstream_type, typename Keyed::value_type,
                                               typename stream_type::chain_type, pick>>(
        instances, source.source().steps(), pick{source.key()});
}

// Stage: constructed from (description, site). It takes `run<0>(records, begin, end, steps)`.
template <class Keyed, class Stage, class Description>
class keyed_node final : public node {
  public:
    keyed_node(std::string kind, stage_name name, Keyed source, Description description)
        : node(std::move(kind), std::move(name), spread::keyed), source_(std::move(source)),
          description_(std::move(description)) {
        add_input(source_.source().input());
    }
    [[nodiscard]] unsigned outlet_count() const override { return Stage::outlet_count; }
    [[nodiscard]] bool order_sensitive() const override { return description_.order_sensitive(); }
    [[nodiscard]] bool reads_turns() const override { return description_.reads_turns(); }
    [[nodiscard]] bool results_follow_causes() const override { return description_.results_follow_causes(); }
    [[nodiscard]] bool waits_for_watermark(unsigned outlet) const override {
        if constexpr (requires { description_.sides_wait_for_watermark(); }) {
            if (outlet > 1) return description_.sides_wait_for_watermark();
        }
        return outlet == 0 && description_.waits_for_watermark();
    }
    [[nodiscard]] bool late_outlet(unsigned outlet) const override { return outlet == 1; }
    [[nodiscard]] std::string detail() const override {
        return "by " + source_.key_name() + (description_.text().empty() ? "" : ", " + description_.text());
    }

    [[nodiscard]] std::unique_ptr<stage> make(const stage_site& site) const override {
        return std::make_unique<Stage>(source_.key(), description_, site);
    }
    void attach(std::size_t, outlet_base& from, stage& to, std::size_t channel, gate* merging) const override {
        attach_keyed<0, Stage>(source_, from, to, channel, merging);
    }
    [[nodiscard]] router make_router(std::size_t, outlet_base& from, std::vector<channel_sender*> to) const override {
        return route_keyed(source_, from, std::move(to));
    }
    [[nodiscard]] std::unique_ptr<receiver> make_receiver(std::size_t, stage& to, std::size_t channel,
                                                          gate* merging) const override {
        return receive_keyed<0, Stage>(source_, to, channel, merging);
    }
    [[nodiscard]] std::unique_ptr<waiting_records> make_waiting(std::size_t, std::size_t instances) const override {
        return wait_keyed(source_, instances);
    }

  private:
    Keyed source_;
    Description description_;
};

}  // namespace weir::detail
