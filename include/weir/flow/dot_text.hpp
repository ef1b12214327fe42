// SPDX-License-Identifier: Apache-2.0
// Texts in pictures for Graphviz.
#pragma once
#include <string>

namespace weir::detail {

// In a quoted string of DOT; a line break stays one.
[[nodiscard]] inline std::string dot_text(const std::string& text) {
    std::string out;
    for (const char character : text) {
        if (character == '"' || character == '\\') out += '\\';
        if (character == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(character) >= 0x20) {
            out += character;
        }
    }
    return out;
}

}  // namespace weir::detail
