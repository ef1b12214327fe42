// SPDX-License-Identifier: Apache-2.0
// What a source is: a set of partitions, each a log that a reader reads in order.
#pragma once
#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <weir/base/environment.hpp>
#include <weir/flow/arrival_meter.hpp>
#include <weir/flow/stream.hpp>

namespace weir {

enum class read_result {
    more,  // there may be more at once
    idle,  // nothing there now
    ended  // the log has ended
};

class source_reader_base;

// A log of which another one is made (sources/followed_by.hpp), as it was described and as it is read.
struct source_part {
    const node* description = nullptr;
    source_reader_base* reader = nullptr;
};

class source_reader_base {
  public:
    source_reader_base() = default;
    source_reader_base(const source_reader_base&) = delete;
    source_reader_base& operator=(const source_reader_base&) = delete;
    virtual ~source_reader_base() = default;

    // The offset of the next record in the log.
    [[nodiscard]] virtual std::uint64_t offset() const = 0;
    // For a log that carries watermarks itself: that of the next record.
    [[nodiscard]] virtual timestamp watermark() const { return time_lowest; }
    virtual void save_position(binary_writer& writer) const = 0;
    virtual void load_position(binary_reader& reader) = 0;
    // Of a log that cannot be read again, before it is read or its position is loaded: what it gave behind a position
    // may be lost. It goes on from there with what comes: offsets go on, the records are new.
    virtual void allow_loss() {}
    // What the report says of the source beside its ledger.
    [[nodiscard]] virtual std::vector<stage_note> notes() const { return {}; }
    // Of a reader that reads by others.
    [[nodiscard]] virtual std::vector<source_part> parts() { return {}; }
    // Of a reader whose turn to be read has not come: it looks after what it would miss otherwise.
    virtual void keep_up() {}
    // Asks it to notify `work`, from now on, when there may be more to read after it was idle. False if it does not
    // know when: then it is read from time to time.
    [[nodiscard]] virtual bool tell_of_more(const std::shared_ptr<signal>&) { return false; }
    // Whether it reads this file, or is going to.
    [[nodiscard]] virtual bool follows(const file_identity&) const { return false; }
    // Whether it reads what has been there for long, and has much of it yet to read: a runner that carries record by
    // record may carry chunks meanwhile.
    [[nodiscard]] virtual bool catching_up() const { return false; }
    // Files that the function knows are another reader's: they are passed over.
    virtual void leave_out(std::function<bool(const file_identity&)>) {}

    // Of a log that is measured: so many records have been read since `began`, and have been carried to the sinks, or
    // handed over to other workers. They arrived when reading began, unless the log knows better.
    virtual void carried(arrival_meter::instant began, std::uint32_t records) {
        arrivals->done(began, arrivals->now(), records);
    }

    std::uint64_t partition = 0;         // its number in the graph
    arrival_meter* arrivals = nullptr;  // if it is measured
};

// Bad: what the dead-letter sink gets in place of a record that could not be read.
template <class T, class Bad>
class source_reader : public source_reader_base {
  public:
    // Adds up to `max` records, and what could not be read beside them, with their places, and says how it goes on. It
    // may add some and throw: these are good, and offset() and the position that is saved are behind them.
    virtual read_result read(chunk<T>& records, chunk<Bad>& bad, std::size_t max) = 0;
};

// A source's running stage, one per partition. Runners pull it.
class source_stage_base : public stage {
  public:
    void advance(const mark&) override {}
    // What the reader threw, if it did; it is not read any more. What it had read before has been handed on by the pull
    // that met it: whoever pulls throws it, or the next pull does.
    [[nodiscard]] const std::exception_ptr& failure() const noexcept { return failure_; }
    // Reads up to `max` records and hands them on, with the mark behind them if `announce`.
    virtual read_result pull(std::size_t max, bool announce) = 0;
    // Reads up to `max` records and hands them on one by one, each with its mark behind it.
    virtual read_result pull_each(std::size_t max) = 0;
    // Hands the present mark on without reading; `again` even if it has been said: stages behind may make more of it.
    virtual void announce(bool again = false) = 0;
    virtual void announce_end() = 0;
    [[nodiscard]] virtual mark position() const = 0;
    virtual void set_partition(std::uint64_t number) = 0;
    [[nodiscard]] virtual source_reader_base& reader() noexcept = 0;

  protected:
    std::exception_ptr failure_;
};

namespace detail {

// Stands where a source has no records that could not be read.
struct nothing_bad {};

template <class T, class Bad>
class source_stage final : public source_stage_base {
  public:
    explicit source_stage(std::unique_ptr<source_reader_base> reader)
        : reader_(static_cast<source_reader<T, Bad>*>(reader.release())) {}

    outlet<T> out;
    outlet<Bad> bad;

    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out, &bad}; }
    [[nodiscard]] mark position() const override {
        return {reader_->watermark(), lane::partition(reader_->partition), reader_->offset()};
    }
    void set_partition(std::uint64_t index) override { reader_->partition = index; }
    [[nodiscard]] source_reader_base& reader() noexcept override { return *reader_; }

