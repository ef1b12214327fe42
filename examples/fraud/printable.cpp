// SPDX-License-Identifier: Apache-2.0
#include "printable.hpp"

#include <fmt/format.h>

#include <iterator>

#include <weir/record/utf8.hpp>

namespace fraud {

std::string printable(std::string_view text) {
    const bool is_utf8 = weir::is_utf8(text);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        // U+0080 to U+009F, some of which begin what a terminal obeys.
        const bool high_control =
            byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (byte == '\n') {
            out += "\\n";
        } else if (byte == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_utf8)) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
        } else if (high_control) {
            fmt::format_to(std::back_inserter(out), "\\xc2\\x{:02x}", static_cast<unsigned char>(text[++i]));
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace fraud
