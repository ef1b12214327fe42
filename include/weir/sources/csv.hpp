// SPDX-License-Identifier: Apache-2.0
// csv_files<T>("2025/*.csv"): the files a pattern names, in bytewise order of name, are one log: offsets, and the
// watermark of event_time, go on across their borders. csv_files<T>({"b.csv", "a.csv"}): these, in this order. Further
// arguments, in any order:
//
//   csv_options{...}      separator, unit of bare numbers in columns of times, limits
//   as_partitions         each file is a log of its own
//   dead_letter(sink)     records that cannot be read go there, instead of ending the run
//
// Every file has its own header. A file that begins as gzip does, or whose name ends in .gz, is inflated. A missing
// file, or a pattern that names none, is a weir::error when the run starts; a damaged file is one when it is reached.
//
// The line break behind the last record is optional, and an empty line at the end of a file is part of it: it is no
// record, and the ledger does not count it.
#pragma once
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <weir/flow/source.hpp>
#include <weir/record/csv_decoder.hpp>
#include <weir/sources/dead_letter.hpp>
#include <weir/sources/push_at.hpp>
#include <weir/sources/text_file.hpp>

namespace weir {

struct as_partitions_option {};
inline constexpr as_partitions_option as_partitions{};

namespace detail {

// Which files a source reads, found out when a run starts.
struct csv_paths {
    std::vector<std::string> paths;
    bool is_pattern = false;

    // Throws weir::error of kind configuration if there are none, or one has no name.
    void check() const;
    // Throws weir::error of kind io if one is missing.
    [[nodiscard]] std::vector<std::string> find(environment& where) const;
    [[nodiscard]] std::string text() const;
};

// What the dead-letter sink gets for a file whose header cannot be used; no record of the file is read.
[[nodiscard]] bad_record unusable_file(const std::string& path, std::string_view text, const error& problem,
                                       std::size_t max_raw_bytes);

template <class T>
class csv_reader final : public source_reader<T, bad_record> {
  public:
    csv_reader(environment& where, std::vector<std::string> paths, const csv_options& options, bool dead_letters)
        : where_(where), paths_(std::move(paths)), options_(options), dead_letters_(dead_letters) {}

    read_result read(chunk<T>& records, chunk<bad_record>& bad, std::size_t max) override {
        const std::uint64_t end = offset_ + max;
        while (index_ != paths_.size()) {
            if (file_ == nullptr) {
                if (left_out(paths_[index_])) {
                    ++index_;
                    continue;
                }
                open_file();
            }
            const bool usable = decode(records, bad, static_cast<std::size_t>(end - offset_));
            if (!usable || (file_->complete() && file_->text().empty())) {
                close_file();
            } else if (offset_ != end) {
                file_->refill();
            }
            if (offset_ == end) break;
        }
        return index_ == paths_.size() ? read_result::ended : read_result::more;
    }

    [[nodiscard]] std::uint64_t offset() const override { return offset_; }
    void save_position(binary_writer& writer) const override {
        save(writer, std::uint64_t{index_});
        save(writer, index_ == paths_.size() ? std::string{} : paths_[index_]);
        save(writer, offset_);
        save(writer, file_ != nullptr);
        if (file_ == nullptr) return;
        save(writer, file_->position());
        decoder_->save(writer);
    }
    void leave_out(std::function<bool(const file_identity&)> files) override { others_ = std::move(files); }
    void load_position(binary_reader& reader) override {
        const auto index = load<std::uint64_t>(reader);
        const auto path = load<std::string>(reader);
        if (index > paths_.size() || (index < paths_.size() && paths_[static_cast<std::size_t>(index)] != path) ||
            (index == paths_.size() && !path.empty())) {
            throw error(error_kind::state, "the snapshot is of a run over other files: it had come to '" + path + "'");
        }
        index_ = static_cast<std::size_t>(index);
        load(reader, offset_);
        close_open();
        if (!load<bool>(reader)) return;
        const auto position = load<std::uint64_t>(reader);
        decoder_.emplace(paths_[index_], options_);
        decoder_->load(reader);
        file_ = std::make_unique<text_file>(where_, paths_[index_]);
        file_->resume(position);
    }

  private:
    [[nodiscard]] bool left_out(const std::string& path) const {
        if (!others_) return false;
        const auto found = where_.status_of(path);
        return found && others_(found->identity);
    }
    void open_file() {
        file_ = std::make_unique<text_file>(where_, paths_[index_]);
        decoder_.emplace(paths_[index_], options_);
        file_->refill();
    }
    void close_file() {
        close_open();
        ++index_;
    }
    void close_open() {
        file_.reset();
        decoder_.reset();
    }

