// SPDX-License-Identifier: Apache-2.0
// collect<T>(): keeps records in memory, in turn, for the host to take when the run is over: report.output(sink).
// Each run fills a list of its own. collect_stamped<T>() keeps the stamps too. Memory grows with the output.
#pragma once
#include <concepts>
#include <memory>
#include <utility>
#include <vector>

#include <weir/flow/chunk.hpp>
#include <weir/flow/sink.hpp>
#include <weir/record/binary.hpp>

namespace weir {

template <class T>
struct stamped {
    T record;
    stamp at;
    friend bool operator==(const stamped&, const stamped&) = default;

    template <class Writer> void save(Writer& writer) const
        requires storable<T>
    {
        weir::save(writer, record);
        at.save(writer);
    }
    template <class Reader> void load(Reader& reader)
        requires storable<T>
    {
        weir::load(reader, record);
        at.load(reader);
    }
};

namespace detail {

template <class Item, bool Stamped>
class collect_writer {
  public:
    explicit collect_writer(std::shared_ptr<std::vector<Item>> items) : items_(std::move(items)) {}
    template <class V> void take(V&& value, const stamp_view& at) {
        if constexpr (Stamped) {
            items_->push_back(Item{std::forward<V>(value), at.full()});
        } else {
            items_->emplace_back(std::forward<V>(value));
        }
    }
    void flush() {}
    void finish(bool) {}
    [[nodiscard]] static delivery_promise promise() { return {delivery::exactly_once, "the list is part of them"}; }
    void save(binary_writer& writer) const {
        check_storable();
        if constexpr (storable<Item>) weir::save(writer, *items_);
    }
    void load(binary_reader& reader) {
        if constexpr (storable<Item>) weir::load(reader, *items_);
    }
    // An entry for what came since the last one, by where in the list it begins. A checkpoint costs what came.
    void save_changes(state_batch& to, bool all) {
        check_storable();
        if (all) saved_ = 0;
        if constexpr (storable<Item>) {
            if (saved_ == items_->size()) return;
            const auto begin = [this](binary_writer& writer) {
                for (unsigned shift = 64; shift != 0; shift -= 8) {  // in the order of the numbers
                    writer.write_fixed(static_cast<std::uint8_t>(std::uint64_t{saved_} >> (shift - 8)));
                }
            };
            to.put(0, begin, [this](binary_writer& writer) {
                writer.write_count(items_->size() - saved_);
                for (std::size_t i = saved_; i < items_->size(); ++i) weir::save<Item>(writer, (*items_)[i]);
            });
            saved_ = items_->size();
        }
    }
    void load_entry(binary_reader& key, binary_reader& value) {
        std::uint64_t begin = 0;
        while (!key.at_end()) begin = begin << 8U | key.read_fixed<std::uint8_t>();
        if (begin != items_->size()) refuse_snapshot("the checkpoint is damaged: a part of what was collected is lost");
        if constexpr (storable<Item>) {
            for (std::size_t left = value.read_count(); left != 0; --left) {
                items_->push_back(weir::load<Item>(value));
            }
        }
        value.expect_end();
        saved_ = items_->size();
    }

  private:
    void check_storable() const {
        if constexpr (!storable<Item>) {
            throw error(error_kind::state, "collect: records of this type cannot be stored: describe them with "
                                           "BOOST_DESCRIBE_STRUCT");
        }
    }

    std::shared_ptr<std::vector<Item>> items_;
    std::size_t saved_ = 0;  // of them, in entries
};

}  // namespace detail

template <class Item, class T, bool Stamped>
class collect_sink : public sink_description {
  public:
    using item_type = Item;
    [[nodiscard]] std::string kind() const { return "collect"; }
    [[nodiscard]] bool reads_turns() const { return Stamped; }
    // Two copies of a sink are one identity.
    [[nodiscard]] const void* identity() const noexcept { return identity_.get(); }
    [[nodiscard]] std::string claim() const { return "the collect sink " + std::to_string(number_); }

    template <std::same_as<T> V> [[nodiscard]] auto open(const sink_site& site) const {
        auto items = std::make_shared<std::vector<Item>>();
        site.run.outputs->values.emplace_back(identity(), items);
        return std::make_unique<detail::collect_writer<Item, Stamped>>(std::move(items));
    }

  private:
    std::shared_ptr<const char> identity_ = std::make_shared<const char>('c');
    std::uintptr_t number_ = reinterpret_cast<std::uintptr_t>(identity_.get());
};

template <class T> [[nodiscard]] auto collect() { return collect_sink<T, T, false>{}; }
template <class T> [[nodiscard]] auto collect_stamped() { return collect_sink<stamped<T>, T, true>{}; }

}  // namespace weir
