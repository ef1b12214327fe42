// SPDX-License-Identifier: Apache-2.0
// expect: reduce needs an identity of a type that a record's value converts to
#include "reading.hpp"
#include <weir/aggregates/reduce.hpp>

void wrong() {
    const auto join = [](const std::string& left, const std::string& right) { return left + right; };
    auto stream = windowed_readings() | weir::aggregate(weir::reduce(&reading::value, std::string{}, join));
}
