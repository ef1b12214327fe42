// SPDX-License-Identifier: Apache-2.0
#include <weir/record/bad_record.hpp>

#include <weir/base/error.hpp>
#include <weir/record/print.hpp>

namespace weir {

std::string bad_record::sentence() const {
    std::string out = detail::visible(source) + ":" + std::to_string(line) + ":" + std::to_string(column) + ": ";
    out += field.empty() ? "the line" : "field '" + detail::visible(field) + "':";
    out += ' ';
    detail::append_quoted(out, text);
    return out + " " + reason;
}

}  // namespace weir
