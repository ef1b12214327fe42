// SPDX-License-Identifier: Apache-2.0
// followed_by(history, live): one log of two: all of the first, then the second. Offsets, and the watermark of
// event_time behind it, go on across the seam.
//
//   weir::followed_by(weir::csv_files<T>("2025/*.csv"), weir::csv_tail<T>("live.csv"))
//   weir::followed_by(weir::csv_files<T>("2025/*.csv"), feed)     feed = weir::pushed<T>(): engine.push(feed, record)
//
// What is pushed while the history is read waits in the feed's queue, and is read when the history has ended.
//
// The second is opened before the first is listed, and is looked after while the first is read. So a file that grows
// may be rotated at any time, also into the folder of the history: its old files belong to the tail, which reads them
// whole, and the history leaves them out. Names in the history must stay what they are (2025-01-31.csv, not live.csv.1
// that becomes live.csv.2), and a file must not be packed before the run has come to it.
//
// An event loop carries the history in large chunks, and goes on record by record when it has come to what is live.
//
// Both may send what cannot be read to dead_letter(sink): it must be one sink.
#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/flow/source.hpp>
#include <weir/record/csv_options.hpp>

namespace weir {
namespace detail {

// A reader of records of type T, whatever stands for what it cannot read.
template <class T>
class any_reader {
  public:
    explicit any_reader(std::unique_ptr<source_reader_base> reader)
        : reader_(std::move(reader)), complaining_(dynamic_cast<source_reader<T, bad_record>*>(reader_.get())),
          plain_(dynamic_cast<source_reader<T, nothing_bad>*>(reader_.get())) {
        if (complaining_ == nullptr && plain_ == nullptr) {
            throw error(error_kind::configuration, "followed_by cannot read one of its two sources");
        }
    }
    source_reader_base* operator->() const noexcept { return reader_.get(); }
    [[nodiscard]] source_reader_base* base() const noexcept { return reader_.get(); }
    read_result read(chunk<T>& records, chunk<bad_record>& bad, std::size_t max) {
        return complaining_ != nullptr ? complaining_->read(records, bad, max) : plain_->read(records, nothing_, max);
    }

  private:
    std::unique_ptr<source_reader_base> reader_;
    source_reader<T, bad_record>* complaining_;
    source_reader<T, nothing_bad>* plain_;
    chunk<nothing_bad> nothing_;
};

// One of the two, opened: it is a single log.
[[nodiscard]] std::unique_ptr<source_reader_base> open_one_log(const node& source, environment& where);
template <class T>
class following_log_reader final : public source_reader<T, bad_record> {
  public:
    following_log_reader(const std::shared_ptr<const node>& first, const std::shared_ptr<const node>& second,
                         environment& where)
        : first_node_(first), second_node_(second), second_(open_one_log(*second, where)),
          first_(open_one_log(*first, where)) {
        first_->leave_out([this](const file_identity& file) { return second_->follows(file); });
        second_->keep_up();
    }

    read_result read(chunk<T>& records, chunk<bad_record>& bad, std::size_t max) override {
        if (!behind_seam_) {
            first_->partition = this->partition;
            second_->keep_up();
            const read_result found = first_.read(records, bad, max);
            if (found != read_result::ended) return found;
            behind_seam_ = true;
            seam_ = first_->offset();
            seam_watermark_ = first_->watermark();
            if (!records.empty() || !bad.empty()) return read_result::more;
        }
        second_->partition = this->partition;
        const auto move = [&] {
            records.stamps.move_positions(seam_);
            bad.stamps.move_positions(seam_);
        };
        try {
            const read_result found = second_.read(records, bad, max);
            move();
            return found;
        } catch (...) {
            move();  // what was read before is good
            throw;
        }
    }
    [[nodiscard]] std::uint64_t offset() const override {
        return behind_seam_ ? seam_ + second_->offset() : first_->offset();
    }
    [[nodiscard]] timestamp watermark() const override {
        return behind_seam_ ? std::max(seam_watermark_, second_->watermark()) : first_->watermark();
    }
    void save_position(binary_writer& writer) const override {
        save(writer, behind_seam_);
        save(writer, seam_);
        save(writer, seam_watermark_);
        second_->save_position(writer);
        if (!behind_seam_) first_->save_position(writer);
    }
    void load_position(binary_reader& reader) override {
        load(reader, behind_seam_);
        load(reader, seam_);
        load(reader, seam_watermark_);
        second_->load_position(reader);
        if (!behind_seam_) first_->load_position(reader);
    }
    void allow_loss() override {
        first_->allow_loss();
        second_->allow_loss();
    }
    [[nodiscard]] std::vector<stage_note> notes() const override {
        auto notes = first_->notes();
        for (stage_note& each : second_->notes()) notes.push_back(std::move(each));
        return notes;
    }
    [[nodiscard]] std::vector<source_part> parts() override {
        return {{first_node_.get(), first_.base()}, {second_node_.get(), second_.base()}};
    }
    void keep_up() override { second_->keep_up(); }
    [[nodiscard]] bool catching_up() const override { return !behind_seam_ || second_->catching_up(); }
    [[nodiscard]] bool follows(const file_identity& file) const override { return second_->follows(file); }

