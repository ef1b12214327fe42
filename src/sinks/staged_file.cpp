// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/staged_file.hpp>

#include <fmt/format.h>

#include <weir/base/error.hpp>

namespace weir::detail {
namespace {

// No pattern of file names finds a hidden file, and no two writers share one.
std::string hidden_name_beside(const std::string& path, std::uint64_t unique) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? std::string{} : path.substr(0, slash + 1);
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    // A long name with an addition could be longer than the 255 bytes a file system allows.
    return fmt::format("{}.{}.{:016x}.part", folder, name.substr(0, 200), unique);
}

}  // namespace

staged_file::staged_file(environment& where, std::string_view kind, std::string path,
                         const file_codecs& codecs)
    : where_(where), kind_(kind), path_(std::move(path)), staged_(hidden_name_beside(path_, where.random())) {
    guarded([&] { file_ = packed(where_.create_output(staged_), path_, codecs); });
    pending.reserve(block_bytes + block_bytes / 4);
}

staged_file::~staged_file() {
    try {
        discard();
    } catch (...) {  // it stays under its hidden name, where nobody takes it for a result
    }
}

void staged_file::prepare() {
    if (file_ == nullptr) return;
    write_pending();
    guarded([this] { file_->sync(); });
    prepared_ = true;
}

void staged_file::publish() {
    if (file_ == nullptr) return;
    if (!prepared_) prepare();
    guarded([this] { where_.publish(staged_, path_); });
    file_.reset();
}

void staged_file::discard() {
    if (file_ == nullptr) return;
    file_.reset();
    where_.remove(staged_);
}

void staged_file::write_pending() {
    guarded([this] { file_->write(pending); });
    pending.clear();
}

// Whoever reads the error knows the file by its final name.
template <class Action> void staged_file::guarded(Action&& action) {
    try {
        action();
    } catch (const error& problem) {
        throw error(problem.kind(), kind_ + " sink '" + path_ + "': " + problem.what());
    }
}

}  // namespace weir::detail
