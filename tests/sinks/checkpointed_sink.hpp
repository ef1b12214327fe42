// SPDX-License-Identifier: Apache-2.0
// One sink in a run with checkpoints, driven by hand, on the machine.
#pragma once
#include <memory>
#include <string>
#include <utility>

#include "sinks/file_subjects.hpp"

template <class Sink>
class checkpointed_sink {
    using stage = weir::detail::sink_stage<file_subjects::entry, Sink>;

  public:
    explicit checkpointed_sink(const Sink& sink, weir::environment& where = weir::machine())
        : promise_(stage::promise_of(sink)) {
        site_.environment = &where;
        site_.graph_name = "by_hand";
        site_.outputs = &outputs_;
        site_.checkpointed = true;
        run_ = std::make_unique<stage>(sink, weir::sink_site{site_, nullptr, nullptr, "by_hand"});
    }
    checkpointed_sink(const Sink& sink, const std::string& state, weir::environment& where = weir::machine())
        : checkpointed_sink(sink, where) {
        weir::binary_reader reader{std::string_view{state}};
        run_->load_shard(0, reader);
        reader.expect_end();
        run_->recover();
    }

    // Records of the log of file_subjects, one millisecond after the other.
    void take(std::uint64_t from, std::uint64_t to) {
        weir::chunk<file_subjects::entry> records;
        for (std::uint64_t i = from; i < to; ++i) {
            records.push(file_subjects::entry_of(i));
            records.stamps.push_time(weir::timestamp{std::chrono::milliseconds{i}}, weir::time_lowest);
        }
        records.stamps.set_timed(true);
        run_->template run<0>(records, 0, records.size(), weir::chain<>{});
    }
    [[nodiscard]] std::unique_ptr<weir::sink_epoch> end_epoch(bool last = false) {
        return run_->end_epoch(++epoch_, last);
    }
    [[nodiscard]] std::string state() const {
        weir::binary_writer writer;
        run_->save_shard(0, writer);
        return std::string{writer.text()};
    }
    // All of an epoch but what follows the decision.
    std::string prepared(bool last = false) {
        epoch_under_way_ = end_epoch(last);
        std::string saved = state();
        if (epoch_under_way_ != nullptr) epoch_under_way_->prepare();
        return saved;
    }
    void commit() {
        if (epoch_under_way_ != nullptr) epoch_under_way_->commit();
    }
    std::string committed(bool last = false) {
        std::string saved = prepared(last);
        commit();
        return saved;
    }
    [[nodiscard]] weir::delivery promise() const { return promise_.how; }
    [[nodiscard]] weir::sink_stage_base& run() noexcept { return *run_; }

  private:
    weir::delivery_promise promise_;
    weir::run_outputs outputs_;
    weir::stage_site site_;
    std::unique_ptr<stage> run_;
    std::unique_ptr<weir::sink_epoch> epoch_under_way_;
    std::uint64_t epoch_ = 0;
};
