// SPDX-License-Identifier: Apache-2.0
// Records of text that comes bit by bit: of a file that grows (line_follower), or of bytes that come once (live_lines).
// A decoder is told the text and how it goes on, as csv_decoder is:
//
//   Decoder(std::string source, const Options&)
//   std::size_t decode(std::string_view text, bool last, std::size_t max, on_record, on_bad)   bytes that were used;
//                                                                             an on_bad that returns false stops it
//   void save(binary_writer&) const; void load(binary_reader&)
//
// Each file has a decoder of its own, and so has what comes when a text's load() has said that it is at another place.
// One that throws a weir::error of kind input cannot read the file at all: with dead letters that is one bad record,
// and the rest of the file is passed over.
#pragma once
#include <memory>
#include <optional>
#include <utility>

#include <weir/flow/source.hpp>
#include <weir/record/csv_options.hpp>
#include <weir/sources/decode_text.hpp>
#include <weir/sources/push_at.hpp>

namespace weir::detail {

template <class T, class Text, class Decoder, class Options>
class following_reader final : public source_reader<T, bad_record> {
  public:
    // Says in a bad record why a file cannot be read, given what stands at its beginning.
    using unusable_function = bad_record (*)(const std::string& path, std::string_view text, const error& problem,
                                             std::size_t max_raw_bytes);

    following_reader(std::unique_ptr<Text> text, const Options& options, bool dead_letters, unusable_function unusable)
        : text_(std::move(text)), options_(options), dead_letters_(dead_letters), unusable_(unusable) {}

    read_result read(chunk<T>& records, chunk<bad_record>& bad, std::size_t max) override {
        const std::uint64_t end = offset_ + max;
        for (;;) {
            if (!text_->text().empty()) {
                decode(records, bad, static_cast<std::size_t>(end - offset_));
                if (offset_ == end) return read_result::more;
            }
            if (text_->complete() && text_->text().empty()) next_file();
            const read_result found = text_->refill();
            much_to_read_ = found == read_result::more && text_->text().size() >= much_text;
            if (found != read_result::more) return found;
        }
    }

    [[nodiscard]] std::uint64_t offset() const override { return offset_; }
    void save_position(binary_writer& writer) const override {
        save(writer, offset_);
        text_->save(writer);
        save(writer, passed_over_);
        save(writer, decoder_.has_value());
        if (decoder_) decoder_->save(writer);
    }
    void load_position(binary_reader& reader) override {
        load(reader, offset_);
        const bool same_place = text_->load(reader);
        load(reader, passed_over_);
        decoder_.reset();
        if (load<bool>(reader)) decoder_.emplace(text_->path(), options_).load(reader);
        if (same_place) return;
        decoder_.reset();
        passed_over_ = false;
    }
    void allow_loss() override {
        if constexpr (requires { text_->allow_loss(); }) text_->allow_loss();
    }
    void keep_up() override { text_->keep_up(); }
    [[nodiscard]] bool tell_of_more(const std::shared_ptr<signal>& work) override { return text_->tell_of_more(work); }
    [[nodiscard]] bool catching_up() const override { return much_to_read_; }
    [[nodiscard]] bool follows(const file_identity& file) const override { return text_->follows(file); }
    [[nodiscard]] std::vector<stage_note> notes() const override { return text_->notes(); }

  private:
    static constexpr std::size_t much_text = std::size_t{1} << 16U;  // bytes that were there at once

    void next_file() {
        text_->next_file();
        decoder_.reset();
        passed_over_ = false;
    }
    void decode(chunk<T>& records, chunk<bad_record>& bad, std::size_t max) {
        if (passed_over_) {
            text_->use(text_->text().size());
            return;
        }
        const lane from = lane::partition(this->partition);
        if (!decoder_) decoder_.emplace(text_->path(), options_);
        if (!dead_letters_) return decode_until_bad(*text_, *decoder_, records, from, offset_, max);
        try {
            decode_all(*text_, *decoder_, records, bad, from, offset_, max);
        } catch (const error& problem) {
            if (problem.kind() != error_kind::input) throw;
            push_at(bad, from, offset_++,
                    unusable_(text_->path(), text_->text(), problem, options_.max_raw_bytes));
            passed_over_ = true;
            decoder_.reset();
        }
    }

    std::unique_ptr<Text> text_;
    Options options_;
    bool dead_letters_;
    unusable_function unusable_;
    std::optional<Decoder> decoder_;  // of the present file
    bool passed_over_ = false;        // the present file, which cannot be read
    bool much_to_read_ = false;       // when it was looked for last
    std::uint64_t offset_ = 0;
};

}  // namespace weir::detail
