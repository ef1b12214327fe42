// SPDX-License-Identifier: Apache-2.0
// A keyed store on its way into a checkpoint: an entry per key that has changed, or that is there.
#pragma once
#include <weir/base/error.hpp>
#include <weir/flow/stage.hpp>
#include <weir/record/state_batch.hpp>
#include <weir/state/keyed_store.hpp>

namespace weir::detail {

template <class Key>
[[nodiscard]] auto key_writer(const Key& key) {
    return [&key](binary_writer& writer) { save(writer, key); };
}

// Puts what has changed since the last call, or all there is, by shard and key. An entry for which kept(entry) is false
// is as good as none; save_value(writer, entry) writes what is under its key; fetch(entry) fetches ahead what it owns
// elsewhere.
template <class Store, class Kept, class SaveValue, class Fetch>
void save_entries(Store& store, state_batch& to, bool all, Kept&& kept, SaveValue&& save_value, Fetch&& fetch) {
    using entry = typename Store::entry;
    const auto put = [&](const entry& each) {
        to.put(shard_of(each.hash()), key_writer(each.key), [&](binary_writer& writer) { save_value(writer, each); });
    };
    if (all) {
        store.for_each([&](const entry& each) {
            if (kept(each)) put(each);
        }, fetch);
        return store.forget_changes();
    }
    if (!store.tracks_changes()) {
        throw error(error_kind::internal, "a stage that does not track changes is asked for them");
    }
    const auto gone = [&](const auto& key) { to.erase(shard_of(key_hash(key)), key_writer(key)); };
    // Whoever has come back is put behind, and what was put last counts.
    store.take_changes(gone, [&](const entry& each, bool made) {
        if (kept(each)) {
            put(each);
        } else if (!made) {
            gone(each.key);
        }
    }, fetch);
}

}  // namespace weir::detail
