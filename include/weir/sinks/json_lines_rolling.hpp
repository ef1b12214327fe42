// SPDX-License-Identifier: Apache-2.0
// json_lines_rolling("hot/decisions-*.jsonl", roll_options{.bytes = 64 << 20, .event_time = 1h}): JSON Lines in files
// that follow each other, decisions-000001.jsonl, decisions-000002.jsonl, ... sinks/rolling_file.hpp says when a new
// one begins, and when a file appears.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/record/json_encoder.hpp>
#include <weir/sinks/rolling_file.hpp>

namespace weir {
namespace detail {
inline constexpr file_kind rolling_json_kind{"json_lines_rolling", ".jsonl"};
}  // namespace detail

class json_lines_rolling_sink : public sink_description {
  public:
    json_lines_rolling_sink(std::string pattern, const roll_options& roll, const json_options& options,
                            file_codecs codecs)
        : pattern_(std::move(pattern)), roll_(roll), options_(options), codecs_(std::move(codecs)) {
        detail::check_rolling(detail::rolling_json_kind, pattern_, roll_, codecs_);
    }
    [[nodiscard]] std::string kind() const { return "json_lines_rolling"; }
    [[nodiscard]] std::string detail() const { return pattern_; }
    [[nodiscard]] std::string claim() const { return detail::file_claim(detail::rolling_json_kind, pattern_, {}); }
    [[nodiscard]] std::string non_deterministic() const { return detail::why_non_deterministic(roll_); }

    template <json_writable V> [[nodiscard]] auto open(const sink_site& site) const {
        std::vector<std::string> names;
        if (!described<V> && site.columns != nullptr) names = *site.columns;
        return std::make_unique<detail::file_writer<V, json_encoder<V>, detail::rolling_file>>(
            detail::rolling_json_kind, pattern_, json_encoder<V>(options_, std::move(names)), roll_,
            *site.run.environment, codecs_, site.run.checkpointed);
    }

  private:
    std::string pattern_;
    roll_options roll_;
    json_options options_;
    file_codecs codecs_;
};

// Only allow_nan of the JSON options matters here.
[[nodiscard]] inline auto json_lines_rolling(std::string pattern, roll_options roll, const json_options& options = {}) {
    return json_lines_rolling_sink{std::move(pattern), roll, options, {}};
}
[[nodiscard]] inline auto json_lines_rolling(std::string pattern, roll_options roll, file_codec codec) {
    return json_lines_rolling_sink{std::move(pattern), roll, {}, {std::move(codec)}};
}
[[nodiscard]] inline auto json_lines_rolling(std::string pattern, roll_options roll, const json_options& options,
                                             file_codec codec) {
    return json_lines_rolling_sink{std::move(pattern), roll, options, {std::move(codec)}};
}

}  // namespace weir
