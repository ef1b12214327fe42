// SPDX-License-Identifier: Apache-2.0
// The one file of a sink, in all its runs. sinks/file_sink.hpp says what becomes of it.
#pragma once
#include <memory>
#include <string>

#include <weir/flow/sink.hpp>
#include <weir/sinks/file_kind.hpp>
#include <weir/sinks/staged_file.hpp>

namespace weir::detail {

class single_file {
  public:
    // In a run with checkpoints it is opened by the first record, epoch or recovery: until then nobody knows whether it
    // is to begin anew.
    single_file(const file_kind& kind, std::string path, environment& where, const file_codecs& codecs,
                bool checkpointed);

    // Opens the file if it is not. Returns whether it is a new one. Throws weir::error of kind state if it was whole
    // when the checkpoint was taken.
    [[nodiscard]] bool begin_record(const stamp_view&) { return !begun_ && open(); }
    // The same, for no record: a file that is whole stays so.
    [[nodiscard]] bool begin() { return !begun_ && !whole_ && open(); }
    // What belongs to the record is appended here.
    [[nodiscard]] std::string& pending() { return file_->pending; }
    void end_record() { file_->write_full(); }

    [[nodiscard]] bool checkpointed() const noexcept { return checkpointed_; }
    [[nodiscard]] bool publishes() const noexcept { return !checkpointed_; }
    void prepare();
    void finish(bool complete);

    [[nodiscard]] std::unique_ptr<sink_epoch> end_epoch(std::uint64_t number, bool last);
    void recover();
    void save(binary_writer& writer) const;
    void load(binary_reader& reader);

  private:
    bool open();

    file_kind kind_;
    std::string path_;
    environment& where_;
    file_codecs codecs_;
    bool checkpointed_;
    bool begun_ = false;
    bool folder_synced_ = false;  // since the file was made
    bool whole_ = false;          // the last epoch has ended: nothing is added any more
    bool restored_ = false;
    file_extent there_;  // when the last epoch ended
    std::unique_ptr<staged_file> file_;
};

}  // namespace weir::detail
