// SPDX-License-Identifier: Apache-2.0
// reply(requests): ends the stream of answers to what a host asks. The first result that comes of a request is its
// reply; later ones are counted and dropped. Whoever asks waits, so on the way from requests to reply nothing may wait
// for a watermark or for another log: graph(...) refuses that.
#pragma once
#include <concepts>
#include <memory>
#include <utility>

#include <weir/flow/graph.hpp>
#include <weir/flow/reply_desk.hpp>
#include <weir/flow/sink_node.hpp>
#include <weir/flow/stream.hpp>

namespace weir {
namespace detail {

template <class V, class Reply>
class reply_stage final : public answering_stage {
  public:
    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        if (desk == nullptr) {
            throw error(error_kind::configuration, "reply answers what a host asks: run the graph by weir::start(...)");
        }
        counts.accepted += take_records(*this, records, begin, end, steps, [this](auto&& value, const stamp_view& at) {
            ++counts.results;
            // What a timer made answers nobody.
            if (at.columns().from(at.index()).triggered()) return desk->add_superfluous();
            desk->answer(at.columns().position(at.index()), [&](waiting_base& who) {
                static_cast<waiting<Reply>&>(who).reply.emplace(std::forward<decltype(value)>(value));
            });
        });
    }
    void advance(const mark& progress) override {
        if (desk != nullptr) desk->passed(progress.position);
    }
    void save_shard(unsigned, binary_writer& writer) const override { counts.save(writer); }
    void load_shard(unsigned, binary_reader& reader) override { counts.load(reader); }
};

template <class S, class Reply>
class reply_node final : public node {
  public:
    using upstream_type = typename S::upstream_type;
    using value_type = typename S::value_type;
    using running = reply_stage<value_type, Reply>;

    reply_node(stage_name name, S source, std::shared_ptr<const node> requests)
        : node("reply", std::move(name), spread::single), source_(std::move(source)), requests_(std::move(requests)) {
        add_input(source_.input());
    }
    [[nodiscard]] unsigned outlet_count() const override { return 0; }
    [[nodiscard]] bool reads_turns() const override { return true; }
    [[nodiscard]] const node* answers() const override { return requests_.get(); }
    [[nodiscard]] std::optional<delivery_promise> promise() const override {
        return delivery_promise{delivery::at_most_once, "whoever waits is gone with the process, and what was asked "
                                                        "is not asked again"};
    }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site&) const override { return std::make_unique<running>(); }
    void attach(std::size_t, outlet_base& from, stage& to, std::size_t channel, gate* merging) const override {
        auto& typed = make_inlet<0, upstream_type>(static_cast<running&>(to), source_.steps(), channel,
                                                   to.channel_count(), merging, true);
        static_cast<outlet<upstream_type>&>(from).to.push_back(&typed);
    }
    [[nodiscard]] router make_router(std::size_t, outlet_base& from, std::vector<channel_sender*> to) const override {
        auto counts = std::make_shared<ledger>();
        auto made =
            std::make_unique<exchange_router<upstream_type, value_type, typename S::chain_type, pick_first<S>>>(
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

  private:
    S source_;
    std::shared_ptr<const node> requests_;
};

}  // namespace detail

template <class Reply>
struct reply_operation : stage_operation {
    std::shared_ptr<const node> requests;

    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (detail::is_keyed<S>) {
            return source.source() | *this;
        } else if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>,
                          "a windowed stream has no records yet, and windows answer nobody in time: put rolling(...), "
                          "aggregate or process before reply");
            return rejected_stream{};
        } else if constexpr (!std::constructible_from<Reply, typename S::value_type&&>) {
            static_assert(detail::unsupported<S>,
                          "reply needs records of the type that weir::requests<Request, Reply>() promised: map them "
                          "to it before");
            return rejected_stream{};
        } else {
            return output{std::make_shared<detail::reply_node<S, Reply>>(std::move(name), std::move(source), requests)};
        }
    }
};

template <class Requests> [[nodiscard]] auto reply(const Requests& requests) {
    if constexpr (requires { typename Requests::reply_type; }) {
        return reply_operation<typename Requests::reply_type>{{}, requests.from()};
    } else {
        static_assert(detail::unsupported<Requests>,
                      "reply takes the source that weir::requests<Request, Reply>() made");
        return reply_operation<int>{};
    }
}

}  // namespace weir
