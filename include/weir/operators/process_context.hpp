// SPDX-License-Identifier: Apache-2.0
// What the functions of a process are given beside the record and the state: how they emit, set timers and forget.
#pragma once
#include <concepts>
#include <type_traits>
#include <utility>

#include <weir/operators/outputs.hpp>
#include <weir/state/ttl.hpp>

namespace weir::detail {

template <class Key, class Record, class State, class Out, class Life = unlimited_life> class process_core;

// What fn and on_timer may do besides reading their arguments. Valid during the call only.
template <class Key, class Record, class State, class Out, class Life = unlimited_life>
class process_context {
    using list = output_list<Out>;

  public:
    // Sends a result on: of the record in fn, of the timer in on_timer. With outputs<Out, Alert, ...> an Alert goes to
    // its side output, all else to the first.
    void emit(typename list::first value) { core_.emit(std::move(value)); }
    template <class Side>
        requires(list::template has_side<std::remove_cvref_t<Side>>)
    void emit(Side&& value) {
        core_.template emit_to_side<list::template place<std::remove_cvref_t<Side>>>(std::forward<Side>(value));
    }
    template <class Other>
        requires(!list::template has_side<std::remove_cvref_t<Other>> &&
                 !std::convertible_to<Other, typename list::first>)
    void emit(Other&&) {
        static_assert(unsupported<Other>, "process emits no such type: name it in process<State, Out>(...), or beside "
                                          "others in process<State, weir::outputs<Out, Alert>>(...)");
    }
    // Sets a timer of this key; set twice for one time it fires once. A timer at or above the present watermark fires
    // when the watermark has passed it; one below fires at the end of this call, with the record's stamp. on_timer sets
    // only later timers (an error otherwise), and nobody one at time_highest, which no watermark passes.
    void set_timer(timestamp due) { core_.set_timer(due); }
    // Drops the key's state at the end of this call.
    void forget() { core_.forget(); }
    // The key's state, to be changed, where it lives for a time after it was last written: ttl(length, on_write).
    [[nodiscard]] State& write()
        requires Life::writes_only
    {
        return core_.write();
    }
    [[nodiscard]] const Key& key() const { return core_.key(); }
    // Event time of the record or timer, and the watermark.
    [[nodiscard]] timestamp time() const { return core_.time(); }
    [[nodiscard]] timestamp watermark() const { return core_.watermark(); }

  private:
    using core_type = process_core<Key, Record, State, Out, Life>;
    friend core_type;
    explicit process_context(core_type& core) : core_(core) {}
    core_type& core_;
};

}  // namespace weir::detail
