// SPDX-License-Identifier: Apache-2.0
// source<T>(kind, detail, open): a source of one's own. open(weir::environment&) is called when a run starts, and
// returns a log, or a std::vector of logs, one per partition. A log is any type that can be moved and has
//
//   weir::read_result read(std::size_t max, auto& emit)   calls emit(record) at most `max` times, in the order of the
//                                                         log, and says how it goes on: more, idle (nothing now), ended
//
// and, as far as it has them,
//
//   void seek(std::uint64_t offset)           goes on at that record, counted from 0; or, where that is not enough to
//   void save(weir::binary_writer&) const     find the place again,
//   void load(weir::binary_reader&)           writes it down, and goes on there
//   bool catching_up() const                  whether an event loop may read it in chunks now (runtime/run.hpp)
//   static constexpr bool never_ends = true;  batch reads what is there now
//
// What cannot be read is told by emit.bad(weir::bad_record{...}), and counts as a record; dead_letter(sink), a fourth
// argument, says where it goes, without it the run ends. A weir::error that read throws ends the run in any case. A log
// that has neither seek nor save and load cannot be part of a snapshot; a run with checkpoints loses some of it at a
// restart, if checkpointing::at_most_once_sources allows that. `kind` and `detail` are for people: explain, reports and
// errors.
//
//   const auto open = [path](weir::environment& where) { return row_log{path, where.open_input(path)}; };
//   weir::source<reading>("readings", path, open) | ...                                 examples/tour/09_own_source.cpp
#pragma once
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/flow/dead_letter.hpp>
#include <weir/flow/source.hpp>
#include <weir/sources/push_at.hpp>

namespace weir {
namespace detail {
template <class T, class Log> class own_log_reader;
}

// What a log gives its records to.
template <class T>
class emitter {
  public:
    void operator()(T record) {
        count();
        detail::push_at(records_, from_, offset_++, std::move(record));
    }
    void bad(bad_record unreadable) {
        if (!dead_letters_) throw error(error_kind::input, unreadable.sentence());
        count();
        detail::push_at(bad_, from_, offset_++, std::move(unreadable));
    }

  private:
    template <class, class> friend class detail::own_log_reader;
    emitter(chunk<T>& records, chunk<bad_record>& unreadable, lane from, std::uint64_t& offset, std::size_t max,
            bool dead_letters, const std::string& kind)
        : records_(records), bad_(unreadable), from_(from), offset_(offset), end_(offset + max),
          dead_letters_(dead_letters), kind_(kind) {}
    void count() const {
        if (offset_ != end_) return;
        throw error(error_kind::configuration,
                    "source '" + kind_ + "': its log was asked for a number of records and emitted more");
    }

    chunk<T>& records_;
    chunk<bad_record>& bad_;
    lane from_;
    std::uint64_t& offset_;
    std::uint64_t end_;
    bool dead_letters_;
    const std::string& kind_;
};

template <class Log, class T>
concept log_of = std::move_constructible<Log> && requires(Log& log, std::size_t max, emitter<T>& emit) {
    { log.read(max, emit) } -> std::same_as<read_result>;
};

namespace detail {

template <class Log>
concept seekable_log = requires(Log& log, std::uint64_t offset) { log.seek(offset); };
template <class Log>
concept log_with_a_place = requires(Log& log, const Log& constant, binary_writer& writer, binary_reader& reader) {
    constant.save(writer);
    log.load(reader);
};

template <class T, class Log>
class own_log_reader final : public source_reader<T, bad_record> {
  public:
    own_log_reader(Log log, std::string kind, bool dead_letters)
        : log_(std::move(log)), kind_(std::move(kind)), dead_letters_(dead_letters) {}

