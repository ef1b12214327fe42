// SPDX-License-Identifier: Apache-2.0
// join_by_origin(left, right): pairs the two results that two branches made of one source record. The pair's stamp is
// that record's: its time and watermark, and its turn, then (stage, number of the pair). A result whose partner does
// not come (it was filtered or late on the other branch) is dropped when the other side has passed it, and counted as
// filtered: the wait is bounded by how far one branch runs ahead of the other. Several results of one record pair first
// with first, second with second.
#pragma once
#include <algorithm>
#include <vector>

#include <weir/base/fifo.hpp>
#include <weir/base/made_in_place.hpp>
#include <weir/base/planted_bug.hpp>
#include <weir/base/stable_hash.hpp>
#include <weir/flow/receiver.hpp>
#include <weir/flow/stream.hpp>
#include <weir/record/schema.hpp>

namespace weir {

template <class Left, class Right>
struct joined {
    Left left;
    Right right;
    friend bool operator==(const joined&, const joined&) = default;

    template <class Writer> void save(Writer& writer) const
        requires(storable<Left> && storable<Right>)
    {
        weir::save(writer, left);
        weir::save(writer, right);
    }
    template <class Reader> void load(Reader& reader)
        requires(storable<Left> && storable<Right>)
    {
        weir::load(reader, left);
        weir::load(reader, right);
    }
};

namespace detail {

// Runs of neighbouring records of a log meet on one worker.
struct pick_by_origin {
    template <class V> std::size_t operator()(const V&, const stamp_view& at, std::size_t workers) const {
        return worker_of(at.columns().from(at.index()), at.columns().position(at.index()), workers);
    }
    [[nodiscard]] static std::size_t worker_of(lane from, std::uint64_t position, std::size_t workers) noexcept {
        return static_cast<std::size_t>(mix_bits((position >> 6) + (from.number << 40))) % workers;
    }
};

template <class Left, class Right>
class join_by_origin_stage final : public stage {
  public:
    explicit join_by_origin_stage(const stage_site& site) noexcept : worker_(site.worker), workers_(site.workers) {}

    outlet<joined<Left, Right>> out;
    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out}; }

