// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/wall_clock_timer.hpp>

#include <algorithm>

#include <weir/record/print.hpp>

namespace weir {
namespace detail {

read_result timer_reader::read(chunk<timer_tick>& into, chunk<nothing_bad>&, std::size_t max) {
    if (next_ == options_.count) return read_result::ended;
    const auto due = static_cast<std::uint64_t>((where_.ticks() - began_) / every_) + 1;
    const std::uint64_t end = std::min({due, options_.count, next_ + max});
    if (end <= next_) return read_result::idle;
    into.stamps.set_dense(lane::partition(this->partition), next_);
    for (; next_ < end; ++next_) {
        into.push(timer_tick{next_, options_.start + every_ * static_cast<std::int64_t>(next_)});
    }
    if (next_ == options_.count) return read_result::ended;
    return next_ < due ? read_result::more : read_result::idle;
}

void timer_reader::save_position(binary_writer& writer) const { save(writer, next_); }
void timer_reader::load_position(binary_reader& reader) {
    load(reader, next_);
    if (next_ > options_.count) throw error(error_kind::state, "the snapshot's timer had gone on longer than this one");
    began_ = where_.ticks() - every_ * static_cast<std::int64_t>(next_);
}

}  // namespace detail

stream<stream_port<timer_tick, in_turn, timing::log>> wall_clock_timer(std::chrono::nanoseconds every,
                                                                      timer_options options) {
    if (every <= std::chrono::nanoseconds::zero()) {
        throw error(error_kind::configuration, "wall_clock_timer needs an interval above zero");
    }
    const auto open = [every, options](environment& where) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        readers.push_back(std::make_unique<detail::timer_reader>(where, every, options));
        return readers;
    };
    auto made = std::make_shared<detail::source_node<timer_tick, detail::nothing_bad>>(
        "wall_clock_timer", std::to_string(every.count()) + " ns", open);
    made->set_unbounded(options.count == std::numeric_limits<std::uint64_t>::max());
    made->set_non_deterministic("when its records come is a matter of the wall clock");
    return {std::move(made), 0};
}

}  // namespace weir
