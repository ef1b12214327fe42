// SPDX-License-Identifier: Apache-2.0
// How often each value is there: the state of distinct. Doubles are told apart as numbers: -0 is 0, and all NaN are
// one value. Text is looked up without a copy and kept once. Few values stand side by side and are looked through;
// more are in a table. What holds them comes from a collection of spare blocks, and goes back to it.
#pragma once
#include <algorithm>
#include <bit>
#include <boost/unordered/unordered_flat_map.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/base/fetch_ahead.hpp>
#include <weir/base/spare_blocks.hpp>
#include <weir/base/stable_hash.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/schema.hpp>

namespace weir::detail {

// How a value is written down, and how it is kept.
template <class Value>
using stored_as = std::conditional_t<
    std::convertible_to<Value, std::string_view>, std::string,
    std::conditional_t<std::same_as<Value, float>, double, Value>>;
using spare_text = std::basic_string<char, std::char_traits<char>, spare_allocator<char>>;
template <class Value>
using kept_as = std::conditional_t<std::same_as<stored_as<Value>, std::string>, spare_text, stored_as<Value>>;

struct hash_of_kept {
    using is_transparent = void;
    using is_avalanching = void;  // the table need not mix once more

    template <class Kept>
    [[nodiscard]] std::size_t operator()(const Kept& kept) const noexcept {
        if constexpr (std::same_as<Kept, double>) {
            return stable_hash(std::bit_cast<std::uint64_t>(kept));
        } else if constexpr (requires { stable_hash(kept); }) {
            return stable_hash(kept);
        } else {
            return mix_bits(std::hash<Kept>{}(kept));
        }
    }
};
struct same_kept {
    using is_transparent = void;

    template <class Left, class Right>
    [[nodiscard]] bool operator()(const Left& left, const Right& right) const noexcept {
        if constexpr (std::same_as<Left, double>) {
            return std::bit_cast<std::uint64_t>(left) == std::bit_cast<std::uint64_t>(right);
        } else {
            return left == right;
        }
    }
};

template <class Value>
class multiplicities {
    using stored_type = stored_as<Value>;
    using kept_type = kept_as<Value>;
    using allocator_type = spare_allocator<std::pair<const kept_type, std::uint64_t>>;
    using map_type =
        boost::unordered_flat_map<kept_type, std::uint64_t, hash_of_kept, same_kept, allocator_type>;
    struct counted {
        kept_type value;
        std::uint64_t times;
    };
    static constexpr std::size_t most_few = 8;

  public:
    multiplicities() : multiplicities(nullptr) {}
    explicit multiplicities(std::shared_ptr<spare_blocks> blocks)
        : blocks_(std::move(blocks)), few_(spare_allocator<counted>{blocks_.get()}),
          many_(allocator_type{blocks_.get()}) {}
    multiplicities(const multiplicities&) = default;
    multiplicities(multiplicities&&) = default;
    // What the table had goes back before the collection may go.
    multiplicities& operator=(multiplicities other) noexcept {
        few_.swap(other.few_);
        many_.swap(other.many_);
        blocks_.swap(other.blocks_);
        return *this;
    }
    ~multiplicities() = default;

    void add(const Value& value) { increase(looked_up(value), 1); }
    // The value must be there.
    void remove(const Value& value) { decrease(looked_up(value), 1); }
    void merge(const multiplicities& other) {
        if (&other == this) {  // inserting would move what is being read
            for (auto& [value, times] : few_) times *= 2;
            for (auto entry = many_.begin(); entry != many_.end(); ++entry) entry->second *= 2;
            return;
        }
        other.for_each([this](const kept_type& value, std::uint64_t times) { increase(value, times); });
    }
    void subtract(const multiplicities& other) {
        if (&other == this) return clear();
        other.for_each([this](const kept_type& value, std::uint64_t times) { decrease(value, times); });
    }
    [[nodiscard]] std::uint64_t size() const noexcept { return in_table() ? many_.size() : few_.size(); }
    // Calls visit(value, times), in no order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const counted& each : few_) visit(each.value, each.times);
        for (const auto& [value, times] : many_) visit(value, times);
    }
    // Asks for the memory where values are looked for, as far as it is known.
    void fetch() const noexcept { fetch_ahead(few_.data(), 0, few_.size() * sizeof(counted)); }

