// SPDX-License-Identifier: Apache-2.0
// csv(path): a file with a header and a row per record, in turn. See sinks/file_sink.hpp for when it appears, for paths
// that end in '/', and for what is refused.
//
// Columns are called after the fields of a described struct, else as the stage in front names them.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/record/csv_encoder.hpp>
#include <weir/sinks/file_sink.hpp>
#include <weir/sinks/single_file.hpp>

namespace weir {
namespace detail {
inline constexpr file_kind csv_file_kind{"csv", ".csv"};
}  // namespace detail

class csv_sink : public sink_description {
  public:
    csv_sink(std::string path, csv_options options, file_codecs codecs);
    [[nodiscard]] std::string kind() const { return "csv"; }
    [[nodiscard]] std::string detail() const { return path_; }
    [[nodiscard]] std::string claim(const std::string& upstream_name) const {
        return detail::file_claim(detail::csv_file_kind, path_, upstream_name);
    }

    template <csv_writable V> [[nodiscard]] auto open(const sink_site& site) const {
        std::vector<std::string> names;
        if (!described<V> && site.columns != nullptr) names = *site.columns;
        csv_encoder<V> encoder(options_, std::move(names));
        return std::make_unique<detail::file_writer<V, csv_encoder<V>, detail::single_file>>(
            detail::csv_file_kind, detail::claim_file(detail::csv_file_kind, path_, site), std::move(encoder),
            *site.run.environment, codecs_, site.run.checkpointed);
    }

  private:
    std::string path_;
    csv_options options_;
    file_codecs codecs_;
};

// Only the separator of the options matters here. Throws weir::error of kind configuration if the path is empty.
[[nodiscard]] inline auto csv(std::string path, csv_options options = {}) {
    return csv_sink{std::move(path), options, {}};
}
[[nodiscard]] inline auto csv(std::string path, file_codec codec) {
    return csv_sink{std::move(path), {}, {std::move(codec)}};
}
[[nodiscard]] inline auto csv(std::string path, csv_options options, file_codec codec) {
    return csv_sink{std::move(path), options, {std::move(codec)}};
}

}  // namespace weir
