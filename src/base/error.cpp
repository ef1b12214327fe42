// SPDX-License-Identifier: Apache-2.0
#include <weir/base/error.hpp>

namespace weir::detail {

void append_escaped(std::string& out, char byte) {
    constexpr std::string_view hexadecimal = "0123456789abcdef";
    if (byte == '\n') {
        out += "\\n";
    } else if (byte == '\t') {
        out += "\\t";
    } else {
        out += "\\x";
        out += hexadecimal[static_cast<unsigned char>(byte) >> 4U];
        out += hexadecimal[static_cast<unsigned char>(byte) & 15U];
    }
}

std::string visible(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char each : text) {
        const auto byte = static_cast<unsigned char>(each);
        if (byte < 0x20 || byte == 0x7F) {
            append_escaped(out, each);
        } else {
            out += each;
        }
    }
    return out;
}

}  // namespace weir::detail
