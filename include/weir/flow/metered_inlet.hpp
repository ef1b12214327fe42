// SPDX-License-Identifier: Apache-2.0
// Stands before the inlet of a stage that is measured. Stages that are not measured have none, and pay nothing.
#pragma once
#include <functional>
#include <utility>

#include <weir/flow/channel.hpp>
#include <weir/flow/stage_meter.hpp>

namespace weir::detail {

// Counts the key of one record of a chunk; empty for a stage without keys.
template <class U> using key_sampler = std::function<void(chunk<U>& records, std::size_t index, hot_keys& into)>;

template <class U>
void sample_keys_of(chunk<U>& records, std::size_t begin, std::size_t end, key_sampler<U>& sampler,
                    stage_meter& meter) {
    if (!sampler) return;
    const bool movable = std::exchange(records.movable, false);
    meter.sample(begin, end, [&](std::size_t index) { sampler(records, index, meter.keys); });
    records.movable = movable;
}

template <class U>
class metered_inlet final : public inlet<U> {
  public:
    metered_inlet(inlet<U>& to, stage_meter& meter, key_sampler<U> sampler)
        : to_(to), meter_(meter), sampler_(std::move(sampler)) {
        this->reads_marks = to.reads_marks;
    }

    // Records and mark one after the other: what becomes due is no work on these records.
    void receive(chunk<U>& records, const mark* progress) override {
        if (!records.empty()) take(records);
        if (progress == nullptr) return;
        nothing_.clear();
        to_.receive(nothing_, progress);
    }

  private:
    void take(chunk<U>& records) {
        const std::size_t size = records.size();
        sample_keys_of(records, 0, size, sampler_, meter_);
        const auto began = meter_.begin();
        to_.receive(records, nullptr);
        meter_.end(began, size);
    }

    inlet<U>& to_;
    stage_meter& meter_;
    key_sampler<U> sampler_;
    chunk<U> nothing_;
};

}  // namespace weir::detail
