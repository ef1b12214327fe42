// SPDX-License-Identifier: Apache-2.0
// JSON with the place of each value in its text, for sentences about what is wrong where.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace weir::detail {

// A value, where it stands, and how it is reached: "stages[1].where".
struct located_json {
    std::string_view text;
    const boost::json::value* value = nullptr;
    std::size_t at = 0;
    std::string path;

    // Null `value` if there is none.
    [[nodiscard]] located_json member(std::string_view name) const;
    [[nodiscard]] located_json element(std::size_t index) const;
    // Of a value that is an object: a name stands twice, of which the parser keeps the last one only.
    [[nodiscard]] bool has_twin_members() const;
    // Where the given byte of a value that is a string stands.
    [[nodiscard]] std::size_t place_in_string(std::size_t byte) const;
};

// "line 4, column 17"; columns count bytes from 1.
[[nodiscard]] std::string line_and_column(std::string_view text, std::size_t at);

}  // namespace weir::detail