    static std::string type_tag() { return "counts<" + tag_if_known<stored_type>() + ">"; }
    // In the order of the values, so that equal contents have equal bytes. O(n log n).
    template <class Writer>
        requires storable<stored_type>
    void save(Writer& writer) const {
        std::vector<std::pair<const kept_type*, std::uint64_t>> sorted;
        sorted.reserve(size());
        for_each([&](const kept_type& value, std::uint64_t times) { sorted.emplace_back(&value, times); });
        std::sort(sorted.begin(), sorted.end(),
                  [](const auto& left, const auto& right) { return before(*left.first, *right.first); });
        writer.write_count(sorted.size());
        for (const auto& [value, times] : sorted) {
            if constexpr (is_text) {
                writer.write_count(value->size());
                writer.write_bytes(value->data(), value->size());
            } else {
                weir::save(writer, *value);
            }
            writer.write_fixed(times);
        }
    }
    template <class Reader>
        requires storable<stored_type>
    void load(Reader& reader) {
        multiplicities fresh(blocks_);
        std::uint64_t different = 0;
        for (auto left = reader.read_count(); left > 0; --left) {
            const auto value = weir::load<stored_type>(reader);
            const auto times = reader.template read_fixed<std::uint64_t>();
            if constexpr (is_text) {
                fresh.increase(std::string_view{value}, times);
            } else {
                fresh.increase(value, times);
            }
            if (times == 0 || fresh.size() != ++different) {
                throw error(error_kind::state, "the snapshot is damaged: a set of values holds one twice or never");
            }
        }
        *this = std::move(fresh);
    }

  private:
    static constexpr bool is_text = std::same_as<stored_type, std::string>;

    [[nodiscard]] static decltype(auto) looked_up(const Value& value) noexcept {
        if constexpr (is_text) {
            return std::string_view{value};
        } else if constexpr (real_number<Value>) {
            if (value != value) return std::numeric_limits<double>::quiet_NaN();
            return static_cast<double>(value) + 0.0;  // -0 + 0 is 0
        } else {
            return (value);
        }
    }
    [[nodiscard]] bool in_table() const noexcept { return !many_.empty(); }
    template <class Looked>
    [[nodiscard]] counted* find_among_few(const Looked& value) {
        const auto found = std::find_if(few_.begin(), few_.end(),
                                        [&](const counted& each) { return same_kept{}(value, each.value); });
        return found == few_.end() ? nullptr : &*found;
    }
    template <class Looked>
    [[nodiscard]] kept_type kept(const Looked& value) const {
        if constexpr (is_text) {
            return kept_type(value, spare_allocator<char>{blocks_.get()});
        } else {
            return kept_type(value);
        }
    }
    template <class Looked>
    void increase(const Looked& value, std::uint64_t times) {
        if (!in_table()) {
            if (counted* const found = find_among_few(value)) {
                found->times += times;
                return;
            }
            if (few_.size() < most_few) {
                few_.push_back({kept(value), times});
                return;
            }
            fill_table();
        }
        const auto found = many_.find(value);
        if (found != many_.end()) {
            found->second += times;
        } else {
            many_.emplace(kept(value), times);
        }
    }
    template <class Looked>
    void decrease(const Looked& value, std::uint64_t times) {
        if (in_table()) {
            const auto found = many_.find(value);
            if (found != many_.end() && (found->second -= times) == 0) many_.erase(found);
        } else if (counted* const found = find_among_few(value); found != nullptr && (found->times -= times) == 0) {
            if (found != &few_.back()) *found = std::move(few_.back());
            few_.pop_back();
        }
    }
    // The table is left again when it is empty.
    void fill_table() {
        for (counted& each : few_) many_.emplace(std::move(each.value), each.times);
        few_.clear();
    }
    void clear() noexcept {
        few_.clear();
        many_.clear();
    }
    [[nodiscard]] static bool before(const kept_type& left, const kept_type& right) {
        if constexpr (std::same_as<kept_type, double>) {
            return std::bit_cast<std::uint64_t>(left) < std::bit_cast<std::uint64_t>(right);
        } else {
            return left < right;
        }
    }

    std::shared_ptr<spare_blocks> blocks_;
    std::vector<counted, spare_allocator<counted>> few_;
    map_type many_;  // empty while there are few
};

}  // namespace weir::detail
