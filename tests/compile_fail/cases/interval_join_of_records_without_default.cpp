// SPDX-License-Identifier: Apache-2.0
// expect: interval_join keeps records, and may give one several times: they need a default constructor and copies
#include "reading.hpp"

struct without_default {
    explicit without_default(const reading& of) : sensor(of.sensor) {}
    std::uint64_t sensor;
};

void wrong() {
    const auto others = timed() | weir::map([](const reading& each) { return without_default(each); });
    auto stream = weir::interval_join(keyed(), others | weir::key_by(&without_default::sensor), weir::between(0s, 1s));
}
