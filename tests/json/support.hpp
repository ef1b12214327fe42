// SPDX-License-Identifier: Apache-2.0
// Text through the decoder, whole or in pieces.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include <weir/json/json_decoder.hpp>

namespace json_test {

template <class T>
struct outcome {
    std::vector<T> good;
    std::vector<weir::bad_record> bad;
};

// Pieces of so many bytes are added to what was left, and so many records read at once. What is handed in ends where
// memory of its own does, so that a sanitizer notices who reads on.
template <class T>
outcome<T> decode_in_pieces(std::string_view text, std::size_t piece, std::size_t at_once,
                            const weir::json_options& options = {}) {
    outcome<T> seen;
    weir::json_decoder<T> decoder("live.jsonl", options);
    std::size_t used = 0;
    std::size_t end = 0;
    for (bool last = false; !last;) {
        end = std::min(text.size(), end + piece);
        last = end == text.size();
        for (bool progress = true; progress;) {
            const std::vector<char> window(text.begin() + static_cast<std::ptrdiff_t>(used),
                                           text.begin() + static_cast<std::ptrdiff_t>(end));
            const std::size_t before = used;
            used += decoder.decode({window.data(), window.size()}, last, at_once,
                                   [&seen](T&& record) { seen.good.push_back(std::move(record)); },
                                   [&seen](weir::bad_record&& bad) { seen.bad.push_back(std::move(bad)); });
            progress = used != before && used != end;
        }
    }
    CHECK(used == text.size());
    CHECK(decoder.records() == seen.good.size());
    CHECK(decoder.bad_records() == seen.bad.size());
    return seen;
}

template <class T>
outcome<T> decode(std::string_view text, const weir::json_options& options = {}) {
    return decode_in_pieces<T>(text, std::max<std::size_t>(text.size(), 1), ~std::size_t{0}, options);
}

}  // namespace json_test
