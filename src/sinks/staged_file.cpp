// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/staged_file.hpp>

#include <fmt/format.h>

#include <weir/base/crc32c.hpp>
#include <weir/base/planted_bug.hpp>
#include <weir/base/stable_hash.hpp>

namespace weir::detail {
namespace {

struct path_parts {
    std::string folder;  // with its slash
    std::string name;
};
path_parts parts_of(const std::string& path) {
    const std::size_t begin = path.rfind('/') + 1;  // 0 where there is no slash
    return {path.substr(0, begin), path.substr(begin)};
}

// No pattern of file names finds a hidden file, and no two writers share one. A long name with an addition could be
// longer than the 255 bytes a file system allows.
std::string hidden_name_beside(const std::string& path, std::uint64_t unique) {
    const auto [folder, name] = parts_of(path);
    return fmt::format("{}.{}.{:016x}.part", folder, name.substr(0, 200), unique);
}

}  // namespace

std::string title_of_file(std::string_view kind, const std::string& path) {
    return std::string{kind} + " sink '" + path + "'";
}

std::string folder_of(const std::string& path) {
    std::string folder = parts_of(path).folder;
    if (folder.size() > 1) folder.pop_back();
    return folder;
}

std::string lasting_name_beside(const std::string& path) {
    constexpr std::size_t longest = 240;
    const auto [folder, name] = parts_of(path);
    if (name.size() > longest) return hidden_name_beside(path, hash_bytes(name.data(), name.size()));
    return fmt::format("{}.{}.part", folder, name);
}

void refuse_lost_file(std::string_view kind, const std::string& path, const std::string& what) {
    throw error(error_kind::state, title_of_file(kind, path) + ": " + what +
                                       ". Go on from another checkpoint, or begin anew without any");
}

// What comes out of the codec is counted, on its way to the file.
class staged_file::counting_output final : public output_file {
  public:
    counting_output(std::unique_ptr<output_file> file, std::shared_ptr<file_extent> extent)
        : file_(std::move(file)), extent_(std::move(extent)) {}
    void write(std::string_view bytes) override {
        file_->write(bytes);
        extent_->bytes += bytes.size();
        extent_->crc32c = crc32c(bytes, extent_->crc32c);
    }
    void flush() override { file_->flush(); }
    void sync() override { file_->sync(); }

  private:
    std::unique_ptr<output_file> file_;
    std::shared_ptr<file_extent> extent_;
};

staged_file::staged_file(environment& where, std::string_view kind, std::string path, const file_codecs& codecs)
    : where_(where), kind_(kind), path_(std::move(path)), staged_(hidden_name_beside(path_, where.random())) {
    as_error_of_file(kind_, path_, [&] { begin(where_.create_output(staged_), {}, codecs); });
}

staged_file::staged_file(environment& where, std::string_view kind, std::string path, const file_codecs& codecs,
                         const file_extent& there)
    : where_(where), kind_(kind), path_(std::move(path)), staged_(lasting_name_beside(path_)), lasting_(true) {
    if (there.bytes == 0) {
        as_error_of_file(kind_, path_, [&] {
            // What is there may have a second, final name by now: a new file is made, and not that one emptied.
            where_.remove(staged_);
            begin(where_.create_output(staged_), {}, codecs);
        });
        return;
    }
    std::optional<file_status> found;
    std::optional<file_status> final_one;
    as_error_of_file(kind_, path_, [&] {
        found = where_.status_of(staged_);
        final_one = where_.status_of(path_);
    });
    if (!found) {
        refuse_lost_file(kind_, path_,
                         "what was written of it is not there any more: '" + staged_ +
                             "' was removed, or a later checkpoint than this one has published it");
    }
    if (found->size < there.bytes) {
        refuse_lost_file(kind_, path_,
                         fmt::format("of what was written of it, '{}', {} of {} bytes are there: somebody cut it",
                                     staged_, found->size, there.bytes));
    }
    if (final_one && final_one->identity == found->identity) {
        refuse_lost_file(kind_, path_, "a later checkpoint than this one has published it already");
    }
    const std::uint64_t kept = planted(planted_bug::forget_staged_length) ? found->size : there.bytes;
    as_error_of_file(kind_, path_, [&] { begin(where_.append_output(staged_, kept), there, codecs); });
    flushed_ = true;
}

void staged_file::begin(std::unique_ptr<output_file> raw, const file_extent& there, const file_codecs& codecs) {
    extent_ = std::make_shared<file_extent>(there);
    file_ = packed(std::make_unique<counting_output>(std::move(raw), extent_), path_, codecs);
    pending.reserve(block_bytes + block_bytes / 4);
}

staged_file::~staged_file() {
    if (lasting_) return;
    try {
        discard();
    } catch (...) {  // it stays under its hidden name, where nobody takes it for a result
    }
}

void staged_file::prepare() {
    if (file_ == nullptr) return;
    flush();
    as_error_of_file(kind_, path_, [this] { file_->sync(); });
    prepared_ = true;
}

void staged_file::publish() {
    if (file_ == nullptr) return;
    if (!prepared_) prepare();
    as_error_of_file(kind_, path_, [this] { where_.publish(staged_, path_); });
    file_.reset();
}

void staged_file::discard() {
    if (file_ == nullptr) return;
    file_.reset();
    where_.remove(staged_);
}

void staged_file::write_pending() {
    as_error_of_file(kind_, path_, [this] { file_->write(pending); });
    pending.clear();
    flushed_ = false;
}

file_extent staged_file::flush() {
    if (!pending.empty()) write_pending();
    // Where nothing came, nothing is to be made a whole; but for a file of nothing, which must be one.
    if (!flushed_) as_error_of_file(kind_, path_, [this] { file_->flush(); });
    flushed_ = true;
    return *extent_;
}

void publish_lasting_file(environment& where, std::string_view kind, const std::string& path,
                          const file_extent& whole) {
    const std::string staged = lasting_name_beside(path);
    std::optional<file_status> found;
    std::optional<file_status> final_one;
    as_error_of_file(kind, path, [&] {
        found = where.status_of(staged);
        if (!found) final_one = where.status_of(path);
    });
    if (!found && (!final_one || final_one->size != whole.bytes)) {
        refuse_lost_file(kind, path,
                         fmt::format("it was complete, {} bytes, and is there no more, neither under its name nor as "
                                     "'{}': somebody removed or changed it", whole.bytes, staged));
    }
    if (found && found->size != whole.bytes) {
        refuse_lost_file(kind, path, fmt::format("it was complete, {} bytes, and '{}' has {}: somebody changed it",
                                                 whole.bytes, staged, found->size));
    }
    as_error_of_file(kind, path, [&] {
        if (found) {
            where.publish(staged, path);
        } else {
            where.sync_folder(folder_of(path));  // whoever gave it the name may have come no further
        }
    });
}

}  // namespace weir::detail
