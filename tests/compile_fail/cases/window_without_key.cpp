// SPDX-License-Identifier: Apache-2.0
// expect: window needs a key: put weir::key_by(...) before it
#include "reading.hpp"

void wrong() {
    auto stream = timed() | weir::window(weir::tumbling(10s)) | weir::aggregate(weir::count());
}