  private:
    std::shared_ptr<const node> first_node_;
    std::shared_ptr<const node> second_node_;
    any_reader<T> second_;  // opened first
    any_reader<T> first_;
    bool behind_seam_ = false;
    std::uint64_t seam_ = 0;  // the first offset of the second log
    timestamp seam_watermark_ = time_lowest;
};

// Which of the two brings the dead-letter sink; null if neither does. Throws weir::error of kind configuration if both
// do and the sinks are not one.
[[nodiscard]] const node* bringer_of_dead_letters(const node& first, const node& second);
// Throws weir::error of kind configuration if nothing can come behind the first.
void check_followed(const node& first);

template <class T>
[[nodiscard]] auto make_followed_by(std::shared_ptr<const node> first, std::shared_ptr<const node> second) {
    check_followed(*first);
    std::function<std::shared_ptr<const node>(std::shared_ptr<const node>)> companion;
    if (const node* brings = bringer_of_dead_letters(*first, *second); brings != nullptr) {
        companion = static_cast<const source_node<T, bad_record>*>(brings)->dead_letters();
    }
    std::string text = first->kind() + " " + first->detail() + ", then " + second->kind() + " " + second->detail();
    const bool unbounded = second->unbounded();
    const bool replays = first->replays() && second->replays();
    auto made = std::make_shared<source_node<T, bad_record>>(
        "followed_by", std::move(text),
        [first = std::move(first), second = std::move(second)](environment& where) {
            std::vector<std::unique_ptr<source_reader_base>> readers;
            readers.push_back(std::make_unique<following_log_reader<T>>(first, second, where));
            return readers;
        },
        std::move(companion));
    made->set_unbounded(unbounded);
    made->set_replays(replays);
    return stream<stream_port<T, in_turn, timing::log>>{std::move(made), 0};
}

// A source that is one log: files, a tail, what a host pushes; not requests, whose replies go by offsets of their own.
template <class S>
concept one_log = std::derived_from<S, stream<stream_port<typename S::value_type, in_turn, timing::log>>> &&
                  !requires { typename S::reply_type; };

}  // namespace detail

// Patterns have a word of this name, too: followed_by(stage, condition).
template <class First, class Second>
    requires(!requires { typename First::stage_of_a_pattern; })
[[nodiscard]] auto followed_by(First history, Second live) {
    if constexpr (detail::is_rejected<First> || detail::is_rejected<Second>) {
        return rejected_stream{};
    } else if constexpr (!detail::one_log<First> || !detail::one_log<Second>) {
        static_assert(detail::one_log<First> && detail::one_log<Second>,
                      "followed_by takes two sources that are one log each: put map, filter and event_time behind "
                      "followed_by(...), and read files without as_partitions");
        return rejected_stream{};
    } else if constexpr (!std::same_as<typename First::value_type, typename Second::value_type>) {
        static_assert(std::same_as<typename First::value_type, typename Second::value_type>,
                      "followed_by makes one log of two: both must be of the same record");
        return rejected_stream{};
    } else {
        return detail::make_followed_by<typename First::value_type>(history.from(), live.from());
    }
}

}  // namespace weir
