// SPDX-License-Identifier: Apache-2.0
// Where in a JSON text one is, told by the text before it.
#pragma once
#include <string>
#include <string_view>

namespace weir::detail {

// The field to which the next value would belong, behind the beginning of a JSON text: 'legs.2.speed'. Escapes in names
// stay as they are written. O(text).
[[nodiscard]] std::string json_path_behind(std::string_view json);

}  // namespace weir::detail
