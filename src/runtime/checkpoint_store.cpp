// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/checkpoint_store.hpp>

#include <algorithm>
#include <optional>
#include <set>

#include <weir/base/error.hpp>
#include <weir/base/planted_bug.hpp>

#include <fmt/format.h>

#include "checkpoint_folder.hpp"
#include "checkpoint_manifest.hpp"
#include "checkpoint_segment.hpp"

namespace weir {
namespace {

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return {};
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

class checkpoint_store::impl {
  public:
    impl(environment& where, checkpoint_folder folder);

    [[nodiscard]] const checkpoint_info* latest() const noexcept { return latest_ ? &*latest_ : nullptr; }
    [[nodiscard]] const std::vector<std::string>& passed_over() const noexcept { return passed_over_; }
    [[nodiscard]] std::uint64_t next_epoch() const noexcept { return next_epoch_; }
    [[nodiscard]] std::uint64_t incarnation() const noexcept { return incarnation_; }
    [[nodiscard]] std::uint64_t job() const noexcept { return job_; }
    void read(const std::function<void(const state_batch::entry&)>& visit) {
        if (latest_) read_checkpoint(where_, path_, *latest_, visit);
    }
    checkpoint_info write(checkpoint_info about, state_batch& entries, bool whole);
    void tidy();
    // Of what writes into the folder: an error of its disk says what that means for the run.
    template <class Write> auto writing(Write&& write) {
        try {
            return write();
        } catch (const error& wrong) {
            if (wrong.kind() != error_kind::io) throw;
            throw error(error_kind::io, "the checkpoint folder '" + path_ + "' cannot be written: " + wrong.what() +
                                            "; once that is mended, the next run goes on from what was written before");
        }
    }

  private:
    struct known_checkpoint {
        checkpoint_info info;
        bool sound = true;
    };

    void make_folder();
    void take_lock();
    void look();
    void sync_folders_above();
    void refuse_strangers(const detail::found_files& found) const;
    void refuse_nothing(const detail::found_files& found) const;

    [[nodiscard]] detail::checkpoint_header new_file(detail::checkpoint_file_kind kind);
    [[nodiscard]] std::optional<detail::segment_writer> write_entries(const state_batch& entries, bool keep_gone);
    void publish_manifest(const checkpoint_info& info);
    void refuse_later_manifests() const;
    void sync(detail::segment_writer& segment);
    void sync_folder(const std::string& path);
    [[nodiscard]] const std::vector<checkpoint_segment>& segments() const {
        return merged_ ? *merged_ : latest_->segments;
    }
    void merge();
    void remove_manifests();
    void remove_files();
    void refuse_if_given_up() const;

