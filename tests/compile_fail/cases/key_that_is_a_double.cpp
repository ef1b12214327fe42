// SPDX-License-Identifier: Apache-2.0
// expect: this key has no stable hash: key by integers, strings, enums, timestamps or a described struct of them
#include "reading.hpp"

void wrong() {
    auto stream = timed() | weir::key_by(&reading::value);
}
