// SPDX-License-Identifier: Apache-2.0
// expect: late needs the stream right behind a stage that judges lateness: aggregate, process, rolling or sort_by_time
#include "reading.hpp"

void wrong() {
    auto stream = weir::late(timed() | weir::attempt(weir::map(&reading::value)));
}
