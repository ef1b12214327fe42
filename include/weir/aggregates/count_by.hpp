// SPDX-License-Identifier: Apache-2.0
// count_by(&Payment::currency, 20): how many records of each category, of at most 20 of them; the records of all others
// are one more number.
//
// Which categories have a count of their own must not depend on who came first, so it goes by the categories' order:
// the 20 smallest that occur, by `<`. A category among the smallest of all records is among the smallest of every part
// of them, from its first record on: so its count is exact, as is that of the others, whatever was split or merged.
// (The 20 most frequent cannot be told in bounded memory; most_frequent keeps a count for every value.)
//
// A category is a text, a number other than a double, an enum, a time, or what else `<` orders totally; text is looked
// up without a copy. Memory: one count and one category for each of at most so many. O(log n) per record, up to n moves
// for a category that is new; a merge is O(n). Nothing can be taken back, since a category that was dropped would have
// to come back. A bound of 0 is a configuration error.
#pragma once
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/first_few.hpp>
#include <weir/aggregates/multiplicities.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/describe.hpp>
#include <weir/record/schema.hpp>
#include <weir/record/view_of_others.hpp>

namespace weir {

template <class Category>
struct category_counts {
    std::map<Category, std::uint64_t> counts;
    std::uint64_t others = 0;  // records of categories that have no count of their own

    friend bool operator==(const category_counts&, const category_counts&) = default;
    BOOST_DESCRIBE_CLASS(category_counts, (), (counts, others), (), ())
};

namespace detail {

template <class Category>
class smallest_categories {
    static_assert(!view_of_others<Category>, "count_by keeps the category: return a value, not a view or a pointer");

  public:
    template <class Looked>
    void add(const Looked& category, std::uint64_t times, std::size_t most) {
        total_ += times;
        if (counts_.size() >= most && counts_.back().first < category) return;
        const auto below = [](const counted& each, const Looked& sought) { return each.first < sought; };
        const auto place = std::lower_bound(counts_.begin(), counts_.end(), category, below);
        if (place != counts_.end() && !(category < place->first)) {
            place->second += times;
            return;
        }
        const auto index = place - counts_.begin();
        if (counts_.size() >= most) counts_.pop_back();
        counts_.insert(counts_.begin() + index, counted{Category(category), times});
    }
    void merge(const smallest_categories& other, std::size_t most) {
        std::vector<counted> both;
        both.reserve(std::min(most, counts_.size() + other.counts_.size()));
        auto mine = counts_.begin();
        auto theirs = other.counts_.begin();
        while (both.size() < most && (mine != counts_.end() || theirs != other.counts_.end())) {
            if (theirs == other.counts_.end() || (mine != counts_.end() && mine->first < theirs->first)) {
                both.push_back(*mine++);
            } else if (mine == counts_.end() || theirs->first < mine->first) {
                both.push_back(*theirs++);
            } else {
                both.push_back({mine->first, mine->second + theirs->second});
                ++mine;
                ++theirs;
            }
        }
        counts_ = std::move(both);
        total_ += other.total_;
    }
    [[nodiscard]] category_counts<Category> value() const {
        category_counts<Category> result;
        result.others = total_;
        for (const auto& [category, times] : counts_) {
            result.counts.emplace_hint(result.counts.end(), category, times);
            result.others -= times;
        }
        return result;
    }

    static std::string type_tag() { return "category_counts<" + tag_if_known<Category>() + ">"; }
    template <class Writer>
        requires storable<Category>
    void save(Writer& writer) const {
        writer.write_fixed(total_);
        writer.write_count(counts_.size());
        for (const auto& [category, times] : counts_) {
            weir::save(writer, category);
            writer.write_fixed(times);
        }
    }
    template <class Reader>
        requires storable<Category>
    void load(Reader& reader) {
        smallest_categories fresh;
        fresh.total_ = reader.template read_fixed<std::uint64_t>();
        std::uint64_t left_over = fresh.total_;
        for (auto left = reader.read_count(); left > 0; --left) {
            auto category = weir::load<Category>(reader);
            const auto times = reader.template read_fixed<std::uint64_t>();
            const bool rises = fresh.counts_.empty() || fresh.counts_.back().first < category;
            if (!rises || times == 0 || times > left_over) {
                throw error(error_kind::state, "the snapshot is damaged: counts of categories cannot be these");
            }
            left_over -= times;
            fresh.counts_.emplace_back(std::move(category), times);
        }
        *this = std::move(fresh);
    }

  private:
    using counted = std::pair<Category, std::uint64_t>;
    std::vector<counted> counts_;  // rising
    std::uint64_t total_ = 0;
};

template <class P>
struct counting_by : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    using category_type = std::conditional_t<real_number<value_type>, value_type, stored_as<value_type>>;
    static_assert(std::totally_ordered<category_type> && !real_number<category_type>,
                  "count_by needs categories that < orders totally, and no doubles: round them to whole numbers");
    using state_type = smallest_categories<category_type>;
    static constexpr bool commutes = true;

    std::size_t most = 0;

    template <class Q>
    [[nodiscard]] counting_by<Q> rebound(Q other) const {
        return {{std::move(other)}, most};
    }
    [[nodiscard]] state_type create() const { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        state.add(this->value_of(record), 1, most);
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other, most); }
    [[nodiscard]] category_counts<category_type> result(const state_type& state) const { return state.value(); }
    [[nodiscard]] std::string name() const { return this->named("count_by"); }
    [[nodiscard]] std::string state_tag() const {
        return "smallest<" + std::to_string(most) + "," + state_type::type_tag() + ">";
    }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::counting_by<P> count_by(P category, std::size_t most) {
    detail::require_room(most, "count_by(..., 0) counts no category: give it at least 1");
    return {{std::move(category)}, most};
}

}  // namespace weir
