// SPDX-License-Identifier: Apache-2.0
// expect: reply needs records of the type that weir::requests
#include "reading.hpp"

void wrong() {
    const auto requests = weir::requests<reading, std::string>();
    auto end = requests | weir::map([](const reading&) { return 1; }) | weir::reply(requests);
}
