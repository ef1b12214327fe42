// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <weir/flow/graph.hpp>

namespace jobs {
weir::graph speeds();
}
