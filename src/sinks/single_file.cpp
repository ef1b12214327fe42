// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/single_file.hpp>

#include <weir/base/planted_bug.hpp>
#include <weir/record/binary.hpp>

namespace weir::detail {
namespace {

constexpr std::uint8_t state_version = 1;

// What becomes of the file when an epoch is over.
class file_epoch final : public sink_epoch {
  public:
    file_epoch(environment& where, const file_kind& kind, std::string path) : where_(where), kind_(kind), path_(path) {}

    std::shared_ptr<output_file> file;  // to be synced
    bool made = false;                  // it, in this epoch or one of those before that had nothing to do
    bool last = false;
    file_extent there;

    void prepare() override {
        as_error_of_file(kind_.name, path_, [&] {
            file->sync();
            if (made) where_.sync_folder(folder_of(path_));
        });
        if (planted(planted_bug::publish_before_manifest)) commit();
    }
    void commit() override {
        if (last) publish_lasting_file(where_, kind_.name, path_, there);
    }

  private:
    environment& where_;
    file_kind kind_;
    std::string path_;
};

}  // namespace

single_file::single_file(const file_kind& kind, std::string path, environment& where, const file_codecs& codecs,
                         bool checkpointed)
    : kind_(kind), path_(std::move(path)), where_(where), codecs_(codecs), checkpointed_(checkpointed) {}

bool single_file::open() {
    if (whole_) {
        throw error(error_kind::state, title_of_file(kind_.name, path_) + ": the logs had ended, and the file was "
                                           "whole: nothing can be added. Write another file, without this checkpoint");
    }
    begun_ = true;
    if (!checkpointed_) {
        file_ = std::make_unique<staged_file>(where_, kind_.name, path_, codecs_);
        return true;
    }
    file_ = std::make_unique<staged_file>(where_, kind_.name, path_, codecs_, there_);
    return there_.bytes == 0;
}

void single_file::prepare() {
    if (!checkpointed_) file_->prepare();
}

void single_file::finish(bool complete) {
    if (checkpointed_) return;
    if (complete) {
        file_->publish();
    } else {
        file_->discard();
    }
}

std::unique_ptr<sink_epoch> single_file::end_epoch(std::uint64_t, bool last) {
    if (whole_) return nullptr;
    whole_ = last;
    const file_extent before = there_;
    there_ = file_->flush();
    if (there_ == before && !last && folder_synced_) return nullptr;
    auto ended = std::make_unique<file_epoch>(where_, kind_, path_);
    ended->file = file_->file();
    ended->made = !folder_synced_;
    ended->last = last;
    ended->there = there_;
    folder_synced_ = true;
    return ended;
}

void single_file::recover() {
    if (!restored_) return;
    if (whole_) {
        publish_lasting_file(where_, kind_.name, path_, there_);
    } else if (there_.bytes != 0) {
        static_cast<void>(begin());
        folder_synced_ = true;
    }
}

void single_file::save(binary_writer& writer) const {
    const bool between_epochs = whole_ || (file_ != nullptr && file_->flushed());
    if (!checkpointed_ || !between_epochs) refuse_file_snapshot(kind_, path_);
    writer.write_fixed(state_version);
    weir::save(writer, whole_);
    there_.save(writer);
}

void single_file::load(binary_reader& reader) {
    if (!checkpointed_) refuse_file_snapshot(kind_, path_);
    check_file_state_version(kind_, path_, reader.read_fixed<std::uint8_t>(), state_version);
    whole_ = reader.read_bool();
    there_.load(reader);
    restored_ = true;
}

}  // namespace weir::detail
