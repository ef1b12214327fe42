// SPDX-License-Identifier: Apache-2.0
// What the machine has that is no file: its standard streams, and the network.
#pragma once
#include <weir/base/environment.hpp>

namespace weir::detail {

[[nodiscard]] std::unique_ptr<live_input> machine_standard_input();
[[nodiscard]] std::unique_ptr<output_file> machine_standard_output();
[[nodiscard]] std::unique_ptr<live_input> machine_connection(const std::string& host, std::uint16_t port);

}  // namespace weir::detail
