// SPDX-License-Identifier: Apache-2.0
// expect: map_state keeps its entries in order: give the key type an operator<
#include "reading.hpp"

struct wrong {
    weir::map_state<undescribed, double> map;
};
wrong made;
