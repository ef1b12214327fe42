// SPDX-License-Identifier: Apache-2.0
// csv_rolling("hot/decisions-*.csv", roll_options{.bytes = 64 << 20, .event_time = 1h}): CSV files that follow each
// other, decisions-000001.csv, decisions-000002.csv, ..., each with a header. sinks/rolling_file.hpp says when a new
// one begins, and when a file appears.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/record/csv_encoder.hpp>
#include <weir/sinks/rolling_file.hpp>

namespace weir {
namespace detail {
inline constexpr file_kind rolling_csv_kind{"csv_rolling", ".csv"};
}  // namespace detail

class csv_rolling_sink : public sink_description {
  public:
    csv_rolling_sink(std::string pattern, const roll_options& roll, const csv_options& options, file_codecs codecs)
        : pattern_(std::move(pattern)), roll_(roll), options_(options), codecs_(std::move(codecs)) {
        detail::check_rolling(detail::rolling_csv_kind, pattern_, roll_, codecs_);
        check_csv_options(options_);
    }
    [[nodiscard]] std::string kind() const { return "csv_rolling"; }
    [[nodiscard]] std::string detail() const { return pattern_; }
    [[nodiscard]] std::string claim() const { return detail::file_claim(detail::rolling_csv_kind, pattern_, {}); }
    [[nodiscard]] std::string non_deterministic() const { return detail::why_non_deterministic(roll_); }

    template <csv_writable V> [[nodiscard]] auto open(const sink_site& site) const {
        std::vector<std::string> names;
        if (!described<V> && site.columns != nullptr) names = *site.columns;
        return std::make_unique<detail::file_writer<V, csv_encoder<V>, detail::rolling_file>>(
            detail::rolling_csv_kind, pattern_, csv_encoder<V>(options_, std::move(names)), roll_,
            *site.run.environment, codecs_, site.run.checkpointed);
    }

  private:
    std::string pattern_;
    roll_options roll_;
    csv_options options_;
    file_codecs codecs_;
};

[[nodiscard]] inline auto csv_rolling(std::string pattern, roll_options roll, csv_options options = {}) {
    return csv_rolling_sink{std::move(pattern), roll, options, {}};
}
[[nodiscard]] inline auto csv_rolling(std::string pattern, roll_options roll, file_codec codec) {
    return csv_rolling_sink{std::move(pattern), roll, {}, {std::move(codec)}};
}
[[nodiscard]] inline auto csv_rolling(std::string pattern, roll_options roll, csv_options options, file_codec codec) {
    return csv_rolling_sink{std::move(pattern), roll, options, {std::move(codec)}};
}

}  // namespace weir
