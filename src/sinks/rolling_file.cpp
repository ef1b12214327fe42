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
    if (options.bytes == 0 && options.event_time.count() == 0 && options.wall_clock.count() == 0) {
        refuse("nothing would ever begin a new file: give roll_options bytes, event_time or wall_clock");
    }
    check_file_path(kind, pattern, codecs);
}

rolling_file::rolling_file(const file_kind& kind, std::string pattern, const roll_options& options, environment& where,
                           file_codecs codecs)
    : kind_(kind), pattern_(std::move(pattern)), options_(options), where_(where), codecs_(std::move(codecs)) {
    if (const std::size_t name = begin_of_name(pattern_); name != 0) where_.create_folder(pattern_.substr(0, name - 1));
    find_existing();
    static_cast<void>(where_.publish_target(name_of(number_ + 1)));
}

// Six digits, so that the order of names is that of numbers for a million files.
std::string rolling_file::name_of(std::uint64_t number) const {
    const std::size_t star = pattern_.find('*');
    return fmt::format("{}{:06}{}", pattern_.substr(0, star), number, pattern_.substr(star + 1));
}

void rolling_file::find_existing() {
    const std::size_t before = pattern_.find('*');
    const std::size_t behind = pattern_.size() - before - 1;
    for (const std::string& path : where_.list(pattern_)) {
        std::uint64_t number = 0;
        const char* const last = path.data() + path.size() - behind;
        const auto [stop, code] = std::from_chars(path.data() + before, last, number);
        if (code != std::errc{} || stop != last) continue;  // none of ours
        if (!options_.after_existing) {
            throw error(error_kind::io, std::string{kind_.name} + " sink '" + pattern_ + "': '" + path +
                                            "' is there already, of another run: remove it, or go on behind it with "
                                            "roll_options{.after_existing = true}");
        }
        number_ = std::max(number_, number);
    }
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
    span_ = span_of(at);
    file_ = std::make_unique<staged_file>(where_, kind_.name, name_of(number_ + 1), codecs_);
    ++number_;
    bytes_ = 0;
    if (options_.wall_clock.count() != 0) opened_ = where_.ticks();
}

void rolling_file::end_record() {
    bytes_ += file_->pending.size() - begun_at_;
    file_->write_full();
}

void rolling_file::close() {
    file_->publish();
    file_.reset();
}

void rolling_file::prepare() {
    if (file_ != nullptr) file_->prepare();
}

void rolling_file::finish(bool complete) {
    if (file_ == nullptr) return;
    if (complete) {
        file_->publish();
    } else {
        file_->discard();
    }
    file_.reset();
}

}  // namespace weir::detail
