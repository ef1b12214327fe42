// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/rolling_file.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weir::detail {
namespace {

std::size_t begin_of_name(const std::string& pattern) {
    const std::size_t slash = pattern.rfind('/');
    return slash == std::string::npos ? 0 : slash + 1;
}

// What a file of the pattern has in the place of its *, if that is a number.
std::optional<std::uint64_t> number_in(const std::string& path, const std::string& pattern) {
    const std::string_view name = std::string_view{path}.substr(begin_of_name(path));
    const std::string_view wanted = std::string_view{pattern}.substr(begin_of_name(pattern));
    const std::size_t before = wanted.find('*');
    const std::size_t behind = wanted.size() - before - 1;
    if (name.size() <= before + behind) return std::nullopt;
    std::uint64_t number = 0;
    const char* const last = name.data() + name.size() - behind;
    const auto [stop, code] = std::from_chars(name.data() + before, last, number);
    if (code != std::errc{} || stop != last) return std::nullopt;
    return number;
}

}  // namespace

void check_rolling(const file_kind& kind, const std::string& pattern, const roll_options& options,
                   const file_codecs& codecs) {
    const auto refuse = [&](const std::string& sentence) {
        throw error(error_kind::configuration, std::string{kind.name} + ": " + sentence);
    };
    const std::string_view name = std::string_view{pattern}.substr(begin_of_name(pattern));
    if (std::count(pattern.begin(), pattern.end(), '*') != 1 || name.find('*') == std::string_view::npos ||
        pattern.find('?') != std::string::npos) {
        refuse("'" + pattern + "' must have one * in its last part, where the number of a file goes, as in "
                               "'out/decisions-*" + std::string{kind.ending} + "'");
    }
    if (options.event_time.count() < 0 || options.wall_clock.count() < 0) {
        refuse("a file cannot hold a span of time below zero");
    }
    if (options.bytes == 0 && options.event_time.count() == 0 && options.wall_clock.count() == 0 &&
        !options.every_epoch) {
        refuse("nothing would ever begin a new file: give roll_options bytes, event_time, wall_clock or every_epoch");
    }
    check_file_path(kind, pattern, codecs);
}

std::string why_non_deterministic(const roll_options& options) {
    if (options.wall_clock.count() != 0) return "which file a record is in depends on when it came";
    if (options.every_epoch) return "which file a record is in depends on when checkpoints are taken";
    return {};
}

rolling_file::rolling_file(const file_kind& kind, std::string pattern, const roll_options& options, environment& where,
                           file_codecs codecs, bool checkpointed)
    : kind_(kind), pattern_(std::move(pattern)), options_(options), where_(where), codecs_(std::move(codecs)),
      checkpointed_(checkpointed) {
    const std::size_t name = begin_of_name(pattern_);
    if (name != 0) where_.create_folder(pattern_.substr(0, name - 1));
    // A file system allows 255 bytes, and the hidden name of a commit record is 50 longer, or less, than the pattern.
    constexpr std::size_t longest = 200;
    if (checkpointed_ && pattern_.size() - name > longest) {
        throw error(error_kind::configuration, title_of_file(kind_.name, pattern_) + ": with checkpoints, the names of "
                                                   "its files may have at most 200 bytes");
    }
    if (!checkpointed_) find_existing(pattern_);
    static_cast<void>(where_.publish_target(name_of(number_ + 1)));
}

// Six digits, so that the order of names is that of numbers for a million files.
std::string rolling_file::name_of(std::uint64_t number) const {
    const std::size_t star = pattern_.find('*');
    return fmt::format("{}{:06}{}", pattern_.substr(0, star), number, pattern_.substr(star + 1));
}

void rolling_file::find_existing(const std::string& pattern) {
    for (const std::string& path : where_.list(pattern)) {
        const auto number = number_in(path, pattern);
        if (!number) continue;  // none of ours
        if (!options_.after_existing) {
            throw error(error_kind::io, title_of_file(kind_.name, pattern_) + ": '" + path +
                                            "' is there already, of another run: remove it, or go on behind it with "
                                            "roll_options{.after_existing = true}");
        }
        number_ = std::max(number_, *number);
    }
}

// What runs before this one wrote aside and no checkpoint knows.
void rolling_file::remove_forgotten() {
    const std::string file = lasting_name_beside(pattern_);
    const std::string record = lasting_name_beside(commit_record_path(pattern_));
    for (const std::string& pattern : {file, record}) {
        for (const std::string& path : where_.list(pattern)) {
            const auto number = number_in(path, pattern);
            const bool open = pattern == file && file_ != nullptr && number == number_;
            if (number && !open) where_.remove(path);
        }
    }
}

void rolling_file::begin_run() {
    begun_ = true;
    // Files of another job, beside which this one must not be, keep what belongs to them.
    find_existing(pattern_);
    find_existing(commit_record_path(pattern_));
    as_error_of_file(kind_.name, pattern_, [&] { remove_forgotten(); });
}

std::int64_t rolling_file::span_of(const stamp_view& at) const {
    if (options_.event_time.count() == 0) return 0;
    if (!at.columns().timed()) {
        throw error(error_kind::configuration, std::string{kind_.name} + " sink '" + pattern_ +
                                                   "': files by event_time need event time: put event_time(...) in "
                                                   "front of it");
    }
    const std::int64_t time = at.time().time_since_epoch().count();
    const std::int64_t span = options_.event_time.count();
    return time / span - static_cast<std::int64_t>(time % span < 0);
}

bool rolling_file::over(const stamp_view& at) const {
    if (options_.bytes != 0 && bytes_ >= options_.bytes) return true;
    if (options_.event_time.count() != 0 && span_of(at) > span_) return true;
    return options_.wall_clock.count() != 0 && where_.ticks() - opened_ >= options_.wall_clock;
}

bool rolling_file::begin_record(const stamp_view& at) {
    if (file_ != nullptr && over(at)) close();
    const bool fresh = file_ == nullptr;
    if (fresh) open(at);
    begun_at_ = file_->pending.size();
    return fresh;
}

void rolling_file::open(const stamp_view& at) {
    if (checkpointed_ && !begun_) begin_run();
    span_ = span_of(at);
    if (checkpointed_) {
        file_ = std::make_unique<staged_file>(where_, kind_.name, name_of(number_ + 1), codecs_, file_extent{});
        made_any_ = true;
    } else {
        file_ = std::make_unique<staged_file>(where_, kind_.name, name_of(number_ + 1), codecs_);
    }
    ++number_;
    bytes_ = 0;
    if (options_.wall_clock.count() != 0) opened_ = where_.ticks();
}

void rolling_file::end_record() {
    bytes_ += file_->pending.size() - begun_at_;
    file_->write_full();
}

void rolling_file::close() {
    if (!checkpointed_) {
        file_->publish();
        file_.reset();
        return;
    }
    closed_.push_back({number_, file_->flush()});
    unsynced_.push_back(file_->file());
    file_.reset();
    // So that few files are open, however many an epoch has.
    constexpr std::size_t most_unsynced = 16;
    if (unsynced_.size() < most_unsynced) return;
    as_error_of_file(kind_.name, pattern_, [&] {
        for (const auto& each : unsynced_) each->sync();
    });
    unsynced_.clear();
}

void rolling_file::prepare() {
    if (!checkpointed_ && file_ != nullptr) file_->prepare();
}

void rolling_file::finish(bool complete) {
    if (checkpointed_ || file_ == nullptr) return;
    if (complete) {
        file_->publish();
    } else {
        file_->discard();
    }
    file_.reset();
}

}  // namespace weir::detail
