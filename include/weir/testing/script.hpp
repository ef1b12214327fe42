// SPDX-License-Identifier: Apache-2.0
// Scripts: what comes in, step by step, and the exact trace of what must go out.
//
//   script<reading>{at(10s, reading{...}), watermark(12s), at(9s, reading{...}), barrier(), ...}
//   trace<total>{out(9999ms, 9999ms, total{...}), ...}
//
// Times count from the Unix epoch. A script is a log that carries its watermarks itself: a record has the watermark of
// the last watermark step before it, or none. A barrier is where a chunk ends, however large chunks are.
#pragma once
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include <weir/flow/source.hpp>

namespace weir::testing {

[[nodiscard]] constexpr timestamp since_epoch(duration time) noexcept { return timestamp{time}; }

template <class T>
struct timed_record {
    timestamp time;
    T value;
};
struct watermark_step {
    timestamp at;
};
struct barrier_step {};

template <class T> [[nodiscard]] timed_record<T> at(duration time, T value) {
    return {since_epoch(time), std::move(value)};
}
// No record after this step has a smaller time, or it is late.
[[nodiscard]] inline watermark_step watermark(duration time) { return {since_epoch(time)}; }
[[nodiscard]] inline barrier_step barrier() { return {}; }

// A record of the expected trace: its time and watermark are compared as well as its value.
template <class T>
struct expected {
    timestamp time;
    timestamp watermark;
    T value;
};
template <class T> using trace = std::vector<expected<T>>;

template <class T> [[nodiscard]] expected<T> out(duration time, duration mark_before, T value) {
    return {since_epoch(time), since_epoch(mark_before), std::move(value)};
}
// A record that came before the first watermark step.
struct no_watermark {};
template <class T> [[nodiscard]] expected<T> out(duration time, no_watermark, T value) {
    return {since_epoch(time), time_lowest, std::move(value)};
}

template <class T>
class script {
  public:
    struct entry {
        timestamp time;
        timestamp watermark;
        timestamp watermark_behind;  // of the record that may follow
        bool barrier_behind = false;
        T value;
    };
    class step {
      public:
        template <std::convertible_to<T> U> step(timed_record<U> record)
            : record_{record.time, std::move(record.value)} {
            kind_ = kind::record;
        }
        step(watermark_step mark) : record_{mark.at, T{}}, kind_(kind::watermark) {}
        step(barrier_step) : kind_(kind::barrier) {}

      private:
        friend class script;
        enum class kind { record, watermark, barrier };
        timed_record<T> record_{};
        kind kind_{};
    };

    script(std::initializer_list<step> steps) : script(std::vector<step>(steps)) {}
    explicit script(const std::vector<step>& steps) {
        timestamp current = time_lowest;
        for (const step& each : steps) {
            switch (each.kind_) {
                case step::kind::record:
                    entries_.push_back({each.record_.time, current, current, false, each.record_.value});
                    break;
                case step::kind::watermark:
                    if (each.record_.time < current) {
                        throw error(error_kind::configuration, "a script's watermarks do not go back");
                    }
                    current = each.record_.time;
                    if (entries_.empty())
                        first_watermark_ = current;
                    else
                        entries_.back().watermark_behind = current;
                    break;
                case step::kind::barrier:
                    if (!entries_.empty()) entries_.back().barrier_behind = true;
                    break;
            }
        }
    }

    [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }
    [[nodiscard]] timestamp first_watermark() const noexcept { return first_watermark_; }

  private:
    std::vector<entry> entries_;
    timestamp first_watermark_ = time_lowest;
};

namespace detail {

template <class T>
class script_reader final : public source_reader<T, weir::detail::nothing_bad> {
  public:
    explicit script_reader(std::shared_ptr<const script<T>> steps) : steps_(std::move(steps)) {}

    // The end is found by the read after the last record, so that the last watermark is seen before it.
    read_result read(chunk<T>& records, chunk<weir::detail::nothing_bad>&, std::size_t max) override {
        const auto& entries = steps_->entries();
        records.stamps.set_dense(lane::partition(this->partition), next_);
        records.stamps.set_timed(true);
        if (next_ == entries.size()) return read_result::ended;
        for (std::size_t read = 0; read < max && next_ < entries.size(); ++read) {
            const auto& each = entries[next_++];
            records.push(each.value);
            records.stamps.push_time(each.time, each.watermark);
            if (each.barrier_behind) break;
        }
        return read_result::more;
    }
    [[nodiscard]] std::uint64_t offset() const override { return next_; }
    [[nodiscard]] timestamp watermark() const override {
        return next_ == 0 ? steps_->first_watermark() : steps_->entries()[next_ - 1].watermark_behind;
    }
    void save_position(binary_writer& writer) const override { save(writer, std::uint64_t{next_}); }
    void load_position(binary_reader& reader) override {
        next_ = static_cast<std::size_t>(load<std::uint64_t>(reader));
    }

  private:
    std::shared_ptr<const script<T>> steps_;
    std::size_t next_ = 0;
};

template <class T, class Order> auto script_stream(std::vector<script<T>> partitions) {
    std::vector<std::shared_ptr<const script<T>>> shared;
    for (auto& each : partitions) shared.push_back(std::make_shared<const script<T>>(std::move(each)));
    auto open = [shared](environment&) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        for (const auto& each : shared) readers.push_back(std::make_unique<script_reader<T>>(each));
        return readers;
    };
    using node_type = weir::detail::source_node<T, weir::detail::nothing_bad>;
    auto made = std::make_shared<node_type>("script", std::to_string(shared.size()) + " partitions", std::move(open));
    return stream<stream_port<T, Order, timing::event>>{std::move(made), 0};
}

}  // namespace detail

// A script as a source with event time; and several, one partition each.
template <class T> [[nodiscard]] auto source(script<T> steps) {
    return detail::script_stream<T, in_turn>({std::move(steps)});
}
template <class T> [[nodiscard]] auto source(std::vector<script<T>> partitions) {
    return detail::script_stream<T, by_channel>(std::move(partitions));
}

}  // namespace weir::testing
