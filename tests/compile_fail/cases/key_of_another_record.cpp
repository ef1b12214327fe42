// SPDX-License-Identifier: Apache-2.0
// expect: key_by needs a member pointer of the record, or a function of const Record&
#include "reading.hpp"

void wrong() {
    auto stream = timed() | weir::key_by(&undescribed::id);
}
