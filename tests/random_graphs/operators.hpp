// SPDX-License-Identifier: Apache-2.0
// What each kind of operator is in weir: `stage_of` is the stage's own output, `events_of` turns its rows into events.
// Templates, so that the same operators serve erased, one by one, and fused into typed chains.
#pragma once
#include <bit>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/first.hpp>
#include <weir/aggregates/last.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/mean.hpp>
#include <weir/aggregates/min.hpp>
#include <weir/aggregates/plain_sum.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/aggregates/variance.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/operators/window.hpp>

#include "description.hpp"

namespace random_graphs {

// Counts may hold hashes: they wrap.
[[nodiscard]] constexpr std::int64_t wrapping(std::uint64_t count) noexcept { return static_cast<std::int64_t>(count); }
[[nodiscard]] constexpr std::int64_t wrapping_add(std::int64_t left, std::int64_t right) noexcept {
    return wrapping(static_cast<std::uint64_t>(left) + static_cast<std::uint64_t>(right));
}

// An aggregate of a user's that cares for order.
struct hash_chain {
    using state_type = std::uint64_t;
    [[nodiscard]] state_type create() const { return 0; }
    void add(state_type& state, const event& each) const { state = state * 1099511628211U + each.id + 1; }
    void merge(state_type& state, const state_type& other) const { state = state * 1099511628211U + other; }
    [[nodiscard]] std::uint64_t result(const state_type& state) const { return state; }
    [[nodiscard]] std::string name() const { return "hash"; }
};

struct summed {
    double sum = 0;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(summed, (), (sum, count))
struct chained {
    std::int64_t count = 0;
    std::int64_t links = 0;
    std::string note{};
};
BOOST_DESCRIBE_STRUCT(chained, (), (count, links, note))

[[nodiscard]] inline std::string text_key(const event& each) { return "key" + std::to_string(each.key % 12); }
[[nodiscard]] inline std::uint32_t number_of_text(const std::string& key) {
    return static_cast<std::uint32_t>(std::stoul(key.substr(3)));
}
[[nodiscard]] inline std::uint64_t window_id(std::uint32_t key, weir::timestamp start) {
    return static_cast<std::uint64_t>(start.time_since_epoch().count()) * 31 + key;
}
// The numbers of the i-th operator of a fused chain.
[[nodiscard]] inline use part_of(const use& whole, std::size_t i) {
    const auto step = static_cast<std::int64_t>(i);
    return {whole.what, whole.inputs, (whole.b + step) % 4, (whole.b + 2 * step + 1) % 4};
}
[[nodiscard]] constexpr weir::duration ticks(std::int64_t count) noexcept { return weir::duration{count}; }

// Half of them are no multiple of the slide, 5.
[[nodiscard]] constexpr weir::duration sliding_size(const use& how) noexcept {
    return ticks(5 * how.b + 10 + how.a % 2 * 3);
}

[[nodiscard]] constexpr weir::duration session_gap(const use& how) noexcept { return ticks(3 * how.b + 2); }
[[nodiscard]] inline weir::emission session_says(const use& how) {
    const weir::emission says[] = {weir::emit::on_time, weir::emit::final, weir::emit::every(ticks(4)),
                                   weir::emit::after(2)};
    return says[how.a % 4];
}

// What some rows have in common.
template <class Row>
event event_of_window(const Row& row, double value, std::int64_t count, std::string note = {}) {
    std::uint32_t key = 0;
    if constexpr (std::is_same_v<decltype(row.key), std::string>) {
        key = number_of_text(row.key);
    } else {
        key = row.key;
    }
    return {window_id(key, row.start), key, row.start, value, count, std::move(note)};
}

template <kind What, class S> auto process_stage(S from, const use& how) {
    using namespace weir;
    const std::int64_t a = how.a;
    const auto keyed = from | key_by(&event::key);
    if constexpr (What == kind::process_sum) {
        return keyed | process<summed>([](auto&, const event& each, summed& state) {
                   state.sum += each.value;
                   return event{each.id, each.key, each.at, state.sum, ++state.count, each.note};
               });
    } else if constexpr (What == kind::process_emit) {
        return keyed | process<chained, event>([](auto& context, const event& each, chained& state) {
                   const std::uint64_t results = (each.id + static_cast<std::uint64_t>(state.count++)) % 3;
                   for (std::uint64_t i = 0; i < results; ++i) {
                       context.emit({each.id + i, each.key, each.at, each.value, state.count, each.note});
                   }
               });
    } else if constexpr (What == kind::process_timer) {
        return keyed | process<chained, event>(
                           [a](auto& context, const event& each, chained& state) {
                               ++state.count;
                               state.note = each.note;
                               context.set_timer(context.time() + ticks(3 * a + 3));
                           },
                           [](auto& context, const std::uint32_t& key, chained& state) {
                               context.emit({7, key, context.time(), 0.5, state.count, state.note});
                               context.forget();
                           });
    } else {
        return from | key_by(text_key) |
               process<chained, event>(
                   [](auto& context, const event& each, chained& state) {
                       ++state.count;
                       state.links = 0;
                       context.set_timer(context.time() - ticks(3));
                       context.emit({each.id, each.key, each.at, each.value, state.count, each.note});
                   },
                   [](auto& context, const std::string& key, chained& state) {
                       context.emit({11, number_of_text(key), context.time(), 0.25, state.links});
                       if (state.links++ < 2) context.set_timer(context.time() + ticks(4));
                   });
    }
}

template <kind What, class S> auto window_stage(S from, const use& how) {
    using namespace weir;
    const std::int64_t a = how.a;
    const std::int64_t b = how.b;
    const auto keyed = from | key_by(&event::key);
    const auto tumble = window(tumbling(ticks(5 * b + 5)));
    const auto small_count = [](const event& each) { return each.count % 1000; };
    const auto five_ids = [](const event& each) { return each.id % 5; };
    if constexpr (What == kind::tumbling) {
        return keyed | tumble | aggregate(count(), sum(&event::value));
    } else if constexpr (What == kind::tumbling_allowed) {
        return keyed | window(tumbling(ticks(5 * b + 5)), allowed_lateness{ticks(5 * a + 5)}) |
               aggregate(count(), sum(&event::value));
    } else if constexpr (What == kind::tumbling_first) {
        return keyed | tumble | aggregate(first(&event::value), last(&event::id), last(&event::note));
    } else if constexpr (What == kind::tumbling_plain) {
        return keyed | tumble | aggregate(plain_sum(&event::value));
    } else if constexpr (What == kind::tumbling_spread) {
        return keyed | tumble | aggregate(variance(small_count), distinct(five_ids));
    } else if constexpr (What == kind::tumbling_hash) {
        return keyed | tumble | aggregate(hash_chain{});
    } else if constexpr (What == kind::tumbling_text) {
        return from | key_by(text_key) | tumble | aggregate(count(), sum(&event::value));
    } else if constexpr (What == kind::sliding) {
        return keyed | window(sliding(sliding_size(how), ticks(5))) |
               aggregate(min(&event::value), max(&event::value), count());
    } else if constexpr (What == kind::sliding_allowed) {
        return keyed | window(sliding(sliding_size(how), ticks(5)), allowed_lateness{ticks(5 * a + 5)}) |
               aggregate(mean(&event::value), sum(small_count));
    } else if constexpr (What == kind::sliding_sum) {
        return from | key_by([](const event&) { return std::uint32_t{0}; }) | window(sliding(ticks(21), ticks(7))) |
               aggregate(sum(&event::value), count());
    } else if constexpr (What == kind::session) {
        return keyed | window(weir::session(session_gap(how)), allowed_lateness{ticks(4 * b)}, session_says(how),
                              a == 3 ? discarding : accumulating) |
               aggregate(count(), sum(&event::value));
    } else if constexpr (What == kind::rolling) {
        return keyed | rolling(ticks(5 * a + 5)) | aggregate(sum(&event::value), count());
    } else {
        return keyed | rolling(ticks(5), ticks(30)) |
               aggregate(over(ticks(5), max(&event::value)), over(ticks(30), distinct(five_ids)));
    }
}

// The stage of a kind, if it has one.
template <kind What, class S> auto stage_of(S from, const use& how) {
    using enum kind;
    if constexpr (What == sort_by_time) {
        return from | weir::sort_by_time();
    } else if constexpr (What >= process_sum && What <= process_text) {
        return process_stage<What>(std::move(from), how);
    } else if constexpr (What >= tumbling && What <= rolling_several) {
        return window_stage<What>(std::move(from), how);
    } else {
        return from;
    }
}

// The pure steps of a kind without a stage.
template <kind What, class S> auto steps_of(S from, const use& how) {
    using namespace weir;
    const std::int64_t a = how.a;
    if constexpr (What == kind::map_value) {
        return from | map([a](event each) {
                   each.value = each.value * 1.5 + 1;
                   each.count = wrapping_add(each.count, a);
                   return each;
               });
    } else if constexpr (What == kind::map_key) {
        return from | map([a](event each) {
                   each.key = static_cast<std::uint32_t>((each.id + each.key * 7U) % static_cast<std::uint64_t>(a + 1));
                   return each;
               });
    } else if constexpr (What == kind::map_stamp) {
        return from | map([](event each, const stamp_view& at) {
                   each.at = at.time();
                   const auto mark = at.watermark().time_since_epoch().count();
                   each.count = wrapping_add(each.count, at.watermark() == time_lowest ? -1 : mark % 7);
                   return each;
               });
    } else if constexpr (What == kind::filter_id) {
        return from | filter([a](const event& each) { return each.id % static_cast<std::uint64_t>(a + 2) != 0; });
    } else if constexpr (What == kind::filter_key) {
        return from | filter([a](const event& each) { return each.key != static_cast<std::uint32_t>(a); });
    } else if constexpr (What == kind::flat_map) {
        return from | flat_map([](const event& each) {
                   std::vector<event> copies(each.id % 3, each);
                   for (std::size_t i = 0; i < copies.size(); ++i) copies[i].key += static_cast<std::uint32_t>(i);
                   return copies;
               });
    } else {
        static_assert(What == kind::flat_map_nested);
        return from | flat_map([](const event& each) {
                   std::vector<event> copies(2, each);
                   ++copies[1].key;
                   return copies;
               }) |
               filter([](const event& each) { return (each.id + each.key) % 3 != 0; }) |
               flat_map([](const event& each) {
                   std::vector<event> copies(each.id % 2 + 1, each);
                   for (std::size_t i = 0; i < copies.size(); ++i) copies[i].value += static_cast<double>(i);
                   return copies;
               });
    }
}

// A stage's rows as events.
template <kind What, class R> auto events_of(R rows, const use& how) {
    using enum kind;
    if constexpr (What < split) {
        return steps_of<What>(std::move(rows), how);
    } else if constexpr (What >= process_sum) {
        return rows;
    } else {
        return rows | weir::map([](const typename R::value_type& row) {
                   [[maybe_unused]] const auto signed_count = [](std::uint64_t n) {
                       return static_cast<std::int64_t>(n);
                   };
                   const auto& first = row.template get<0>();
                   if constexpr (What == tumbling || What == tumbling_allowed || What == tumbling_text ||
                                 What == session) {
                       return event_of_window(row, row.template get<1>(), signed_count(first));
                   } else if constexpr (What == tumbling_first) {
                       return event_of_window(row, first, wrapping(row.template get<1>()), row.template get<2>());
                   } else if constexpr (What == tumbling_plain) {
                       return event_of_window(row, first, 1);
                   } else if constexpr (What == tumbling_spread) {
                       return event_of_window(row, first.value_or(-1.0), signed_count(row.template get<1>()));
                   } else if constexpr (What == tumbling_hash) {
                       return event_of_window(row, 2.0, wrapping(first));
                   } else if constexpr (What == sliding) {
                       event made = event_of_window(row, row.template get<1>(), signed_count(row.template get<2>()));
                       made.id += std::bit_cast<std::uint64_t>(first);
                       return made;
                   } else if constexpr (What == sliding_allowed) {
                       return event_of_window(row, first, static_cast<std::int64_t>(row.template get<1>()));
                   } else if constexpr (What == sliding_sum) {
                       return event_of_window(row, first, signed_count(row.template get<1>()));
                   } else if constexpr (What == rolling) {
                       event made = row.record;
                       made.value = first[0];
                       made.count = signed_count(row.template get<1>()[0]);
                       return made;
                   } else {
                       event made = row.record;
                       made.value = first;
                       made.count = signed_count(row.template get<1>());
                       return made;
                   }
               });
    }
}

}  // namespace random_graphs