    template <std::size_t Input, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        take_records(*this, records, begin, end, steps, [this](auto&& value, const stamp_view& at) {
            newest_[Input] = at.columns().head(at.index());
            if constexpr (Input == 0) {
                left_.push(at, std::forward<decltype(value)>(value));
            } else {
                right_.push(at, std::forward<decltype(value)>(value));
            }
        });
        pair_below(std::min(newest_[0], newest_[1]));
    }
    // Both sides have passed the mark: what is older and has no partner gets none.
    void advance(const mark& progress) override {
        pair_below(progress);
        out.flush(&progress);
    }
    [[nodiscard]] std::uint64_t held() const override { return left_.size() + right_.size(); }
    // All that waits for its partner is one image: it is as much as one branch is ahead of the other. Where there are
    // other threads than there were, each instance reads the images of all, and takes what it would be sent now.
    [[nodiscard]] std::string why_not_storable() const override {
        return storable<Left> && storable<Right> ? std::string{} : std::string(cannot_be_stored);
    }
    [[nodiscard]] std::string schema() const override {
        return "struct{left:" + tag_if_known<Left>() + ",right:" + tag_if_known<Right>() + "}";
    }
    void save_shard(unsigned, binary_writer& writer) const override {
        save_side(left_, writer);
        save_side(right_, writer);
        counts.save(writer);
    }
    void load_shard(unsigned, binary_reader& reader) override {
        load_side(left_, reader);
        load_side(right_, reader);
        counts.load(reader);
    }

  private:
    static constexpr const char* cannot_be_stored =
        "join_by_origin: records of this type cannot be stored: describe them with BOOST_DESCRIBE_STRUCT";

    template <class T> struct waiting {
        template <class V> waiting(const stamp_view& at, V&& value)
            : origin{at.time(), origin_of(at)}, record(std::forward<V>(value)) {}
        waiting(stamp&& stamped, T&& value) : origin(std::move(stamped)), record(std::move(value)) {}
        stamp origin;
        T record;
    };

    // As origin_of the record's turn (time/stamp.hpp), which need not be made whole for it.
    static turn origin_of(const stamp_view& at) {
        const mark head = at.columns().head(at.index());
        turn origin{head.watermark, head.from, head.position, {}};
        for (const std::uint64_t word : at.columns().tail(at.index())) {
            if (!tail_word::of_stage(word)) origin.tail.push_back(word);
        }
        for (const std::uint32_t step : at.path()) origin.tail.push_back(tail_word::index(step));
        return origin;
    }
    // Both sides are in turn and have passed the limit, so all that comes of one source record is together.
    void pair_below(const mark& limit) {
        for (;;) {
            const mark left = head_of(left_);
            const mark right = head_of(right_);
            const mark head = std::min(left, right);
            if (!(head < limit)) return;
            if (left != right) {
                left < right ? drop_front(left_) : drop_front(right_);
            } else if (alone(left_) && alone(right_)) {
                pair_one();
            } else {
                pair_several(head);
            }
        }
    }
    template <class T> static mark head_of(const fifo<waiting<T>>& side) {
        return side.empty() ? mark::end() : side.front().origin.at.head();
    }
    // Whether the next record is the only one on its side that comes of its source record.
    template <class T> static bool alone(const fifo<waiting<T>>& side) {
        return side.size() < 2 || side[1].origin.at.head() != side.front().origin.at.head();
    }
    void pair_one() {
        if (left_.front().origin.at != right_.front().origin.at) {
            drop_front(left_);
            drop_front(right_);
            return;
        }
        emit(left_.front(), right_.front(), 0);
        left_.drop();
        right_.drop();
    }
    // Origins are not always in the order of turns: results of results may cross.
    void pair_several(const mark& head) {
        auto& left = take_of(left_, head, left_of_one_);
        auto& right = take_of(right_, head, right_of_one_);
        std::size_t l = 0;
        std::size_t r = 0;
        for (std::uint32_t number_of_pair = 0; l < left.size() && r < right.size();) {
            const auto order = left[l].origin.at <=> right[r].origin.at;
            if (order == 0) {
                const bool again = l + 1 < left.size() && left[l + 1].origin.at == left[l].origin.at;
                emit(left[l++], right[r++], number_of_pair);
                number_of_pair = again ? number_of_pair + 1 : 0;
            } else {
                ++(order < 0 ? l : r);
                ++counts.filtered;
                number_of_pair = 0;
            }
        }
        counts.filtered += left.size() - l + right.size() - r;
    }
    template <class T>
    static std::vector<waiting<T>>& take_of(fifo<waiting<T>>& side, const mark& head, std::vector<waiting<T>>& taken) {
        taken.clear();
        while (!side.empty() && side.front().origin.at.head() == head) {
            // Mostly in order, so mostly at the end.
            const auto place = std::upper_bound(
                taken.begin(), taken.end(), side.front(), [](const waiting<T>& added, const waiting<T>& other) {
                    return added.origin.at < other.origin.at;
                });
            taken.insert(place, side.pop());
        }
        return taken;
    }
    // Moves the records out. No two records of a stream have one turn, and none begins with all of another one.
    void emit(waiting<Left>& left, waiting<Right>& right, std::uint32_t number_of_pair) {
        counts.accepted += 2;
        ++counts.results;
        stamp& at = left.origin;
        at.at.tail.push_back(tail_word::result_of(number, number_of_pair));
        const auto pair = [&] { return joined<Left, Right>{std::move(left.record), std::move(right.record)}; };
        out.push_stamped(made_in_place{pair}, at);
    }
    template <class T> void drop_front(fifo<waiting<T>>& side) {
        static_cast<void>(side.pop());
        ++counts.filtered;
    }
    template <class T> static void save_side(const fifo<waiting<T>>& side, binary_writer& writer) {
        save(writer, std::uint64_t{side.size()});
        for (std::size_t i = 0; i < side.size(); ++i) {
            side[i].origin.save(writer);
            if constexpr (storable<T>) {
                save(writer, side[i].record);
            } else {
                throw error(error_kind::state, cannot_be_stored);
            }
        }
    }
    [[nodiscard]] bool is_mine(const turn& origin) const noexcept {
        if (planted(planted_bug::rows_wait_everywhere)) return true;
        return pick_by_origin::worker_of(origin.from, origin.position, workers_) == worker_;
    }
    template <class T> void load_side(fifo<waiting<T>>& side, binary_reader& reader) {
        bool in_turn = true;
        for (auto count = load<std::uint64_t>(reader); count > 0; --count) {
            stamp origin;
            origin.load(reader);
            if constexpr (storable<T>) {
                T record = load<T>(reader);
                if (!is_mine(origin.at)) continue;
                in_turn &= side.empty() || !(origin.at.head() < side[side.size() - 1].origin.at.head());
                side.push(std::move(origin), std::move(record));
            }
        }
        if (!in_turn) sort_by_head(side);
    }
    // What comes of one source record was in one image, and stays in the order that it had there.
    template <class T> static void sort_by_head(fifo<waiting<T>>& side) {
        std::vector<waiting<T>> all;
        while (!side.empty()) all.push_back(side.pop());
        std::vector<std::pair<mark, std::size_t>> order;
        for (std::size_t i = 0; i < all.size(); ++i) order.emplace_back(all[i].origin.at.head(), i);
        std::sort(order.begin(), order.end());
        for (const auto& [head, place] : order) side.push(std::move(all[place]));
    }

    fifo<waiting<Left>> left_;
    fifo<waiting<Right>> right_;
    std::vector<waiting<Left>> left_of_one_;  // what comes of one source record
    std::vector<waiting<Right>> right_of_one_;
    mark newest_[2];  // of each side, since the run began or went on
    const unsigned worker_;
    const unsigned workers_;
};

