// SPDX-License-Identifier: Apache-2.0
// A probe stands between two stages and throws if what passes breaks a promise of channels: records in turn, none below
// an earlier mark, no mark below an earlier one.
#pragma once
#include <weir/operators/erase.hpp>

#include <stdexcept>

#include "lowering.hpp"

namespace random_graphs {
namespace detail {

class probe_stage final : public weir::stage {
  public:
    weir::outlet<event> out;
    [[nodiscard]] std::vector<weir::outlet_base*> outlets() override { return {&out}; }
    void advance(const weir::mark&) override {}
};

class probe_inlet final : public weir::inlet<event> {
  public:
    explicit probe_inlet(probe_stage& to) : to_(to) {}
    void receive(weir::chunk<event>& records, const weir::mark* progress) override {
        for (std::size_t i = 0; i < records.size(); ++i) {
            const weir::turn next = records.stamps.at(i);
            if (any_ && next <= last_) throw std::logic_error("a channel is not in turn");
            if (next.head() < mark_) throw std::logic_error("a record came below a mark of its channel");
            if (records.stamps.watermark(i) < mark_.watermark) throw std::logic_error("a watermark went back");
            last_ = next;
            any_ = true;
        }
        to_.counts.in += records.size();
        to_.counts.accepted += records.size();
        if (progress != nullptr) {
            if (*progress < mark_) throw std::logic_error("a mark went back");
            mark_ = *progress;
        }
        to_.out.pass(records, progress, records.movable);
    }

  private:
    probe_stage& to_;
    weir::turn last_{};
    weir::mark mark_{};
    bool any_ = false;
};

class probe_node final : public weir::node {
  public:
    explicit probe_node(const events& from) : node("probe", {}, weir::spread::per_channel) { add_input(from.input()); }
    [[nodiscard]] bool reads_turns() const override { return true; }
    [[nodiscard]] std::unique_ptr<weir::stage> make(const weir::stage_site&) const override {
        return std::make_unique<probe_stage>();
    }
    void attach(std::size_t, weir::outlet_base& from, weir::stage& to, std::size_t, weir::gate*) const override {
        auto made = std::make_unique<probe_inlet>(static_cast<probe_stage&>(to));
        static_cast<weir::outlet<event>&>(from).to.push_back(made.get());
        to.adopt(std::move(made));
    }
};

}  // namespace detail

[[nodiscard]] inline events probed(const events& from) { return {std::make_shared<detail::probe_node>(from), 0}; }

}  // namespace random_graphs
