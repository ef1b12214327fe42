// SPDX-License-Identifier: Apache-2.0
// event_time(t, out_of_order(d)): gives the records of a log their time, t(record), and the watermark that lets them
// arrive up to d out of order: a record's watermark is the largest time strictly before it in its partition, minus d,
// so a record exactly d older than the newest is on time. Stages behind judge lateness; nothing is dropped here.
//
// A time at either end of the line (time/timestamp.hpp) is an error of kind input: those stand for "nothing is known
// yet" and "all input has ended", and no window or timer of theirs would ever be due. Repair or filter such records
// before.
//
// event_time(t, out_of_order(d), resumes) replays a log that was declared idle for a while (engine::declare_idle):
// where it spoke again, its watermark had gone on without it. `resumes` is what the engine's report says of that.
#pragma once
#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <weir/flow/stream.hpp>
#include <weir/flow/log_resume.hpp>

namespace weir {

// How far behind the newest record of its partition a record may come and still be on time; not negative.
struct out_of_order {
    duration bound;
    explicit constexpr out_of_order(duration by) : bound(by) {}
};

namespace detail {

template <class V>
class event_time_stage final : public stage {
  public:
    event_time_stage(duration bound, std::shared_ptr<const std::vector<log_resume>> resumes)
        : bound_(bound), resumes_(std::move(resumes)) {}

    outlet<V> out;
    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out}; }
    void advance(const mark&) override {}
    [[nodiscard]] bool gives_watermarks() const override { return true; }
    [[nodiscard]] timestamp channel_watermark() const override { return watermark_; }
    void raise_watermark(timestamp to) override { watermark_ = std::max(watermark_, to); }
    [[nodiscard]] bool replays_resumes() const noexcept { return !resumes_->empty(); }
    // The record at this place comes next.
    void resume_at(lane from, std::uint64_t position) {
        for (const log_resume& each : *resumes_) {
            if (lane::partition(each.partition) == from && each.offset <= position) raise_watermark(each.watermark);
        }
    }

    // The stamp of the next record in the log.
    timestamp observe(timestamp time) {
        if (time == time_lowest || time == time_highest) refuse(time);
        const timestamp before = std::exchange(watermark_, std::max(watermark_, saturating_sub(time, bound_)));
        return planted(planted_bug::own_time_counts) ? watermark_ : before;
    }
    // The same for `count` records, with times time_at(0), time_at(1), ...
    template <class TimeAt>
    void observe(std::size_t count, TimeAt&& time_at, timestamp* times, timestamp* watermarks) {
        timestamp watermark = watermark_;
        timestamp earliest = time_highest;
        const duration bound = bound_;
        for (std::size_t i = 0; i < count; ++i) {
            const timestamp time = time_at(i);
            earliest = std::min(earliest, time);
            times[i] = time;
            watermarks[i] = watermark;
            watermark = std::max(watermark, saturating_sub(time, bound));
            if (planted(planted_bug::own_time_counts)) watermarks[i] = watermark;
        }
        // Only the highest time can lift the watermark to its own.
        if (watermark == saturating_sub(time_highest, bound)) refuse(time_highest);
        if (count != 0 && earliest == time_lowest) refuse(time_lowest);
        watermark_ = watermark;
    }
    [[nodiscard]] mark translate(const mark& progress) const noexcept {
        return progress.ended() ? progress : mark{watermark_, progress.from, progress.position};
    }
    void save_shard(unsigned, binary_writer& writer) const override {
        save(writer, watermark_);
        counts.save(writer);
    }
    void load_shard(unsigned, binary_reader& reader) override {
        load(reader, watermark_);
        if (planted(planted_bug::forgotten_watermark)) watermark_ = time_lowest;
        counts.load(reader);
    }

  private:
    [[noreturn]] void refuse(timestamp time) const {
        throw error(error_kind::input, std::string("event_time") + (this->name.empty() ? "" : " '" + this->name + "'") +
                                           ": a record has the " + (time == time_lowest ? "lowest" : "highest") +
                                           " of all timestamps, which is the time of no record");
    }

    duration bound_;
    std::shared_ptr<const std::vector<log_resume>> resumes_;
    timestamp watermark_ = time_lowest;
};

// Where nothing stands between the log and event_time, the source's own chunk is stamped in place and goes on.
template <class U, class V, class Chain, class Time>
class event_time_inlet final : public inlet<U> {
  public:
    event_time_inlet(event_time_stage<V>& to, const Chain& steps, const Time& time)
        : to_(to), steps_(steps), time_(time) {}

    void receive(chunk<U>& records, const mark* progress) override {
        to_.counts.in += records.size();
        if constexpr (Chain::is_empty) {
            stamp_in_place(records);
        } else {
            take_records(to_, records, 0, records.size(), steps_, [this](auto&& value, const stamp_view& at) {
                ++to_.counts.accepted;
                ++to_.counts.results;  // here: a full chunk is handed on before the others are made
                const timestamp time = std::invoke(time_, std::as_const(value));
                if (to_.replays_resumes()) [[unlikely]] resume_at(at.columns(), at.index());
                to_.out.push_timed(std::forward<decltype(value)>(value), time, to_.observe(time), at);
            });
        }
        if (progress != nullptr) {
            const mark translated = to_.translate(*progress);
            send(records, &translated);
        } else {
            send(records, nullptr);
        }
        if constexpr (Chain::is_empty) records.stamps.drop_times();
    }