    read_result pull(std::size_t max, bool announcing) override {
        if (reader_->arrivals != nullptr) [[unlikely]] return pull_measured(max, announcing);
        return pull_now(max, announcing);
    }
    read_result pull_each(std::size_t max) override {
        if (reader_->arrivals != nullptr) [[unlikely]] return pull_each_measured(max);
        if (!bad.to.empty()) return pull_now(1, true);  // it has marks of its own
        const read_result result = read(each_, max);
        if (!each_.empty()) {
            out.pass_each(each_, position(), true);
            each_.clear();
        }
        if (!bad.out.empty()) bad.flush(nullptr);
        return result;
    }
    void announce(bool again) override {
        const mark progress = position();
        if (!again && !is_news(progress)) return;
        announced_ = progress;
        send(progress);
    }
    void announce_end() override { send(mark::end()); }
    [[nodiscard]] timestamp channel_watermark() const override { return reader_->watermark(); }
    [[nodiscard]] std::vector<stage_note> notes() const override { return reader_->notes(); }

    void save_shard(unsigned, binary_writer& writer) const override {
        reader_->save_position(writer);
        counts.save(writer);
    }
    void load_shard(unsigned, binary_reader& reader) override {
        reader_->load_position(reader);
        counts.load(reader);
    }

  private:
    read_result pull_now(std::size_t max, bool announcing) {
        const read_result result = read(out.out, max);
        const mark progress = position();
        const bool announces = announcing && result != read_result::ended && is_news(progress);
        const mark* announced = announces ? &progress : nullptr;
        if (announces) announced_ = progress;
        if (!out.out.empty() || announced != nullptr) out.flush(announced);
        if (!bad.out.empty() || (announced != nullptr && !bad.to.empty())) bad.flush(announced);
        return result;
    }
    read_result pull_measured(std::size_t max, bool announcing) {
        const arrival_meter::instant began = reader_->arrivals->now();
        const std::uint64_t before = counts.accepted;
        const read_result result = pull_now(max, announcing);
        const auto records = static_cast<std::uint32_t>(counts.accepted - before);
        if (records != 0) reader_->carried(began, records);
        return result;
    }
    // Each is measured by itself.
    read_result pull_each_measured(std::size_t max) {
        read_result result = read_result::more;
        for (std::uint64_t before = 0; max > 0 && result == read_result::more; --max) {
            before = counts.in;
            result = pull_measured(1, true);
            if (counts.in == before) break;
        }
        return result;
    }
    // What has been said is not said again: a log that has nothing for a while would keep everybody busy.
    [[nodiscard]] bool is_news(const mark& progress) const {
        return announced_ != progress || !out.out.empty() || !bad.out.empty();
    }
    void send(const mark& progress) {
        out.flush(&progress);
        bad.flush(&progress);
    }
    read_result read(chunk<T>& into, std::size_t max) {
        const read_result result = read_from_log(into, max);
        const std::size_t read = into.size();
        const std::size_t unreadable = bad.out.size();
        counts.in += read + unreadable;
        counts.accepted += read;
        counts.results += read;
        counts.dead_letter += unreadable;
        return result;
    }

    read_result read_from_log(chunk<T>& into, std::size_t max) {
        if (this->failure_) std::rethrow_exception(this->failure_);
        try {
            return reader_->read(into, bad.out, max);
        } catch (...) {
            this->failure_ = std::current_exception();
            return read_result::more;
        }
    }

    std::unique_ptr<source_reader<T, Bad>> reader_;
    chunk<T> each_;  // what was read and is handed on one by one
    std::optional<mark> announced_;  // last
};

template <class T, class Bad>
class source_node final : public node {
  public:
    using open_function = std::function<std::vector<std::unique_ptr<source_reader_base>>(environment&)>;
    using companion_function = std::function<std::shared_ptr<const node>(std::shared_ptr<const node>)>;

    source_node(std::string kind, std::string text, open_function open, companion_function dead_letters = {},
                bool several_partitions = false)
        : node(std::move(kind), {}, spread::partition), text_(std::move(text)), open_(std::move(open)),
          dead_letters_(std::move(dead_letters)), several_partitions_(several_partitions) {}

    [[nodiscard]] unsigned outlet_count() const override { return 2; }
    [[nodiscard]] std::string detail() const override { return text_; }
    [[nodiscard]] bool several_partitions() const override { return several_partitions_; }
    [[nodiscard]] bool unbounded() const override { return unbounded_; }
    // Makes the node of the dead-letter sink behind a source; empty if there is none.
    [[nodiscard]] const companion_function& dead_letters() const { return dead_letters_; }
    void set_unbounded(bool unbounded) { unbounded_ = unbounded; }
    [[nodiscard]] bool replays() const override { return replays_; }
    void set_replays(bool replays) { replays_ = replays; }
    [[nodiscard]] std::string non_deterministic() const override { return non_deterministic_; }
    void set_non_deterministic(std::string why) { non_deterministic_ = std::move(why); }
    [[nodiscard]] bool single_use() const override { return !std::is_copy_constructible_v<T>; }
    [[nodiscard]] std::vector<std::unique_ptr<source_reader_base>> open(environment& where) const override {
        return open_(where);
    }
    [[nodiscard]] std::unique_ptr<stage> make_reading(std::unique_ptr<source_reader_base> reader) const override {
        return std::make_unique<source_stage<T, Bad>>(std::move(reader));
    }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site&) const override {
        throw error(error_kind::internal, "a source is made with its reader");
    }
    void attach(std::size_t, outlet_base&, stage&, std::size_t, gate*) const override {}
    [[nodiscard]] std::vector<std::shared_ptr<const node>> companions() const override {
        if (!dead_letters_) return {};
        return {dead_letters_(shared_from_this())};
    }

  private:
    std::string text_;
    open_function open_;
    companion_function dead_letters_;
    bool several_partitions_;
    bool unbounded_ = false;
    bool replays_ = true;
    std::string non_deterministic_;
};

}  // namespace detail
}  // namespace weir
