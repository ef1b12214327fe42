// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/followed_by.hpp>

#include <typeinfo>

namespace weir::detail {

std::unique_ptr<source_reader_base> open_one_log(const node& source, environment& where) {
    auto readers = source.open(where);
    if (readers.size() != 1) {
        throw error(error_kind::configuration, "followed_by: " + source.kind() + " " + source.detail() + " is " +
                                                   std::to_string(readers.size()) + " logs, and must be one");
    }
    return std::move(readers.front());
}

const node* bringer_of_dead_letters(const node& first, const node& second) {
    const auto of_first = first.companions();
    const auto of_second = second.companions();
    if (of_first.empty()) return of_second.empty() ? nullptr : &second;
    if (of_second.empty()) return &first;
    const node& sink = *of_first.front();
    const node& other = *of_second.front();
    if (typeid(sink) != typeid(other) || sink.claim() != other.claim()) {
        throw error(error_kind::configuration, "followed_by: what cannot be read would go to two sinks: give both "
                                               "sources the same dead_letter(sink)");
    }
    return &first;
}

void check_followed(const node& first) {
    if (!first.unbounded()) return;
    throw error(error_kind::configuration, "followed_by: " + first.kind() + " " + first.detail() +
                                               " never ends, so nothing would ever come of the log behind it");
}

}  // namespace weir::detail