template <class L, class R>
class join_by_origin_node final : public node {
  public:
    using left_type = typename L::value_type;
    using right_type = typename R::value_type;
    using running = join_by_origin_stage<left_type, right_type>;

    join_by_origin_node(stage_name name, L left, R right)
        : node("join_by_origin", std::move(name), spread::by_origin), left_(std::move(left)),
          right_(std::move(right)) {
        add_input(left_.input());
        add_input(right_.input());
    }
    [[nodiscard]] bool order_sensitive() const override { return true; }
    [[nodiscard]] bool merges_per_input() const override { return true; }
    [[nodiscard]] bool reads_turns() const override { return true; }
    [[nodiscard]] std::shared_ptr<const node> renamed(stage_name name) const override {
        return std::make_shared<join_by_origin_node>(std::move(name), left_, right_);
    }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site& site) const override {
        return std::make_unique<running>(site);
    }
    void attach(std::size_t input, outlet_base& from, stage& to, std::size_t channel, gate* merging) const override {
        if (input == 0) {
            attach_side<0>(left_, from, to, channel, merging);
        } else {
            attach_side<1>(right_, from, to, channel, merging);
        }
    }
    [[nodiscard]] router make_router(std::size_t input, outlet_base& from,
                                     std::vector<channel_sender*> to) const override {
        return input == 0 ? route(left_, from, std::move(to)) : route(right_, from, std::move(to));
    }
    [[nodiscard]] std::unique_ptr<receiver> make_receiver(std::size_t input, stage& to, std::size_t channel,
                                                          gate* merging) const override {
        auto& typed = static_cast<running&>(to);
        if (input == 0) {
            return receive_into(
                make_inlet<0, left_type>(typed, chain<>{}, channel, to.channel_count(), merging, false));
        }
        return receive_into(
            make_inlet<1, right_type>(typed, chain<>{}, channel, to.channel_count(), merging, false));
    }

    [[nodiscard]] std::unique_ptr<waiting_records> make_waiting(std::size_t input,
                                                                std::size_t instances) const override {
        return input == 0 ? waiting_of(left_, instances) : waiting_of(right_, instances);
    }

  private:
    template <class S> static std::unique_ptr<waiting_records> waiting_of(const S& side, std::size_t instances) {
        return std::make_unique<waiting_records_of<typename S::upstream_type, typename S::value_type,
                                                   typename S::chain_type, pick_by_origin>>(instances, side.steps(),
                                                                                            pick_by_origin{});
    }
    template <std::size_t Input, class S>
    static void attach_side(const S& side, outlet_base& from, stage& to, std::size_t channel, gate* merging) {
        using upstream = typename S::upstream_type;
        auto& typed = make_inlet<Input, upstream>(static_cast<running&>(to), side.steps(), channel, to.channel_count(),
                                                  merging, true);
        static_cast<outlet<upstream>&>(from).to.push_back(&typed);
    }
    template <class S> static router route(const S& side, outlet_base& from, std::vector<channel_sender*> to) {
        using upstream = typename S::upstream_type;
        auto counts = std::make_shared<ledger>();
        auto made =
            std::make_unique<exchange_router<upstream, typename S::value_type, typename S::chain_type, pick_by_origin>>(
                from, side.steps(), pick_by_origin{}, std::move(to), counts);
        static_cast<outlet<upstream>&>(from).to.push_back(made.get());
        return {std::move(made), counts};
    }

    L left_;
    R right_;
};

}  // namespace detail

template <class Left, class Right> [[nodiscard]] auto join_by_origin(Left left, Right right) {
    if constexpr (!plain_stream<Left> || !plain_stream<Right>) {
        static_assert(detail::unsupported<Left>,
                      "join_by_origin takes two plain streams that come from one source, such as the results of two "
                      "rolling aggregates");
        return rejected_stream{};
    } else {
        using value = joined<typename Left::value_type, typename Right::value_type>;
        constexpr bool timed = Left::time == timing::event && Right::time == timing::event;
        using port = stream_port<value, in_turn, timed ? timing::event : timing::none>;
        return stream<port>{
            std::make_shared<detail::join_by_origin_node<Left, Right>>(std::string{}, std::move(left),
                                                                       std::move(right)),
            0};
    }
}

}  // namespace weir
