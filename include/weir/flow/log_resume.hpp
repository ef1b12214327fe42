// SPDX-License-Identifier: Apache-2.0
// Where a log spoke again that had been declared idle. It is part of the log: a replay needs it for the same answer.
#pragma once
#include <cstdint>

#include <weir/record/describe.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

struct log_resume {
    std::uint64_t partition = 0;        // the log's number in the graph
    std::uint64_t offset = 0;           // of the first record after it
    timestamp watermark = time_lowest;  // which that record, and all behind it, have at least
    friend bool operator==(const log_resume&, const log_resume&) = default;
};
BOOST_DESCRIBE_STRUCT(log_resume, (), (partition, offset, watermark))

}  // namespace weir
