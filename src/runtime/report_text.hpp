// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include <weir/record/utf8.hpp>

namespace weir::detail {

// Names and keys may be any bytes; those beyond ASCII of a text that is no UTF-8 become U+FFFD.
[[nodiscard]] inline std::string as_utf8(std::string_view text) {
    if (is_utf8(text)) return std::string{text};
    std::string safe;
    for (const char each : text) {
        if (static_cast<unsigned char>(each) < 0x80) {
            safe += each;
        } else {
            safe += "\xef\xbf\xbd";
        }
    }
    return safe;
}

}  // namespace weir::detail
