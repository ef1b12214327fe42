// SPDX-License-Identifier: Apache-2.0
// What rolling keeps of a record for one aggregate: what its projection says, not the record. The aggregate is rebound
// to read that. Aggregates that read nothing keep nothing; those that read the record itself, or a view into it, keep a
// copy of it.
#pragma once
#include <concepts>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/as.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/operators/rolled.hpp>
#include <weir/record/view_of_others.hpp>

namespace weir::detail {

struct nothing_kept {
    static std::string type_tag() { return "nothing"; }
    template <class Writer> void save(Writer& writer) const { weir::save(writer, std::uint8_t{0}); }
    template <class Reader> void load(Reader& reader) { static_cast<void>(weir::load<std::uint8_t>(reader)); }
};

template <class V>
struct kept_value {
    const V& operator()(const V& value) const noexcept { return value; }
};

template <class A, class Record>
struct rolling_part {
    using value_type = Record;
    using aggregate_type = A;
    static aggregate_type rebound(const A& aggregate) { return aggregate; }
    static const Record& value_of(const A&, const Record& record) { return record; }
};
template <class A, class Record>
    requires adds_record<A, nothing_kept>
struct rolling_part<A, Record> {
    using value_type = nothing_kept;
    using aggregate_type = A;
    static aggregate_type rebound(const A& aggregate) { return aggregate; }
    static nothing_kept value_of(const A&, const Record&) { return {}; }
};
template <template <class> class Aggregate, class P, class Record>
    requires(std::derived_from<Aggregate<P>, projecting<P>> && !view_of_others<typename projecting<P>::value_type>)
struct rolling_part<Aggregate<P>, Record> {
    using value_type = typename projecting<P>::value_type;
    using aggregate_type = Aggregate<kept_value<value_type>>;
    // What an aggregate was given beside its projection, such as a bound, goes with it.
    static aggregate_type rebound(const Aggregate<P>& aggregate) {
        if constexpr (requires { aggregate.rebound(kept_value<value_type>{}); }) {
            return aggregate.rebound(kept_value<value_type>{});
        } else {
            return {};
        }
    }
    static decltype(auto) value_of(const Aggregate<P>& aggregate, const Record& record) {
        return aggregate.value_of(record);
    }
};
// A text in memory that comes from the aggregate's spare blocks and goes back to them.
class kept_text {
  public:
    kept_text() : text_(spare_allocator<char>{nullptr}) {}
    kept_text(std::string_view text, spare_blocks* blocks) : text_(text, spare_allocator<char>{blocks}) {}
    operator std::string_view() const noexcept { return text_; }

    static std::string type_tag() { return "text"; }
    template <class Writer> void save(Writer& writer) const {
        writer.write_count(text_.size());
        writer.write_bytes(text_.data(), text_.size());
    }
    template <class Reader> void load(Reader& reader) { text_ = std::string_view{weir::load<std::string>(reader)}; }

  private:
    spare_text text_;
};
template <class P, class Record>
    requires std::convertible_to<typename projecting<P>::value_type, std::string_view>
struct rolling_part<counting_distinct<P>, Record> {
    using value_type = kept_text;
    using aggregate_type = counting_distinct<kept_value<kept_text>>;
    static aggregate_type rebound(const counting_distinct<P>&) { return {}; }
    static kept_text value_of(const counting_distinct<P>& aggregate, const Record& record) {
        return {std::string_view{aggregate.value_of(record)}, aggregate.blocks.get().get()};
    }
};
template <class A, class Record>
    requires(!adds_record<A, nothing_kept>)
struct rolling_part<renamed<A>, Record> : rolling_part<A, Record> {};
template <class A, class Record>
    requires(!adds_record<A, nothing_kept>)
struct rolling_part<over_one_length<A>, Record> : rolling_part<A, Record> {};

// One record in the buffer. The stamp is kept only where an aggregate reads it.
struct no_stamp_kept {
    template <class Writer> void save(Writer&) const {}
    template <class Reader> void load(Reader&) {}
};
template <bool Stamped, class... Values>
struct rolling_item {
    using stamp_type = std::conditional_t<Stamped, stamp, no_stamp_kept>;
    timestamp time{};
    [[no_unique_address]] stamp_type at{};
    std::tuple<Values...> values;
};

}  // namespace weir::detail
