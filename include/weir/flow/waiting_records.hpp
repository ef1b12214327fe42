// SPDX-License-Identifier: Apache-2.0
// What waited at the gates in front of a node when a checkpoint was taken, on its way to where it waits in a run with
// another number of threads: at the instance that its key, or its origin, belongs to now.
//
// A record's turn says where it comes among all others, so it does not matter on which channel it came. At each gate
// what is taken back is one channel more, in turn, behind which nothing follows. All the same nothing overtakes it: the
// other channels may only have passed it when they say so again.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <weir/flow/node.hpp>
#include <weir/record/schema.hpp>

namespace weir {

// How the records that wait are written: with one thread they wait as they came to the stage, before the fused steps;
// from an exchange they come behind them.
enum class waiting_form { before_steps, behind_steps };

class waiting_records {
  public:
    explicit waiting_records(std::size_t instances) : at_(instances) {}
    waiting_records(const waiting_records&) = delete;
    waiting_records& operator=(const waiting_records&) = delete;
    virtual ~waiting_records() = default;

    // The tag of such records (record/schema.hpp).
    [[nodiscard]] virtual std::string schema(waiting_form form) const = 0;
    // Takes what one channel held, as gate_channel::save_held has written it.
    virtual void add(binary_reader& reader, waiting_form form) = 0;
    [[nodiscard]] bool any_at(std::size_t instance) const noexcept { return !at_[instance].empty(); }
    // Moves what waits at an instance there, in turn, with the mark behind which nothing follows. Once. O(n log n).
    virtual void move_to(std::size_t instance, receiver& to) = 0;
    // What the steps added and dropped: in and filtered of the node's ledger.
    [[nodiscard]] const ledger& counts() const noexcept { return counts_; }

  protected:
    struct waiting {
        stamp at;
        bool timed = false;
        std::size_t record = 0;  // its number
    };
    [[nodiscard]] std::size_t instances() const noexcept { return at_.size(); }
    static std::uint64_t load_count(binary_reader& reader);
    void keep(std::size_t instance, const stamp_view& at, std::size_t record);
    [[nodiscard]] const std::vector<waiting>& in_turn(std::size_t instance);

    ledger counts_;

  private:
    std::vector<std::vector<waiting>> at_;
};

namespace detail {

// Which worker of several a record goes to, and by what.
template <class Pick, class V>
inline constexpr bool picks_by_key = requires(const Pick& pick, const V& value) { pick.head(value); };
template <class Pick, class V>
[[nodiscard]] std::size_t picked(const Pick& pick, const V& value, const stamp_view& at, std::size_t workers) {
    if constexpr (picks_by_key<Pick, V>) {
        return Pick::worker_of(pick.head(value), workers);
    } else {
        return pick(value, at, workers);
    }
}

inline constexpr const char* waiting_cannot_be_stored =
    "a held record of this type cannot be stored: describe it with BOOST_DESCRIBE_STRUCT";

// A record that waits, with its whole stamp.
template <class U> void save_waiting(const chunk<U>& records, std::size_t index, binary_writer& writer) {
    save(writer, records.stamps.timed());
    save(writer, records.stamps.time(index));
    records.stamps.at(index).save(writer);
    if constexpr (storable<U>) {
        save(writer, records[index]);
    } else {
        throw error(error_kind::state, waiting_cannot_be_stored);
    }
}
// Adds it to an empty chunk.
template <class U> void load_waiting(chunk<U>& to, binary_reader& reader) {
    const auto timed = load<bool>(reader);
    stamp at;
    at.load(reader);
    to.stamps.push(at, timed);
    if constexpr (storable<U>) {
        to.push(load<U>(reader));
    } else {
        throw error(error_kind::state, waiting_cannot_be_stored);
    }
}

// U comes to the stage, V behind the steps.
template <class U, class V, class Chain, class Pick>
class waiting_records_of final : public waiting_records {
  public:
    waiting_records_of(std::size_t instances, const Chain& steps, Pick pick)
        : waiting_records(instances), steps_(steps), pick_(std::move(pick)) {}

    [[nodiscard]] std::string schema(waiting_form form) const override {
        return form == waiting_form::before_steps ? tag_if_known<U>() : tag_if_known<V>();
    }
    void add(binary_reader& reader, waiting_form form) override {
        if (form == waiting_form::before_steps) {
            add_through<U>(reader, steps_);
        } else {
            add_through<V>(reader, chain<>{});
        }
    }
    void move_to(std::size_t instance, receiver& to) override {
        constexpr mark nothing_follows = mark::end();
        chunk<V> records;
        for (const waiting& each : in_turn(instance)) {
            const bool other = !records.empty() && records.stamps.timed() != each.timed;
            if (other || records.size() == moved_together) to.receive(&records, nullptr);
            records.push(std::move(records_[each.record]));
            records.stamps.push(each.at, each.timed);
        }
        to.receive(&records, &nothing_follows);
    }

  private:
    static constexpr std::size_t moved_together = 1024;

    template <class From, class Steps> void add_through(binary_reader& reader, const Steps& steps) {
        chunk<From> one;
        for (std::uint64_t count = load_count(reader); count > 0; --count) {
            one.clear();
            load_waiting(one, reader);
            one.movable = true;
            const auto pass = pass_through(one, 0, 1, steps, [this](auto&& value, const stamp_view& at) {
                keep(picked(pick_, std::as_const(value), at, instances()), at, records_.size());
                records_.emplace_back(std::forward<decltype(value)>(value));
            });
            counts_.in += pass.expanded;
            counts_.filtered += pass.filtered;
        }
    }

    [[no_unique_address]] Chain steps_;
    Pick pick_;
    std::vector<V> records_;
};

}  // namespace detail
}  // namespace weir
