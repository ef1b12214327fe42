// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include <weir/base/error.hpp>
#include <weir/windows/emission.hpp>

namespace weir {

// Stands for windows that keep all of their records' aggregate.
struct no_evictor {
    [[nodiscard]] std::string text() const { return {}; }
};

// Windows, and when and how they speak.
template <class Windows, class Evictor = no_evictor>
struct open_windowing {
    using windows_type = Windows;
    using evictor_type = Evictor;
    Windows windows;
    duration lateness{};
    emission says{};
    accumulation keeps = accumulating;
    [[no_unique_address]] Evictor evicts{};

    void check() const {
        windows.check();
        says.check();
        if (lateness < duration::zero()) {
            throw error(error_kind::configuration, windows.text() + ": allowed lateness is not negative");
        }
    }
    // "session 30m late 5m final discarding"
    [[nodiscard]] std::string text() const {
        std::string text = windows.text();
        if (lateness > duration::zero()) text += " late " + detail::length_text(lateness);
        if (const std::string how = says.text(); !how.empty()) text += " " + how;
        if (keeps == discarding) text += " discarding";
        if (const std::string which = evicts.text(); !which.empty()) text += " " + which;
        return text;
    }
};

}  // namespace weir
