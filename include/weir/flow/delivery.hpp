// SPDX-License-Identifier: Apache-2.0
// What a sink promises of the records that it is given, if runs are ended by crashes and go on from checkpoints.
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace weir {

enum class delivery {
    exactly_once,
    at_least_once,  // those after the last checkpoint may come again
    at_most_once    // some may never come, none comes again
};

[[nodiscard]] constexpr std::string_view delivery_name(delivery how) {
    if (how == delivery::exactly_once) return "exactly once";
    return how == delivery::at_least_once ? "at least once" : "at most once";
}

// With half a sentence for people that says why, and follows "with checkpoints at least once: ".
struct delivery_promise {
    delivery how;
    std::string why;

    delivery_promise(delivery said) : how(said), why(usual_reason(said)) {}  // NOLINT(*-explicit-*): a promise as it is
    delivery_promise(delivery said, std::string because) : how(said), why(std::move(because)) {}

  private:
    [[nodiscard]] static std::string usual_reason(delivery how) {
        if (how == delivery::exactly_once) return "it holds what one run without a crash would hold";
        return how == delivery::at_least_once ? "what came since the last one comes again after a restart"
                                              : "what came since the last one may be lost at a restart";
    }
};

}  // namespace weir
