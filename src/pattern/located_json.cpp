// SPDX-License-Identifier: Apache-2.0
// All texts here have been parsed: they are JSON.
#include "located_json.hpp"

#include <algorithm>

namespace weir::detail {
namespace {

std::size_t behind_space(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}
std::size_t behind_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
    }
    return at + 1;
}
std::size_t behind_value(std::string_view text, std::size_t at) {
    if (text[at] == '"') return behind_string(text, at);
    std::size_t depth = 0;
    while (at < text.size()) {
        const char here = text[at];
        if (here == '"') {
            at = behind_string(text, at);
            continue;
        }
        if (here == '{' || here == '[') ++depth;
        if (here == '}' || here == ']' || here == ',') {
            if (depth == 0) return at;
            if (here != ',' && --depth == 0) return at + 1;
        }
        ++at;
    }
    return at;
}
// Calls visit(where its name begins, where its value begins) of each member, or element, until it returns true.
template <class Visit> void for_each_part(std::string_view text, std::size_t at, bool named, const Visit& visit) {
    at = behind_space(text, at + 1);
    while (at < text.size() && text[at] != '}' && text[at] != ']') {
        const std::size_t name = at;
        if (named) at = behind_space(text, behind_space(text, behind_string(text, at)) + 1);
        if (visit(name, at)) return;
        at = behind_space(text, behind_value(text, at));
        if (at < text.size() && text[at] == ',') at = behind_space(text, at + 1);
    }
}

}  // namespace

located_json located_json::member(std::string_view name) const {
    const boost::json::value* const found = value->as_object().if_contains(name);
    located_json its{text, found, at, path.empty() ? std::string(name) : path + "." + std::string(name)};
    if (found == nullptr) return its;
    for_each_part(text, at, true, [&](std::size_t of_name, std::size_t of_value) {
        // A name that is written with escapes is not found: then the object is the place.
        const bool same = text.substr(of_name + 1).starts_with(name) && text[of_name + 1 + name.size()] == '"';
        if (same) its.at = of_value;
        return same;
    });
    return its;
}

located_json located_json::element(std::size_t index) const {
    located_json its{text, &value->as_array()[index], at, path + "[" + std::to_string(index) + "]"};
    std::size_t number = 0;
    for_each_part(text, at, false, [&](std::size_t, std::size_t of_value) {
        its.at = of_value;
        return number++ == index;
    });
    return its;
}

bool located_json::has_twin_members() const {
    std::size_t count = 0;
    for_each_part(text, at, true, [&](std::size_t, std::size_t) { return ++count, false; });
    return count != value->as_object().size();
}

std::size_t located_json::place_in_string(std::size_t byte) const {
    if (at >= text.size() || text[at] != '"') return at;
    std::size_t place = at + 1;
    for (std::size_t passed = 0; passed < byte && place < text.size() && text[place] != '"'; ++passed) {
        if (text[place] != '\\') {
            ++place;
        } else if (text[place + 1] == 'u') {
            place += 6;  // of another letter than those of ASCII the place is not exact
        } else {
            place += 2;
        }
    }
    return place;
}

std::string line_and_column(std::string_view text, std::size_t at) {
    const std::string_view before = text.substr(0, at);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t begin = lines == 0 ? 0 : before.rfind('\n') + 1;
    return "line " + std::to_string(lines + 1) + ", column " + std::to_string(before.size() - begin + 1);
}

}  // namespace weir::detail
