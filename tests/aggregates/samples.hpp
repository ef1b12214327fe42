// SPDX-License-Identifier: Apache-2.0
// Payments at random, with ties, and an aggregate's answer over random parts of them: the naive oracles compare with
// that.
#pragma once
#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "payment.hpp"

#include <weir/record/binary.hpp>

namespace weir_test {

struct stamped_payment {
    payment paid;
    weir::stamp at;
};

// Amounts of every kind, many of them equal; times tie, turns never.
inline std::vector<stamped_payment> random_payments(std::mt19937_64& random, std::size_t count, bool with_nan = false) {
    using limits = std::numeric_limits<double>;
    static constexpr double edges[] = {0.0,           -0.0, limits::max(), limits::lowest(), limits::denorm_min(),
                                       limits::min(), 1.0,  -1.0,          limits::infinity(), -limits::infinity()};
    std::vector<stamped_payment> list;
    while (list.size() < count) {
        payment paid;
        paid.card = random() % 8;
        paid.amount = random() % 4 == 0 ? edges[random() % std::size(edges)] : static_cast<double>(random() % 20) - 10;
        if (with_nan && random() % 16 == 0) paid.amount = limits::quiet_NaN();
        if (with_nan && random() % 16 == 0) paid.amount = -limits::quiet_NaN();
        paid.merchant = "merchant " + std::to_string(random() % 12);
        paid.points = static_cast<std::int64_t>(random() % 9) - 4;
        weir::stamp at{weir::timestamp{weir::duration{static_cast<std::int64_t>(random() % 6)}}, {}};
        at.at.position = list.size();
        list.push_back({paid, at});
    }
    return list;
}

inline bool earlier(const stamped_payment& left, const stamped_payment& right) {
    return left.at.time != right.at.time ? left.at.time < right.at.time : left.at.at < right.at.at;
}
inline std::vector<stamped_payment> in_turn(std::vector<stamped_payment> list) {
    std::sort(list.begin(), list.end(), earlier);
    return list;
}

// What the aggregate makes of the payments in another order, in parts that are stored, loaded and merged.
template <class A>
auto result_in_parts(const A& aggregate, std::vector<stamped_payment> list, std::mt19937_64& random) {
    std::shuffle(list.begin(), list.end(), random);
    std::vector<typename A::state_type> parts(1 + random() % 4, aggregate.create());
    for (const auto& [paid, at] : list) weir::detail::add(aggregate, parts[random() % parts.size()], paid, at);
    auto all = aggregate.create();
    for (const auto& part : parts) {
        weir::binary_writer writer;
        weir::save(writer, part);
        auto loaded = aggregate.create();
        weir::binary_reader reader(writer.bytes());
        weir::load(reader, loaded);
        reader.expect_end();
        if (random() % 2 == 0) {
            aggregate.merge(loaded, all);
            all = loaded;
        } else {
            aggregate.merge(all, loaded);
        }
    }
    return aggregate.result(all);
}

}  // namespace weir_test
