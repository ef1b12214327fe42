// SPDX-License-Identifier: Apache-2.0
// The node of a stage that takes two keyed streams, in turn: records of one key meet on one worker.
#pragma once
#include <concepts>
#include <string>
#include <utility>

#include <weir/operators/keyed.hpp>

namespace weir {

// Which of the records that found no partner a join gives all the same, with nothing on the other side.
template <bool Left, bool Right>
struct join_kind {
    static constexpr bool keeps_left = Left;
    static constexpr bool keeps_right = Right;
    static constexpr const char* text =
        Left && Right ? "full outer" : (Left ? "left outer" : (Right ? "right outer" : "inner"));
};
namespace join {
inline constexpr join_kind<false, false> inner{};
inline constexpr join_kind<true, false> left_outer{};
inline constexpr join_kind<false, true> right_outer{};
inline constexpr join_kind<true, true> full_outer{};
}  // namespace join

// The bound of what a join keeps that no window bounds: in event time; or none, by name.
struct keep_for {
    duration retention;
    explicit constexpr keep_for(duration how_long) : retention(how_long) {}
};
struct unbounded_retention {};
inline constexpr unbounded_retention unbounded{};

namespace detail {

template <class> inline constexpr bool is_join_kind = false;
template <bool Left, bool Right> inline constexpr bool is_join_kind<join_kind<Left, Right>> = true;

template <class T> inline constexpr bool kept_by_joins = std::default_initializable<T> && std::copyable<T>;

// Stage: constructed from (left key, right key, description, site). It takes `run<0>` and `run<1>`. Its outlets: the
// results, late records of the left, of the right.
template <class Left, class Right, class Stage, class Description>
class keyed_pair_node final : public node {
  public:
    keyed_pair_node(std::string kind, stage_name name, Left left, Right right, Description description)
        : node(std::move(kind), std::move(name), spread::keyed), left_(std::move(left)), right_(std::move(right)),
          description_(std::move(description)) {
        add_input(left_.source().input());
        add_input(right_.source().input());
    }
    [[nodiscard]] unsigned outlet_count() const override { return 3; }
    [[nodiscard]] bool order_sensitive() const override { return true; }
    [[nodiscard]] bool waits_for_watermark(unsigned outlet) const override {
        return outlet == 0 && description_.waits_for_watermark();
    }
    [[nodiscard]] bool late_outlet(unsigned outlet) const override { return outlet != 0; }
    [[nodiscard]] std::string detail() const override {
        return "by " + left_.key_name() + " and " + right_.key_name() + ", " + description_.text();
    }
    [[nodiscard]] std::shared_ptr<const node> renamed(stage_name name) const override {
        return std::make_shared<keyed_pair_node>(kind(), std::move(name), left_, right_, description_);
    }

    [[nodiscard]] std::unique_ptr<stage> make(const stage_site& site) const override {
        return std::make_unique<Stage>(left_.key(), right_.key(), description_, site);
    }
    void attach(std::size_t input, outlet_base& from, stage& to, std::size_t channel, gate* merging) const override {
        input == 0 ? attach_keyed<0, Stage>(left_, from, to, channel, merging)
                   : attach_keyed<1, Stage>(right_, from, to, channel, merging);
    }
    [[nodiscard]] router make_router(std::size_t input, outlet_base& from,
                                     std::vector<channel_sender*> to) const override {
        return input == 0 ? route_keyed(left_, from, std::move(to)) : route_keyed(right_, from, std::move(to));
    }
    [[nodiscard]] std::unique_ptr<receiver> make_receiver(std::size_t input, stage& to, std::size_t channel,
                                                          gate* merging) const override {
        return input == 0 ? receive_keyed<0, Stage>(left_, to, channel, merging)
                          : receive_keyed<1, Stage>(right_, to, channel, merging);
    }
    [[nodiscard]] std::unique_ptr<waiting_records> make_waiting(std::size_t input,
                                                                std::size_t instances) const override {
        return input == 0 ? wait_keyed(left_, instances) : wait_keyed(right_, instances);
    }

  private:
    Left left_;
    Right right_;
    Description description_;
};

template <unsigned Outlet, class S, class Left, class Right>
[[nodiscard]] auto late_side(const S& results, late_sides<Left, Right>) {
    using record = std::conditional_t<Outlet == 1, Left, Right>;
    return stream<stream_port<record, typename S::port::order, S::time>>{results.from(), Outlet};
}
template <unsigned Outlet, class S> [[nodiscard]] auto late_of(const S& results) {
    if constexpr (!plain_stream<S>) {
        static_assert(unsupported<S>, "late_left and late_right need the stream of results of a join");
        return rejected_stream{};
    } else if constexpr (!has_late_sides<typename S::port::late_type> || !S::chain_type::is_empty) {
        static_assert(unsupported<S>,
                      "late_left and late_right need the stream right behind a join of two keyed streams");
        return rejected_stream{};
    } else {
        return late_side<Outlet>(results, typename S::port::late_type{});
    }
}

}  // namespace detail

// The late side outputs of a stage with two inputs: the records it refused, with the stamps they came with.
template <class S> [[nodiscard]] auto late_left(const S& results) { return detail::late_of<1>(results); }
template <class S> [[nodiscard]] auto late_right(const S& results) { return detail::late_of<2>(results); }

}  // namespace weir
