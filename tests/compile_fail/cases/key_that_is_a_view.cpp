// SPDX-License-Identifier: Apache-2.0
// expect: a key is kept: return a std::string, not a view or a pointer
#include "reading.hpp"

void wrong() {
    auto stream = log_of_readings() | weir::key_by([](const reading&) { return std::string_view{"a name"}; });
}
