// SPDX-License-Identifier: Apache-2.0
// memory(records): a log, or several, in memory. The records stay where they are: chunks are views of them.
// memory_partitions({log, log, ...}) is one partition per log. generate(count, f): the log f(0), f(1), ... of `count`
// records made when they are read.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/flow/source.hpp>

namespace weir {
namespace detail {

template <class T>
class memory_reader final : public source_reader<T, nothing_bad> {
  public:
    explicit memory_reader(std::shared_ptr<const std::vector<T>> records) : records_(std::move(records)) {}
    read_result read(chunk<T>& into, chunk<nothing_bad>&, std::size_t max) override {
        const std::size_t count = std::min(max, records_->size() - next_);
        into.view(records_->data() + next_, count);
        into.stamps.set_dense(lane::partition(this->partition), next_);
        next_ += count;
        return next_ == records_->size() ? read_result::ended : read_result::more;
    }
    [[nodiscard]] bool tell_of_more(const std::shared_ptr<signal>&) override { return true; }  // it is never idle
    [[nodiscard]] std::uint64_t offset() const override { return next_; }
    void save_position(binary_writer& writer) const override { save(writer, std::uint64_t{next_}); }
    void load_position(binary_reader& reader) override {
        next_ = static_cast<std::size_t>(load<std::uint64_t>(reader));
        if (next_ > records_->size()) throw error(error_kind::state, "the snapshot's log was longer than this one");
    }

  private:
    std::shared_ptr<const std::vector<T>> records_;
    std::size_t next_ = 0;
};

template <class T, class Function>
class generating_reader final : public source_reader<T, nothing_bad> {
  public:
    generating_reader(std::uint64_t count, Function function) : count_(count), function_(std::move(function)) {}
    read_result read(chunk<T>& into, chunk<nothing_bad>&, std::size_t max) override {
        const std::uint64_t end = next_ + std::min<std::uint64_t>(max, count_ - next_);
        into.stamps.set_dense(lane::partition(this->partition), next_);
        for (; next_ < end; ++next_) into.push(std::invoke(function_, next_));
        return next_ == count_ ? read_result::ended : read_result::more;
    }
    [[nodiscard]] bool tell_of_more(const std::shared_ptr<signal>&) override { return true; }  // it is never idle
    [[nodiscard]] std::uint64_t offset() const override { return next_; }
    void save_position(binary_writer& writer) const override { save(writer, next_); }
    void load_position(binary_reader& reader) override {
        load(reader, next_);
        if (next_ > count_) throw error(error_kind::state, "the snapshot's log was longer than this one");
    }

  private:
    std::uint64_t count_;
    Function function_;
    std::uint64_t next_ = 0;
};

template <class T, class Order, class Open> auto make_source(std::string kind, std::string text, Open open) {
    auto made = std::make_shared<source_node<T, nothing_bad>>(
        std::move(kind), std::move(text), std::move(open), nullptr, std::is_same_v<Order, by_channel>);
    return stream<stream_port<T, Order, timing::log>>{std::move(made), 0};
}

}  // namespace detail

// Several logs in memory, one partition each.
template <class T> [[nodiscard]] auto memory_partitions(std::vector<std::vector<T>> logs) {
    std::vector<std::shared_ptr<const std::vector<T>>> shared;
    for (auto& log : logs) shared.push_back(std::make_shared<const std::vector<T>>(std::move(log)));
    const std::string text = std::to_string(shared.size()) + " partitions";
    return detail::make_source<T, by_channel>("memory", text, [shared](environment&) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        for (const auto& log : shared) readers.push_back(std::make_unique<detail::memory_reader<T>>(log));
        return readers;
    });
}

// One log in memory.
template <class T> [[nodiscard]] auto memory(std::vector<T> records) {
    static_assert(std::is_copy_constructible_v<T>,
                  "memory keeps its records for the next run, so they must be copyable: make others with "
                  "weir::generate");
    auto shared = std::make_shared<const std::vector<T>>(std::move(records));
    return detail::make_source<T, in_turn>("memory", std::to_string(shared->size()) + " records",
                                           [shared](environment&) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        readers.push_back(std::make_unique<detail::memory_reader<T>>(shared));
        return readers;
    });
}

// memory({a, b}) of records that have a type; memory<T>({{...}, {...}}) makes them of what is in the braces.
template <class T> [[nodiscard]] auto memory(std::initializer_list<T> records) {
    if constexpr (std::is_copy_constructible_v<T>) {
        return memory(std::vector<T>(records));
    } else {
        return memory(std::vector<T>());  // says why not
    }
}

// `function(index)` must be pure: a replay calls it again.
template <class Function> [[nodiscard]] auto generate(std::uint64_t count, Function function) {
    using record = std::remove_cvref_t<std::invoke_result_t<const Function&, std::uint64_t>>;
    return detail::make_source<record, in_turn>("generate", std::to_string(count) + " records",
                                                [count, function](environment&) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        readers.push_back(std::make_unique<detail::generating_reader<record, Function>>(count, function));
        return readers;
    });
}

}  // namespace weir
