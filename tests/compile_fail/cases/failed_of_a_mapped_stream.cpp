// SPDX-License-Identifier: Apache-2.0
// expect: failed needs the stream right behind weir::attempt(...)
#include "reading.hpp"

void wrong() {
    auto tried = timed() | weir::attempt(weir::map(&reading::value)) | weir::map([](double each) { return -each; });
    auto stream = weir::failed(tried);
}
