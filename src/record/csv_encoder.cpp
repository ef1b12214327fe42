// SPDX-License-Identifier: Apache-2.0
#include <weir/record/csv_encoder.hpp>

namespace weir::detail {

void append_csv_text(std::string& out, std::string_view text, char separator) {
    const char special[] = {separator, '"', '\r', '\n'};
    if (text.find_first_of(std::string_view{special, sizeof special}) == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char character : text) {
        if (character == '"') out += '"';
        out += character;
    }
    out += '"';
}

void append_csv_header(std::string& out, std::span<const std::string> names, char separator) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i != 0) out += separator;
        append_csv_text(out, names[i], separator);
    }
    out += '\n';
}

void refuse_csv_names(std::size_t given, std::size_t wanted) {
    throw error(error_kind::configuration, std::to_string(given) + " column names were given for " +
                                               std::to_string(wanted) + " columns");
}

}  // namespace weir::detail