    void receive_each(chunk<U>& records, const mark& last) override {
        if constexpr (Chain::is_empty) {
            to_.counts.in += records.size();
            stamp_in_place(records);
            to_.out.pass_each(records, to_.translate(last), records.movable);
            records.stamps.drop_times();
        } else {
            inlet<U>::receive_each(records, last);
        }
    }

  private:
    void stamp_in_place(chunk<U>& records) {
        const std::size_t size = records.size();
        to_.counts.accepted += size;
        to_.counts.results += size;
        records.stamps.resize_times(size);
        // What is behind takes its time; then the next records are wanted here all at once.
        records.fetch_next_view(0, std::min<std::size_t>(size, 64));
        const auto time_at = [&](std::size_t i) -> timestamp { return std::invoke(time_, records[i]); };
        if (to_.replays_resumes()) [[unlikely]] {
            for (std::size_t i = 0; i < size; ++i) {
                resume_at(records.stamps, i);
                records.stamps.times()[i] = time_at(i);
                records.stamps.watermarks()[i] = to_.observe(time_at(i));
            }
            return;
        }
        to_.observe(size, time_at, records.stamps.times(), records.stamps.watermarks());
    }
    void resume_at(const stamp_columns& stamps, std::size_t index) {
        to_.resume_at(stamps.from(index), stamps.position(index));
    }
    void send(chunk<U>& records, const mark* progress) {
        if constexpr (Chain::is_empty) {
            to_.out.pass(records, progress, records.movable);
        } else {
            to_.out.flush(progress);
        }
    }

    event_time_stage<V>& to_;
    [[no_unique_address]] Chain steps_;
    Time time_;
};

template <class S, class Time>
class event_time_node final : public node {
  public:
    using value_type = typename S::value_type;
    using upstream_type = typename S::upstream_type;

    event_time_node(stage_name name, S source, Time time, duration bound,
                    std::shared_ptr<const std::vector<log_resume>> resumes)
        : node("event_time", std::move(name), spread::per_channel), source_(std::move(source)), time_(std::move(time)),
          bound_(bound), resumes_(std::move(resumes)) {
        if (budget() != stage_name::no_budget) {
            throw error(error_kind::configuration,
                        "event_time has no budget: it hands records on as they are; give it to the stage behind");
        }
        if (bound < duration::zero()) {
            throw error(error_kind::configuration, "event_time: out_of_order needs a duration that is not negative");
        }
        add_input(source_.input());
    }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site&) const override {
        return std::make_unique<event_time_stage<value_type>>(bound_, resumes_);
    }
    [[nodiscard]] bool reads_turns() const override { return !resumes_->empty(); }
    void attach(std::size_t, outlet_base& from, stage& to, std::size_t, gate*) const override {
        using inlet_type = event_time_inlet<upstream_type, value_type, typename S::chain_type, Time>;
        auto made =
            std::make_unique<inlet_type>(static_cast<event_time_stage<value_type>&>(to), source_.steps(), time_);
        static_cast<outlet<upstream_type>&>(from).to.push_back(made.get());
        to.adopt(std::move(made));
    }
    [[nodiscard]] bool single_use() const override { return !std::is_copy_constructible_v<value_type>; }

  private:
    S source_;
    Time time_;
    duration bound_;
    std::shared_ptr<const std::vector<log_resume>> resumes_;
};

}  // namespace detail

template <class Time>
struct event_time_operation : stage_operation {
    Time time;
    duration bound;
    std::shared_ptr<const std::vector<log_resume>> resumes;

    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>, "event_time takes a log: put it right behind the source");
            return rejected_stream{};
        } else if constexpr (S::time != timing::log) {
            static_assert(detail::unsupported<S>,
                          "event_time takes a log: put it behind the source, before any stage and only once");
            return rejected_stream{};
        } else if constexpr (!std::is_invocable_r_v<timestamp, const Time&, const typename S::value_type&>) {
            static_assert(detail::unsupported<S>,
                          "event_time needs a weir::timestamp member of the record, or a function that returns one");
            return rejected_stream{};
        } else {
            using value_type = typename S::value_type;
            auto made = std::make_shared<detail::event_time_node<S, Time>>(std::move(name), source, time, bound,
                                                                                  resumes);
            return stream<stream_port<value_type, typename S::port::order, timing::event>>{std::move(made), 0, {},
                                                                                           source.columns()};
        }
    }
};

template <class Time>
[[nodiscard]] auto event_time(Time time, out_of_order bound, std::vector<log_resume> resumes = {}) {
    return event_time_operation<Time>{{}, std::move(time), bound.bound,
                                      std::make_shared<const std::vector<log_resume>>(std::move(resumes))};
}

}  // namespace weir