    read_result read(chunk<T>& records, chunk<bad_record>& bad, std::size_t max) override {
        emitter<T> emit(records, bad, lane::partition(this->partition), offset_, max, dead_letters_, kind_);
        return log_.read(max, emit);
    }
    [[nodiscard]] std::uint64_t offset() const override { return offset_; }
    void allow_loss() override { loss_allowed_ = true; }
    void save_position(binary_writer& writer) const override {
        check_that_it_goes_on();
        save(writer, offset_);
        if constexpr (log_with_a_place<Log>) log_.save(writer);
    }
    void load_position(binary_reader& reader) override {
        check_that_it_goes_on();
        load(reader, offset_);
        if constexpr (log_with_a_place<Log>) {
            log_.load(reader);
        } else if constexpr (seekable_log<Log>) {
            log_.seek(offset_);
        }
    }
    [[nodiscard]] bool catching_up() const override {
        if constexpr (requires { { log_.catching_up() } -> std::convertible_to<bool>; }) {
            return log_.catching_up();
        } else {
            return false;
        }
    }

  private:
    void check_that_it_goes_on() const {
        if constexpr (!log_with_a_place<Log> && !seekable_log<Log>) {
            if (loss_allowed_) return;  // it goes on with what it gives then
            throw error(error_kind::state, "source '" + kind_ + "' cannot be part of a snapshot: give its log "
                                               "seek(offset), or save(writer) and load(reader)");
        }
    }

    Log log_;
    std::string kind_;
    bool dead_letters_;
    bool loss_allowed_ = false;
    std::uint64_t offset_ = 0;
};

// What `open` returns: one log, or several.
template <class Opened> struct opened_logs {
    using log = Opened;
    using order = in_turn;
    static std::vector<std::unique_ptr<source_reader_base>> each(Opened opened, auto&& reader_of) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        readers.push_back(reader_of(std::move(opened)));
        return readers;
    }
};
template <class Log, class Allocator> struct opened_logs<std::vector<Log, Allocator>> {
    using log = Log;
    using order = by_channel;
    static std::vector<std::unique_ptr<source_reader_base>> each(std::vector<Log, Allocator> opened, auto&& reader_of) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        for (Log& log : opened) readers.push_back(reader_of(std::move(log)));
        return readers;
    }
};

template <class Open, class T>
concept opens_logs_of = std::copy_constructible<Open> && std::invocable<const Open&, environment&> &&
                        log_of<typename opened_logs<std::invoke_result_t<const Open&, environment&>>::log, T>;

struct no_dead_letters {};

template <class T, class Open, class DeadLetters>
[[nodiscard]] auto make_own_source(std::string kind, std::string text, Open open, const DeadLetters& dead_letters) {
    if constexpr (!opens_logs_of<Open, T>) {
        static_assert(opens_logs_of<Open, T>,
                      "source needs open(weir::environment&) to return a log, or a vector of logs: a type with "
                      "weir::read_result read(std::size_t max, auto& emit), which calls emit(record)");
        return rejected_stream{};
    } else {
        using opened = opened_logs<std::invoke_result_t<const Open&, environment&>>;
        using order = typename opened::order;
        using log = typename opened::log;
        static constexpr bool with_dead_letters = !std::same_as<DeadLetters, no_dead_letters>;
        std::function<std::shared_ptr<const node>(std::shared_ptr<const node>)> companion;
        if constexpr (with_dead_letters) {
            companion = [sink = dead_letters.sink](std::shared_ptr<const node> source) {
                return dead_letter_node<order>(std::move(source), sink);
            };
        }
        auto made = std::make_shared<source_node<T, bad_record>>(
            kind, std::move(text),
            [open = std::move(open), kind](environment& where) {
                return opened::each(std::invoke(open, where), [&kind](log&& each) {
                    return std::make_unique<own_log_reader<T, log>>(std::move(each), kind, with_dead_letters);
                });
            },
            std::move(companion), std::same_as<order, by_channel>);
        if constexpr (requires { log::never_ends; }) made->set_unbounded(log::never_ends);
        made->set_replays(seekable_log<log> || log_with_a_place<log>);
        return stream<stream_port<T, order, timing::log>>{std::move(made), 0};
    }
}

}  // namespace detail

template <class T, class Open> [[nodiscard]] auto source(std::string kind, std::string text, Open open) {
    return detail::make_own_source<T>(std::move(kind), std::move(text), std::move(open), detail::no_dead_letters{});
}
template <class T, class Open, class Sink>
[[nodiscard]] auto source(std::string kind, std::string text, Open open, const dead_letter_policy<Sink>& bad) {
    return detail::make_own_source<T>(std::move(kind), std::move(text), std::move(open), bad);
}

}  // namespace weir
