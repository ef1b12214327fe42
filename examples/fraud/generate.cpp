// SPDX-License-Identifier: Apache-2.0
#include "generate.hpp"

#include <weir/sinks/csv.hpp>
#include <weir/weir.hpp>

namespace fraud {

weir::graph generate(const traffic_options& options, const std::string& output) {
    return weir::graph("made-up transactions",
                       made_up(options) | weir::named("transactions", weir::into(weir::csv(output))));
}

}  // namespace fraud