    environment& where_;
    std::string path_;
    std::string graph_;
    unsigned keep_;
    std::unique_ptr<file_lock> lock_;
    std::vector<known_checkpoint> known_;  // on the disk and readable, from the newest
    std::uint64_t unknown_ = 0;            // the highest epoch whose manifest could not be read
    std::vector<std::string> passed_over_;
    std::optional<checkpoint_info> latest_;
    std::optional<std::vector<checkpoint_segment>> merged_;  // instead of the latest's, from the next write on
    std::uint64_t next_epoch_ = 1;
    std::uint64_t incarnation_ = 1;
    std::uint64_t job_ = 0;
    std::string given_up_;  // why nothing more is written
};

checkpoint_store::impl::impl(environment& where, checkpoint_folder folder)
    : where_(where),
      path_(detail::folder_path(folder.path)),
      graph_(std::move(folder.graph)),
      keep_(std::max(1U, folder.keep)) {
    try {
        make_folder();
        take_lock();
        look();
        remove_manifests();
        remove_files();
    } catch (const error& wrong) {
        if (wrong.kind() != error_kind::io) throw;
        throw error(error_kind::io, "cannot use the checkpoint folder '" + path_ + "': " + wrong.what() +
                                        "; it must be a folder that can be read and written, with all that is in it");
    }
}

void checkpoint_store::impl::make_folder() {
    const auto status = where_.status_of(path_);
    if (status && status->plain) throw error(error_kind::io, "it is a file");
    if (status) return;
    std::vector<std::string> missing{path_};
    for (std::string above = parent_of(path_); !above.empty() && above != "/"; above = parent_of(above)) {
        if (where_.status_of(above)) break;
        missing.push_back(above);
    }
    where_.create_folder(path_);
    missing.erase(missing.begin());  // see look()
    for (const std::string& each : missing) sync_folder(parent_of(each));
}

void checkpoint_store::impl::take_lock() {
    if (planted(planted_bug::stale_incarnation)) return;
    lock_ = where_.lock_file(path_ + "/lock");
    if (lock_ != nullptr) return;
    throw error(error_kind::state, "another process has the checkpoint folder '" + path_ + "' (it holds '" + path_ +
                                       "/lock'): let it end first, or use another folder");
}

void checkpoint_store::impl::look() {
    const detail::found_files found = detail::look_into(where_, path_, false);
    refuse_strangers(found);
    std::uint64_t highest = 0;
    for (const detail::found_checkpoint& each : found.checkpoints) {
        highest = std::max(highest, each.epoch);
        incarnation_ = std::max(incarnation_, each.incarnation + 1);
        if (each.info) known_.push_back({*each.info, each.sound()});
        if (!each.info) unknown_ = std::max(unknown_, each.epoch);
        if (each.sound() && !latest_) latest_ = each.info;
        if (!latest_) passed_over_.push_back(each.problem);
    }
    if (!latest_) refuse_nothing(found);
    // Whoever wrote the latest, or made the folder, may have been killed before the name was there to stay; and what is
    // built on it from now on must not outlive it.
    if (latest_) {
        sync_folder(path_);
    } else {
        sync_folders_above();
    }
    job_ = latest_ ? latest_->job : where_.random();
    // A segment of the epoch after the newest manifest's is what a crash left of the one that is written again now; one
    // of a still later epoch outlived its manifest, whose number is not used again.
    next_epoch_ = std::max(highest + 1, found.highest_segment_epoch);
    if (planted(planted_bug::reuse_epoch_number)) next_epoch_ = latest_ ? latest_->epoch + 1 : 1;
}

// A folder lasts only if the one it lies in has its name, and whoever made it, and those above it, may have been killed
// before that. Those further up may be of others, and not for us to open: made here, they were synced by make_folder.
void checkpoint_store::impl::sync_folders_above() {
    std::string above = parent_of(path_);
    sync_folder(above);
    while (!above.empty() && above != "/" && !planted(planted_bug::skip_folder_sync)) {
        above = parent_of(above);
        try {
            where_.sync_folder(above);
        } catch (const error&) {
        }
    }
}

void checkpoint_store::impl::refuse_strangers(const detail::found_files& found) const {
    const checkpoint_info* first = nullptr;
    for (const detail::found_checkpoint& each : found.checkpoints) {
        if (each.newer_format) throw error(error_kind::state, each.problem);
        if (!each.info) continue;
        if (each.info->graph != graph_) {
            throw error(error_kind::state,
                        "the checkpoint folder '" + path_ + "' is of the graph '" + each.info->graph + "', not of '" +
                            graph_ + "': each graph needs a folder of its own");
        }
        if (first == nullptr) first = &*each.info;
        if (each.info->job != first->job) {
            throw error(error_kind::state,
                        fmt::format("the checkpoint folder '{}' holds checkpoints of two jobs ({:016x} wrote epoch {}, "
                                    "{:016x} epoch {}): take those of one of them away",
                                    path_, first->job, first->epoch, each.info->job, each.info->epoch));
        }
    }
}

// Starting from nothing is right only where nothing was ever finished.
void checkpoint_store::impl::refuse_nothing(const detail::found_files& found) const {
    if (!found.checkpoints.empty()) {
        throw error(error_kind::state, "no checkpoint in '" + path_ + "' is sound: " + passed_over_.front() +
                                           (passed_over_.size() == 1 ? "" : " (and others, for their own reasons)") +
                                           "; to start from nothing, take all files out of the folder");
    }
    if (found.highest_segment_epoch > 1) {
        throw error(error_kind::state,
                    "the checkpoint folder '" + path_ + "' has lost its manifests: there is state of epoch " +
                        std::to_string(found.highest_segment_epoch) +
                        ", and nothing that names it; bring them back, or, to start from nothing, take all files out "
                        "of the folder");
    }
}

void checkpoint_store::impl::refuse_if_given_up() const {
    if (given_up_.empty()) return;
    throw error(error_kind::state,
                "nothing more is written into the checkpoint folder '" + path_ + "' after an error: " + given_up_);
}

void checkpoint_store::impl::sync_folder(const std::string& path) {
    if (planted(planted_bug::skip_folder_sync)) return;
    try {
        where_.sync_folder(path);
    } catch (const error& wrong) {
        given_up_ = wrong.what();
        if (!planted(planted_bug::retry_fsync)) throw;
        given_up_.clear();
        where_.sync_folder(path);
    }
}

void checkpoint_store::impl::sync(detail::segment_writer& segment) {
    try {
        segment.sync();
    } catch (const error& wrong) {
        given_up_ = wrong.what();
        throw;
    }
}

detail::checkpoint_header checkpoint_store::impl::new_file(detail::checkpoint_file_kind kind) {
    detail::checkpoint_header header{kind, job_, 0, incarnation_, next_epoch_};
    do {
        header.file = where_.random();
    } while (where_.status_of(path_ + "/" + detail::to_text(detail::segment_name{next_epoch_, header.file})));
    return header;
}

// Without a sync. Nothing if there is no entry to write.
std::optional<detail::segment_writer> checkpoint_store::impl::write_entries(const state_batch& entries,
                                                                            bool keep_gone) {
    std::optional<detail::segment_writer> segment;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const state_batch::entry each = entries[i];
        if (each.gone && !keep_gone) continue;
        if (!segment) segment.emplace(where_, path_, new_file(detail::checkpoint_file_kind::segment));
        segment->append(each);
    }
    if (segment) segment->finish();
    return segment;
}

checkpoint_info checkpoint_store::impl::write(checkpoint_info about, state_batch& entries, bool whole) {
    refuse_if_given_up();
    about.graph = graph_;
    about.epoch = next_epoch_;
    about.incarnation = incarnation_;
    about.job = job_;
    about.segments.clear();
    if (!whole && latest_) about.segments = segments();
    if (!about.segments.empty()) {
        const auto& before = latest_->stages;
        if (before.size() > about.stages.size() || !std::equal(before.begin(), before.end(), about.stages.begin())) {
            throw error(error_kind::internal, "the stages of a checkpoint are not those of the one before it, so that "
                                              "it has to be written as a whole");
        }
    }
    entries.sort();
    if (entries.size() != 0 && entries[entries.size() - 1].stage >= about.stages.size()) {
        throw error(error_kind::internal, "a checkpoint has state of a stage that it does not name");
    }
    try {
        auto segment = write_entries(entries, !about.segments.empty());
        if (segment) about.segments.push_back(segment->written());
        const bool late = planted(planted_bug::publish_manifest_first);
        if (segment && !late) sync(*segment);
        if (!late) sync_folder(path_);
        publish_manifest(about);
        if (segment && late) sync(*segment);
    } catch (const std::exception& wrong) {
        given_up_ = wrong.what();
        throw;
    }
    ++next_epoch_;
    merged_.reset();
    known_.insert(known_.begin(), {about, true});
    latest_ = about;
    return about;
}

void checkpoint_store::impl::publish_manifest(const checkpoint_info& info) {
    const detail::checkpoint_header header = new_file(detail::checkpoint_file_kind::manifest);
    const std::string aside = path_ + fmt::format("/unfinished-{:020}-{:016x}", info.epoch, header.file);
    const std::string name = path_ + "/" + detail::manifest_name(info.epoch);
    detail::write_manifest(where_, aside, info, header.file);
    if (planted(planted_bug::reuse_epoch_number)) where_.remove(name);
    if (planted(planted_bug::stale_incarnation)) return where_.publish(aside, name);
    if (!where_.link(aside, name)) {
        throw error(error_kind::state, "another process has written checkpoint " + std::to_string(info.epoch) +
                                           " into '" + path_ + "' meanwhile: it goes on, this one does not");
    }
    sync_folder(path_);
    if (!planted(planted_bug::reuse_epoch_number)) refuse_later_manifests();
    try {
        where_.remove(aside);
    } catch (const error&) {  // the epoch is durable, whatever becomes of its other name: tidy() tries again
    }
}

// The name may have been free because another process, which has gone on from here, has removed its manifest of this
// epoch since.
void checkpoint_store::impl::refuse_later_manifests() const {
    for (const std::string& each : detail::names_in(where_, path_, "manifest-")) {
        const auto epoch = detail::parse_manifest_name(each);
        if (!epoch || *epoch <= next_epoch_) continue;
        throw error(error_kind::state, "another process has written checkpoint " + std::to_string(*epoch) + " into '" +
                                           path_ + "' meanwhile: it goes on, this one does not");
    }
}

void checkpoint_store::impl::tidy() {
    refuse_if_given_up();
    if (latest_) merge();
    remove_manifests();
    remove_files();
}

void checkpoint_store::impl::merge() {
    const std::vector<checkpoint_segment>& before = segments();
    const std::size_t first = detail::merge_from(before);
    if (first == before.size()) return;
    detail::merged_segments entries(where_, path_, before, first, job_);
    std::optional<detail::segment_writer> segment;
    while (entries.next()) {
        if (entries.current().gone && first == 0) continue;
        if (!segment) segment.emplace(where_, path_, new_file(detail::checkpoint_file_kind::segment));
        segment->append(entries.current());
    }
    std::vector<checkpoint_segment> after(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(first));
    if (segment) {
        segment->finish();
        sync(*segment);
        after.push_back(segment->written());
    }
    merged_ = std::move(after);
}

// Those that are neither among the newest nor savepoints. What was passed over stays: it may be needed by whoever mends
// it.
void checkpoint_store::impl::remove_manifests() {
    std::vector<known_checkpoint> kept;
    std::vector<std::uint64_t> old;
    unsigned sound = 0;
    for (known_checkpoint& each : known_) {
        if (sound < keep_ || each.info.savepoint) {
            sound += each.sound ? 1 : 0;
            kept.push_back(std::move(each));
        } else {
            old.push_back(each.info.epoch);
        }
    }
    known_ = std::move(kept);
    for (const std::uint64_t each : old) where_.remove(path_ + "/" + detail::manifest_name(each));
    // A segment must not go before the manifests that name it.
    if (!old.empty()) sync_folder(path_);
}

// Segments that nothing names, and what was left unfinished. A manifest that could not be read may name any segment
// that was there when it was written.
void checkpoint_store::impl::remove_files() {
    std::set<std::string, std::less<>> named;
    const auto add = [&named](const std::vector<checkpoint_segment>& all) {
        for (const checkpoint_segment& each : all) named.insert(each.name);
    };
    for (const known_checkpoint& each : known_) add(each.info.segments);
    if (merged_) add(*merged_);
    for (const std::string& each : detail::names_in(where_, path_, "segment-")) {
        const auto name = detail::parse_segment_name(each);
        if (name && name->epoch > unknown_ && !named.contains(each)) where_.remove(path_ + "/" + each);
    }
    for (const std::string& each : detail::names_in(where_, path_, "unfinished-")) where_.remove(path_ + "/" + each);
}

checkpoint_store::checkpoint_store(environment& where, checkpoint_folder folder)
    : impl_(std::make_unique<impl>(where, std::move(folder))) {}
checkpoint_store::~checkpoint_store() = default;
const checkpoint_info* checkpoint_store::latest() const noexcept { return impl_->latest(); }
const std::vector<std::string>& checkpoint_store::passed_over() const noexcept { return impl_->passed_over(); }
std::uint64_t checkpoint_store::next_epoch() const noexcept { return impl_->next_epoch(); }
std::uint64_t checkpoint_store::incarnation() const noexcept { return impl_->incarnation(); }
std::uint64_t checkpoint_store::job() const noexcept { return impl_->job(); }
void checkpoint_store::read(const std::function<void(const state_batch::entry&)>& visit) { impl_->read(visit); }
checkpoint_info checkpoint_store::write(checkpoint_info about, state_batch& entries, bool whole) {
    return impl_->writing([&] { return impl_->write(std::move(about), entries, whole); });
}
void checkpoint_store::tidy() {
    impl_->writing([this] { impl_->tidy(); });
}

}  // namespace weir
