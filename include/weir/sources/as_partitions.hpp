// SPDX-License-Identifier: Apache-2.0
// as_partitions, given to a source of files: each file is a log of its own, and they are read side by side.
#pragma once

namespace weir {

struct as_partitions_option {};
inline constexpr as_partitions_option as_partitions{};

}  // namespace weir
