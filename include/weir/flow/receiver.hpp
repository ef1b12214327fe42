// SPDX-License-Identifier: Apache-2.0
// Makes the consumer's end of an exchange, with the inlet behind it where what arrives is counted.
#pragma once
#include <weir/flow/inlets.hpp>

namespace weir::detail {

template <class V> [[nodiscard]] std::unique_ptr<receiver> receive_into(inlet<V>& to) {
    auto made = std::make_unique<exchange_receiver<V>>(to);
    made->end = &to;
    return made;
}

}  // namespace weir::detail
