// SPDX-License-Identifier: Apache-2.0
// wall_clock_timer(1s): a record per second of real time, numbered from 0, as long as the run goes on: what a graph
// does by the clock and not by its input starts here. The records themselves are the same in every run, at = start +
// number x interval; when they come is not, and weir::explain says so. A timer that was held up catches up: none is
// missing.
#pragma once
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include <weir/flow/source.hpp>
#include <weir/record/describe.hpp>

namespace weir {

struct timer_tick {
    std::uint64_t number = 0;
    timestamp at{};
    friend bool operator==(const timer_tick&, const timer_tick&) = default;
};
BOOST_DESCRIBE_STRUCT(timer_tick, (), (number, at))

struct timer_options {
    timestamp start{};  // the event time of the first record
    std::uint64_t count = std::numeric_limits<std::uint64_t>::max();  // records, after which the log ends
};

namespace detail {

class timer_reader final : public source_reader<timer_tick, nothing_bad> {
  public:
    timer_reader(environment& where, std::chrono::nanoseconds every, const timer_options& options)
        : where_(where), every_(every), options_(options), began_(where.ticks()) {}

    read_result read(chunk<timer_tick>& into, chunk<nothing_bad>&, std::size_t max) override;
    [[nodiscard]] std::uint64_t offset() const override { return next_; }
    void save_position(binary_writer& writer) const override;
    // The first record after it is due at once.
    void load_position(binary_reader& reader) override;

  private:
    environment& where_;
    std::chrono::nanoseconds every_;
    timer_options options_;
    std::chrono::nanoseconds began_;  // when the first one was due
    std::uint64_t next_ = 0;
};

}  // namespace detail

// Throws weir::error of kind configuration if the interval is not above zero.
[[nodiscard]] stream<stream_port<timer_tick, in_turn, timing::log>> wall_clock_timer(std::chrono::nanoseconds every,
                                                                                    timer_options options = {});

}  // namespace weir
