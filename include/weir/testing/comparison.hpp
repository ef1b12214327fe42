// SPDX-License-Identifier: Apache-2.0
// Comparing what two runs of a graph left behind, in words that help: the first difference, and where it is.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include <weir/record/print.hpp>
#include <weir/runtime/report.hpp>
#include <weir/sinks/collect.hpp>

namespace weir::testing {

// A run that did not do what it had to; the sentence names the run and the first difference.
class mismatch : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// "time 10000000000 turn (9000000000, partition 0, 3, [1 2])"
[[nodiscard]] std::string describe(const stamp& at);

// The first difference between two ledgers of a graph, or of a ledger with itself: what does not balance, what is
// still held, what an edge lost. Empty if there is none.
[[nodiscard]] std::string difference(const run_report& wanted, const run_report& got);

// What can be printed as it is printed; rows of aggregates, rolled rows and pairs by their parts.
template <class T> [[nodiscard]] std::string describe(const T& record) {
    const auto of_parts = [](const auto& parts) {
        std::string text;
        std::apply([&](const auto&... part) { ((text += (text.empty() ? "" : ", ") + describe(part)), ...); }, parts);
        return "(" + text + ")";
    };
    if constexpr (printable<T>) {
        return weir::to_text(record);
    } else if constexpr (requires { record.key, record.start, record.end, of_parts(record.results); }) {
        return "{key: " + describe(record.key) + ", start: " + describe(record.start) +
               ", end: " + describe(record.end) + ", results: " + of_parts(record.results) + "}";
    } else if constexpr (requires { record.record, of_parts(record.results); }) {
        return "{record: " + describe(record.record) + ", results: " + of_parts(record.results) + "}";
    } else if constexpr (requires { record.left, record.right; }) {
        return "{left: " + describe(record.left) + ", right: " + describe(record.right) + "}";
    } else {
        return "a record";
    }
}

// Equal to the bit: 0 is not -0, and a NaN is itself.
template <class T> [[nodiscard]] bool same_bits(const T& left, const T& right) {
    if constexpr (storable<T>) {
        binary_writer left_bytes, right_bytes;
        save(left_bytes, left);
        save(right_bytes, right);
        return left_bytes.text() == right_bytes.text();
    } else {
        return left == right;
    }
}

// The first difference between two outputs, both in turn; empty if there is none.
template <class T>
[[nodiscard]] std::string difference(const std::vector<stamped<T>>& wanted, const std::vector<stamped<T>>& got) {
    const auto text = [](const std::vector<stamped<T>>& items, std::size_t i) {
        return i < items.size() ? describe(items[i].record) + " at " + describe(items[i].at) : std::string("nothing");
    };
    for (std::size_t i = 0; i < std::max(wanted.size(), got.size()); ++i) {
        if (i < wanted.size() && i < got.size() && same_bits(wanted[i], got[i])) continue;
        return "record " + std::to_string(i) + " is " + text(got, i) + ", not " + text(wanted, i) + " (" +
               std::to_string(got.size()) + " records, not " + std::to_string(wanted.size()) + ")";
    }
    return {};
}

}  // namespace weir::testing
