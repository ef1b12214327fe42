// SPDX-License-Identifier: Apache-2.0
#include <weir/base/error.hpp>
#include <weir/record/print.hpp>

namespace weir::detail {

void append_quoted(std::string& out, std::string_view text) {
    const bool escape_high = !is_utf8(text);
    out += '"';
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (character == '"' || character == '\\') {
            out += '\\';
            out += character;
        } else if (byte < 0x20 || byte == 0x7F || (escape_high && byte >= 0x80)) {
            append_escaped(out, character);
        } else {
            out += character;
        }
    }
    out += '"';
}

void append_ticks(std::string& out, std::int64_t count, std::int64_t numerator, std::int64_t denominator) {
    out += std::to_string(count);
    if (numerator == 1 && denominator == 1'000'000'000) {
        out += "ns";
    } else if (numerator == 1 && denominator == 1'000'000) {
        out += "us";
    } else if (numerator == 1 && denominator == 1'000) {
        out += "ms";
    } else if (denominator == 1) {
        out += numerator == 1 ? "s" : "*" + std::to_string(numerator) + "s";
    } else {
        out += "*" + std::to_string(numerator) + "/" + std::to_string(denominator) + "s";
    }
}

}  // namespace weir::detail
