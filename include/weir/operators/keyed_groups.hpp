// SPDX-License-Identifier: Apache-2.0
// The input loop of a keyed stage that looks up the keys of many records together (state/likely_entries.hpp). What the
// fused chain makes of a chunk is gathered first: the keys of a group must be known before its first record is taken.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include <weir/flow/stage.hpp>
#include <weir/state/likely_entries.hpp>

namespace weir::detail {

// Whether all that comes out of a chain stands in the chunk: its steps are filters.
template <class Chain> inline constexpr bool passes_on = false;
template <class... Steps> inline constexpr bool passes_on<chain<Steps...>> =
    (true && ... && (Steps::filters && !Steps::expands));

template <class Store, class Record>
class keyed_groups {
  public:
    using entry = typename Store::entry;

    // Calls take(record, stamp, find) for what comes out of the chain; find(key, make) is the key's entry, made with
    // make() if there is none. fetch(entry) is called some records before, to fetch ahead what an entry owns elsewhere.
    template <class U, class Chain, class KeyOf, class Take, class Fetch>
    void run(stage& self, chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps, Store& store,
             const KeyOf& key_of, Take&& take, Fetch&& fetch) {
        if (Chain::depth == 0 && end - begin > 1) {
            if constexpr (Chain::is_empty) {
                take_groups(store, begin, end, [&](std::size_t i) -> decltype(auto) { return key_of(records[i]); },
                            records.heads(), fetch, [&](std::size_t first, std::size_t last, const auto& find_at) {
                                records.fetch_next_view(first, last);
                                take_records(self, records, first, last, steps,
                                             [&](auto&& value, const stamp_view& at) {
                                                 take(std::forward<decltype(value)>(value), at, find_at(at.index()));
                                             });
                            });
            } else if constexpr (Chain::depth == 0) {
                take_gathered(self, records, begin, end, steps, store, key_of, take, fetch);
            }
            return;
        }
        const auto find = [&](const auto& key, auto&& make) -> entry& {
            return store.find_or_add(key, key_hash(key), make);
        };
        take_records(self, records, begin, end, steps, [&](auto&& value, const stamp_view& at) {
            take(std::forward<decltype(value)>(value), at, find);
        });
    }

  private:
    // Calls take_some(first, last, find_at) for groups; find_at(i) finds the entry of record i.
    template <class KeyAt, class Fetch, class TakeSome>
    static void take_groups(Store& store, std::size_t begin, std::size_t end, const KeyAt& key_at,
                            const std::uint32_t* heads, Fetch& fetch, const TakeSome& take_some) {
        take_in_groups(store, begin, end, key_at, heads, [&](const likely_entries<Store>& group) {
            take_some(group.begin(), group.end(), [&](std::size_t i) {
                return [&store, &group, i](const auto& key, auto&& make) -> entry& {
                    return group.find_or_add(store, i, key, make);
                };
            });
        }, fetch);
    }
    template <class U, class Chain, class KeyOf, class Take, class Fetch>
    void take_gathered(stage& self, chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps,
                       Store& store, const KeyOf& key_of, Take& take, Fetch& fetch) {
        places_.clear();
        values_.clear();
        take_records(self, records, begin, end, steps, [&](auto&& value, const stamp_view& at) {
            places_.push_back(at.index());
            if constexpr (!passes_on<Chain>) values_.push_back(std::forward<decltype(value)>(value));
        });
        const auto value_at = [&](std::size_t i) -> const Record& {
            if constexpr (passes_on<Chain>) {
                return records[places_[i]];
            } else {
                return values_[i];
            }
        };
        const auto take_some = [&](std::size_t first, std::size_t last, const auto& find_at) {
            for (std::size_t i = first; i < last; ++i) {
                const stamp_view at{records.stamps, places_[i]};
                if constexpr (!passes_on<Chain>) {
                    take(std::move(values_[i]), at, find_at(i));
                } else if (records.movable && worth_moving<U>) {
                    take(std::move(records.owned(places_[i])), at, find_at(i));
                } else {
                    take(value_at(i), at, find_at(i));
                }
            }
        };
        take_groups(store, 0, places_.size(), [&](std::size_t i) -> decltype(auto) { return key_of(value_at(i)); },
                    nullptr, fetch, take_some);
    }

    std::vector<std::size_t> places_;  // in the chunk, of what came out of the chain
    std::vector<Record> values_;       // what came out of it, where that does not stand in the chunk
};

}  // namespace weir::detail
