// SPDX-License-Identifier: Apache-2.0
// Text from files and arguments, made safe for a terminal.
#pragma once
#include <string>
#include <string_view>

namespace fraud {

// Control characters, C1 included, and what is not UTF-8 as \n, \t or \xNN; all else as it is.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace fraud
