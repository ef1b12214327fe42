// SPDX-License-Identifier: Apache-2.0
#include <weir/flow/stage_meter.hpp>

#include <algorithm>
#include <cstring>

namespace weir {

// The entry of this key; of one that has none, the entry that counts least becomes its own.
hot_keys::entry& hot_keys::place_of(std::uint64_t hash, std::string_view text) noexcept {
    entry* least = entries_.data();
    for (std::size_t i = 0; i < used_; ++i) {
        if (entries_[i].hash == hash) return entries_[i];
        if (entries_[i].count < least->count) least = &entries_[i];
    }
    entry& place = used_ < capacity ? entries_[used_++] : *least;
    place.error = place.count;
    place.hash = hash;
    std::size_t length = std::min(text.size(), text_bytes);
    // No character is cut in two.
    while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80U) --length;
    place.length = static_cast<std::uint8_t>(length);
    std::memcpy(place.text.data(), text.data(), length);
    return place;
}

void hot_keys::add(std::uint64_t hash, std::string_view text) noexcept { ++place_of(hash, text).count; }

void hot_keys::merge(const hot_keys& other) noexcept {
    for (std::size_t i = 0; i < other.used_; ++i) {
        const entry& from = other.entries_[i];
        entry& to = place_of(from.hash, {from.text.data(), from.length});
        to.count += from.count;
        to.error += from.error;
    }
}

std::vector<hot_key> hot_keys::top(std::size_t most, std::uint64_t weight) const {
    std::vector<const entry*> order;
    for (std::size_t i = 0; i < used_; ++i) order.push_back(&entries_[i]);
    std::sort(order.begin(), order.end(), [](const entry* left, const entry* right) {
        return left->count != right->count ? left->count > right->count : left < right;
    });
    if (order.size() > most) order.resize(most);
    std::vector<hot_key> found;
    for (const entry* each : order) {
        found.push_back({{each->text.data(), each->length}, each->count * weight, each->error * weight});
    }
    return found;
}

}  // namespace weir
