// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace weir::detail {

// What environment::counter_period says of the machine. Takes two milliseconds.
[[nodiscard]] double measured_counter_period();

}  // namespace weir::detail
