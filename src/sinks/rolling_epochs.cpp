// SPDX-License-Identifier: Apache-2.0
// What rolling files do in runs with checkpoints.
#include <weir/base/planted_bug.hpp>
#include <weir/record/binary.hpp>
#include <weir/sinks/rolling_file.hpp>

namespace weir::detail {

namespace {
constexpr std::uint8_t state_version = 1;
}

class rolling_file::epoch final : public sink_epoch {
  public:
    epoch(environment& where, const file_kind& kind, std::string pattern)
        : where_(where), kind_(kind), pattern_(std::move(pattern)) {}

    std::uint64_t number = 0;
    std::vector<std::shared_ptr<output_file>> unsynced;
    bool made_any = false;  // files, in it
    std::vector<committed_file> files;  // that become visible

    void prepare() override {
        as_error_of_file(kind_.name, pattern_, [&] {
            for (const auto& each : unsynced) each->sync();
            if (made_any) where_.sync_folder(folder_of(pattern_));
        });
        unsynced.clear();
        if (planted(planted_bug::publish_before_manifest)) commit();
    }
    void commit() override {
        if (!files.empty()) publish_committed_files(where_, kind_.name, number, files);
    }

  private:
    environment& where_;
    file_kind kind_;
    std::string pattern_;
};

std::vector<committed_file> rolling_file::files_of_epoch() const {
    std::vector<committed_file> files;
    for (const closed_file& each : of_epoch_) files.push_back({name_of(each.number), each.whole});
    return files;
}

std::unique_ptr<sink_epoch> rolling_file::end_epoch(std::uint64_t number, bool last) {
    if (file_ != nullptr && (last || options_.every_epoch)) close();
    std::optional<file_extent> there;
    if (file_ != nullptr) there = file_->flush();
    const bool grown = there && there != there_;
    there_ = there;
    epoch_ = number;
    of_epoch_ = std::exchange(closed_, {});
    if (!grown && of_epoch_.empty()) return nullptr;
    auto ended = std::make_unique<epoch>(where_, kind_, pattern_);
    ended->number = number;
    ended->unsynced = std::exchange(unsynced_, {});
    if (grown) ended->unsynced.push_back(file_->file());
    ended->made_any = std::exchange(made_any_, false);
    ended->files = files_of_epoch();
    return ended;
}

void rolling_file::recover() {
    if (!restored_) return;
    begun_ = true;
    if (!of_epoch_.empty()) publish_committed_files(where_, kind_.name, epoch_, files_of_epoch());
    if (there_) {
        file_ = std::make_unique<staged_file>(where_, kind_.name, name_of(number_), codecs_, *there_);
        made_any_ = there_->bytes == 0;
        if (options_.wall_clock.count() != 0) opened_ = where_.ticks();
    }
    as_error_of_file(kind_.name, pattern_, [&] { remove_forgotten(); });
}

void rolling_file::save(binary_writer& writer) const {
    const bool between_epochs = closed_.empty() && (file_ == nullptr || (there_ && file_->flushed()));
    if (!checkpointed_ || !between_epochs) refuse_file_snapshot(kind_, pattern_);
    writer.write_fixed(state_version);
    writer.write_fixed(number_);
    writer.write_fixed(epoch_);
    writer.write_count(of_epoch_.size());
    for (const closed_file& each : of_epoch_) {
        writer.write_fixed(each.number);
        each.whole.save(writer);
    }
    weir::save(writer, there_.has_value());
    if (!there_) return;
    there_->save(writer);
    writer.write_fixed(bytes_);
    writer.write_fixed(span_);
}

void rolling_file::load(binary_reader& reader) {
    if (!checkpointed_) refuse_file_snapshot(kind_, pattern_);
    check_file_state_version(kind_, pattern_, reader.read_fixed<std::uint8_t>(), state_version);
    restored_ = true;
    number_ = reader.read_fixed<std::uint64_t>();
    epoch_ = reader.read_fixed<std::uint64_t>();
    of_epoch_.clear();
    for (std::size_t left = reader.read_count(); left != 0; --left) {
        closed_file& each = of_epoch_.emplace_back();
        each.number = reader.read_fixed<std::uint64_t>();
        each.whole.load(reader);
    }
    there_.reset();
    if (!reader.read_bool()) return;
    there_.emplace().load(reader);
    bytes_ = reader.read_fixed<std::uint64_t>();
    span_ = reader.read_fixed<std::int64_t>();
}

}  // namespace weir::detail