    // False if the file's header cannot be used and that is said to the dead-letter sink.
    bool decode(chunk<T>& records, chunk<bad_record>& bad, std::size_t max) {
        const lane from = lane::partition(this->partition);
        try {
            file_->use(decoder_->decode(
                file_->text(), file_->complete(), max,
                [&](T&& record) { push_at(records, from, offset_++, std::move(record)); },
                [&](bad_record&& unreadable) {
                    if (!dead_letters_) throw error(error_kind::input, unreadable.sentence());
                    push_at(bad, from, offset_++, std::move(unreadable));
                }));
        } catch (const error& problem) {
            if (!dead_letters_ || problem.kind() != error_kind::input) throw;
            push_at(bad, from, offset_++,
                    unusable_file(paths_[index_], file_->text(), problem, options_.max_raw_bytes));
            return false;
        }
        return true;
    }

    environment& where_;
    std::vector<std::string> paths_;
    csv_options options_;
    bool dead_letters_;
    std::function<bool(const file_identity&)> others_;  // knows files that are not for this reader
    std::size_t index_ = 0;
    std::unique_ptr<text_file> file_;
    std::optional<csv_decoder<T>> decoder_;
    std::uint64_t offset_ = 0;
};

// The further arguments of csv_files, sorted out.
template <class Option>
inline constexpr bool is_dead_letter = false;
template <class Sink>
inline constexpr bool is_dead_letter<dead_letter_policy<Sink>> = true;
template <class Option>
concept csv_source_option = std::same_as<Option, csv_options> || std::same_as<Option, as_partitions_option> ||
                            is_dead_letter<Option>;

template <class T, bool Partitions>
[[nodiscard]] auto csv_open_function(csv_paths files, const csv_options& options, bool dead_letters) {
    return [files = std::move(files), options, dead_letters](environment& where) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        std::vector<std::vector<std::string>> logs;
        auto found = files.find(where);
        if constexpr (Partitions) {
            for (std::string& path : found) logs.push_back({std::move(path)});
        } else {
            logs.push_back(std::move(found));
        }
        for (auto& log : logs) {
            readers.push_back(std::make_unique<csv_reader<T>>(where, std::move(log), options, dead_letters));
        }
        return readers;
    };
}

template <class T, class... Options> [[nodiscard]] auto make_csv_source(csv_paths files, const Options&... options) {
    constexpr bool partitions = (std::same_as<Options, as_partitions_option> || ...);
    constexpr bool dead_letters = (is_dead_letter<Options> || ...);
    using order = std::conditional_t<partitions, by_channel, in_turn>;
    csv_options how;
    std::function<std::shared_ptr<const node>(std::shared_ptr<const node>)> companion;
    [[maybe_unused]] const auto take = [&]<class Option>(const Option& option) {
        if constexpr (std::same_as<Option, csv_options>) {
            how = option;
        } else if constexpr (is_dead_letter<Option>) {
            companion = [sink = option.sink](std::shared_ptr<const node> source) {
                return dead_letter_node<order>(std::move(source), sink);
            };
        }
    };
    (take(options), ...);
    check_csv_options(how);
    files.check();
    std::string text = files.text();
    if (partitions) text += ", a partition per file";
    auto made = std::make_shared<source_node<T, bad_record>>(
        "csv_files", std::move(text), csv_open_function<T, partitions>(std::move(files), how, dead_letters),
        std::move(companion), partitions);
    return stream<stream_port<T, order, timing::log>>{std::move(made), 0};
}

template <class T, class... Options> [[nodiscard]] auto checked_csv_source(csv_paths files, const Options&... options) {
    if constexpr (!csv_readable<T>) {
        static_assert(csv_readable<T>,
                      "csv_files needs a described struct whose fields CSV can hold: describe it with "
                      "BOOST_DESCRIBE_STRUCT(T, (), (field, ...))");
        return rejected_stream{};
    } else if constexpr (!(csv_source_option<Options> && ...)) {
        static_assert(unsupported<T>, "csv_files takes weir::csv_options{...}, weir::as_partitions and "
                                      "weir::dead_letter(sink) behind the files");
        return rejected_stream{};
    } else if constexpr ((static_cast<int>(std::same_as<Options, csv_options>) + ... + 0) > 1 ||
                         (static_cast<int>(is_dead_letter<Options>) + ... + 0) > 1) {
        static_assert(unsupported<T>, "csv_files takes one csv_options and one dead_letter");
        return rejected_stream{};
    } else {
        return make_csv_source<T>(std::move(files), options...);
    }
}

}  // namespace detail

// A log of the files that the pattern names: * and ? in its last part; a path without them names itself.
template <class T, class... Options> [[nodiscard]] auto csv_files(std::string pattern, Options... options) {
    return detail::checked_csv_source<T>({{std::move(pattern)}, true}, options...);
}
// A log of these files in this order.
template <class T, class... Options> [[nodiscard]] auto csv_files(std::vector<std::string> paths, Options... options) {
    return detail::checked_csv_source<T>({std::move(paths), false}, options...);
}
template <class T, class... Options>
[[nodiscard]] auto csv_files(std::initializer_list<std::string> paths, Options... options) {
    return detail::checked_csv_source<T>({paths, false}, options...);
}

}  // namespace weir
