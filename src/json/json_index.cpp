// SPDX-License-Identifier: Apache-2.0
// simdjson's first stage: the best instructions of the machine are chosen when the program runs. Its second stage, and
// its on-demand reading, are not used: they stop at the first wrong byte, and do not say where.
#include <weir/json/json_index.hpp>

#include <simdjson.h>

#include <algorithm>

#include <weir/base/error.hpp>

namespace weir::detail {

struct json_index::implementation {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
    std::size_t capacity = 0;

    void reserve(std::size_t bytes) {
        if (bytes <= capacity) return;
        const std::size_t wanted = std::max(bytes, std::size_t{1} << 12U);
        const auto failed = simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, parser);
        if (failed != simdjson::SUCCESS) {
            throw error(error_kind::internal, std::string{"simdjson cannot begin: "} + simdjson::error_message(failed));
        }
        capacity = wanted;
    }
};

json_index::json_index() : implementation_(std::make_unique<implementation>()) {}
json_index::~json_index() = default;
json_index::json_index(json_index&&) noexcept = default;
json_index& json_index::operator=(json_index&&) noexcept = default;

json_index::verdict json_index::read(std::string_view text) {
    implementation_->reserve(text.size());
    auto& parser = *implementation_->parser;
    parser.n_structural_indexes = 0;
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto result = parser.stage1(bytes, text.size(), simdjson::stage1_mode::regular);
    std::uint32_t* const tokens = parser.structural_indexes.get();
    std::fill_n(tokens + parser.n_structural_indexes, 3, static_cast<std::uint32_t>(text.size() - 1));
    tokens_ = tokens;
    switch (result) {
        case simdjson::SUCCESS: return verdict::sound;
        case simdjson::EMPTY: return verdict::sound;  // blank lines only
        case simdjson::UTF8_ERROR: return verdict::invalid_utf8;
        default: return verdict::broken;
    }
}

}  // namespace weir::detail
