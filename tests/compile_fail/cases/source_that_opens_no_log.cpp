// SPDX-License-Identifier: Apache-2.0
// expect: source needs open(weir::environment&) to return a log, or a vector of logs
#include "reading.hpp"

struct no_log {
    bool read(std::size_t, auto& emit) { return emit(reading{}), true; }  // and does not say how it goes on
};
void wrong() { auto log = weir::source<reading>("mine", "", [](weir::environment&) { return no_log{}; }); }
