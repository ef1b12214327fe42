// SPDX-License-Identifier: Apache-2.0
// for_each(f): calls f(record), or f(record, stamp), for every record in turn. What f does outside is done at least
// once. An exception from f ends the run and is thrown on by it.
#pragma once
#include <functional>
#include <memory>
#include <utility>

#include <weir/flow/chain.hpp>
#include <weir/flow/sink.hpp>

namespace weir {
namespace detail {

template <class Function>
class for_each_writer {
  public:
    explicit for_each_writer(const Function& function) : function_(function) {}
    template <class V> void take(V&& value, const stamp_view& at) {
        if constexpr (std::invocable<Function&, V&&>) {
            std::invoke(function_, std::forward<V>(value));
        } else {
            std::invoke(function_, std::forward<V>(value), at);
        }
    }
    void flush() {}
    void finish(bool) {}
    [[nodiscard]] static delivery_promise promise() {
        return {delivery::at_least_once, "it is called again after a restart for what came since the last one"};
    }

  private:
    Function function_;
};

}  // namespace detail

template <class Function>
class for_each_sink : public sink_description {
  public:
    explicit for_each_sink(Function function) : function_(std::move(function)) {}
    [[nodiscard]] std::string kind() const { return "for_each"; }
    template <class V> [[nodiscard]] bool takes_stamps() const { return !std::invocable<Function&, V&&>; }

    template <class V>
        requires(std::invocable<Function&, V&&> || std::invocable<Function&, V&&, const stamp_view&>)
    [[nodiscard]] auto open(const sink_site&) const {
        return std::make_unique<detail::for_each_writer<Function>>(function_);
    }

  private:
    Function function_;
};

template <class Function> [[nodiscard]] auto for_each(Function function) {
    return for_each_sink<Function>{std::move(function)};
}

}  // namespace weir
