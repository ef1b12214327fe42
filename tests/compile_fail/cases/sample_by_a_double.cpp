// SPDX-License-Identifier: Apache-2.0
// expect: sample goes by a value with a stable hash: an integer, a text, an enum, a time, or a described struct of
#include "reading.hpp"

void wrong() {
    auto stream = timed() | weir::sample(0.5, &reading::value);
}
