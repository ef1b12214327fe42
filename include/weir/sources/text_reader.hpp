// SPDX-License-Identifier: Apache-2.0
// What the sources that read files of lines have in common: the files a pattern names, in bytewise order of name, are
// one log, or each is its own; files may be packed (base/file_codec.hpp); records that cannot be read
// end the run or go to a dead-letter sink. A format says how lines become records:
//
//   static constexpr std::string_view name       of the source: "csv_files"
//   options_type, with max_raw_bytes             and static void check(const options_type&)
//   decoder_type<T>                              as csv_decoder
//   static bad_record unusable(path, text, problem, max_raw_bytes)    what is said of a file whose decoder threw a
//                                                weir::error of kind input: no record of it is read
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/flow/dead_letter.hpp>
#include <weir/flow/source.hpp>
#include <weir/sources/as_partitions.hpp>
#include <weir/sources/decode_text.hpp>
#include <weir/sources/push_at.hpp>
#include <weir/sources/text_file.hpp>

namespace weir::detail {

// Which files a source reads, found out when a run starts.
struct text_paths {
    std::vector<std::string> paths;
    bool is_pattern = false;

    // All take the name of the source, for errors.
    // Throws weir::error of kind configuration if there are none, or one has no name or is packed in an unknown way.
    void check(std::string_view source, const file_codecs& codecs) const;
    // Throws weir::error of kind io if one is missing, and what check() throws for those that are found.
    [[nodiscard]] std::vector<std::string> find(environment& where, std::string_view source,
                                                const file_codecs& codecs) const;
    [[nodiscard]] std::string text() const;
};

template <class T, class Format>
class text_reader final : public source_reader<T, bad_record> {
  public:
    using options_type = typename Format::options_type;
    using decoder_type = typename Format::template decoder_type<T>;

    text_reader(environment& where, std::vector<std::string> paths, const options_type& options, bool dead_letters,
                file_codecs codecs)
        : where_(where), paths_(std::move(paths)), options_(options), dead_letters_(dead_letters),
          codecs_(std::move(codecs)) {}

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

    [[nodiscard]] bool tell_of_more(const std::shared_ptr<signal>&) override { return true; }  // it is never idle
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
        file_ = std::make_unique<text_file>(where_, paths_[index_], codecs_);
        file_->resume(position);
    }

  private:
    [[nodiscard]] bool left_out(const std::string& path) const {
        if (!others_) return false;
        const auto found = where_.status_of(path);
        return found && others_(found->identity);
    }
    void open_file() {
        file_ = std::make_unique<text_file>(where_, paths_[index_], codecs_);
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

    // False if the file cannot be used at all and that is said to the dead-letter sink.
    bool decode(chunk<T>& records, chunk<bad_record>& bad, std::size_t max) {
        const lane from = lane::partition(this->partition);
        if (!dead_letters_) {
            decode_until_bad(*file_, *decoder_, records, from, offset_, max);
            return true;
        }
        try {
            decode_all(*file_, *decoder_, records, bad, from, offset_, max);
        } catch (const error& problem) {
            if (problem.kind() != error_kind::input) throw;
            push_at(bad, from, offset_++,
                    Format::unusable(paths_[index_], file_->text(), problem, options_.max_raw_bytes));
            return false;
        }
        return true;
    }

    environment& where_;
    std::vector<std::string> paths_;
    options_type options_;
    bool dead_letters_;
    file_codecs codecs_;
    std::function<bool(const file_identity&)> others_;  // knows files that are not for this reader
    std::size_t index_ = 0;
    std::unique_ptr<text_file> file_;
    std::optional<decoder_type> decoder_;
    std::uint64_t offset_ = 0;
};

template <class T, class Format, bool Partitions>
[[nodiscard]] auto text_open_function(text_paths files, const typename Format::options_type& options,
                                      bool dead_letters, file_codecs codecs) {
    return [files = std::move(files), options, dead_letters, codecs = std::move(codecs)](environment& where) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        std::vector<std::vector<std::string>> logs;
        auto found = files.find(where, Format::name, codecs);
        if constexpr (Partitions) {
            for (std::string& path : found) logs.push_back({std::move(path)});
        } else {
            logs.push_back(std::move(found));
        }
        for (auto& log : logs) {
            readers.push_back(
                std::make_unique<text_reader<T, Format>>(where, std::move(log), options, dead_letters, codecs));
        }
        return readers;
    };
}

// The further arguments of a source, sorted out.
template <class Option>
inline constexpr bool is_dead_letter = false;
template <class Sink>
inline constexpr bool is_dead_letter<dead_letter_policy<Sink>> = true;
template <class Option, class Format>
concept text_source_option = std::same_as<Option, typename Format::options_type> ||
                             std::same_as<Option, as_partitions_option> || std::same_as<Option, file_codec> ||
                             is_dead_letter<Option>;
template <class Format, class... Options>
inline constexpr bool no_option_twice =
    (static_cast<int>(std::same_as<Options, typename Format::options_type>) + ... + 0) <= 1 &&
    (static_cast<int>(is_dead_letter<Options>) + ... + 0) <= 1;

template <class T, class Format, class... Options>
[[nodiscard]] auto make_text_source(text_paths files, const Options&... options) {
    constexpr bool partitions = (std::same_as<Options, as_partitions_option> || ...);
    constexpr bool dead_letters = (is_dead_letter<Options> || ...);
    using order = std::conditional_t<partitions, by_channel, in_turn>;
    typename Format::options_type how;
    file_codecs codecs;
    std::function<std::shared_ptr<const node>(std::shared_ptr<const node>)> companion;
    [[maybe_unused]] const auto take = [&]<class Option>(const Option& option) {
        if constexpr (std::same_as<Option, typename Format::options_type>) {
            how = option;
        } else if constexpr (std::same_as<Option, file_codec>) {
            codecs.push_back(option);
        } else if constexpr (is_dead_letter<Option>) {
            companion = [sink = option.sink](std::shared_ptr<const node> source) {
                return dead_letter_node<order>(std::move(source), sink);
            };
        }
    };
    (take(options), ...);
    Format::check(how);
    files.check(Format::name, codecs);
    std::string text = files.text();
    if (partitions) text += ", a partition per file";
    auto made = std::make_shared<source_node<T, bad_record>>(
        std::string{Format::name}, std::move(text),
        text_open_function<T, Format, partitions>(std::move(files), how, dead_letters, std::move(codecs)),
        std::move(companion),
        partitions);
    return stream<stream_port<T, order, timing::log>>{std::move(made), 0};
}

}  // namespace weir::detail
