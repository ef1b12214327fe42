// SPDX-License-Identifier: Apache-2.0
// The kernel's news of a file: written, replaced, moved, removed, made.
#pragma once
#include <weir/base/environment.hpp>

namespace weir::detail {

// Null where there is no such news, or none that can be relied on.
[[nodiscard]] std::unique_ptr<background_work> machine_watch(const std::string& path,
                                                             const std::shared_ptr<signal>& happened);

}  // namespace weir::detail
