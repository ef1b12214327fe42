// SPDX-License-Identifier: Apache-2.0
// json_lines(path): a file with a JSON object per record and line, in turn. See sinks/file_sink.hpp for when it
// appears, for paths that end in '/', and for what is refused; record/json_encoder.hpp for what becomes of each type.
//
// Members are called after the fields of a described struct, else as the stage in front names its columns: a window's
// result is {"card":7,"start":"2024-01-01T00:00:00Z","end":"2024-01-01T00:10:00Z","count":3}. A record that JSON cannot
// hold (NaN, text that is no UTF-8) ends the run with a weir::error of kind input that names the field.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/record/json_encoder.hpp>
#include <weir/sinks/file_sink.hpp>
#include <weir/sinks/single_file.hpp>

namespace weir {
namespace detail {
inline constexpr file_kind json_lines_kind{"json_lines", ".jsonl"};
}  // namespace detail

class json_lines_sink : public sink_description {
  public:
    json_lines_sink(std::string path, const json_options& options, file_codecs codecs);
    [[nodiscard]] std::string kind() const { return "json_lines"; }
    [[nodiscard]] std::string detail() const { return path_; }
    [[nodiscard]] std::string claim(const std::string& upstream_name) const {
        return detail::file_claim(detail::json_lines_kind, path_, upstream_name);
    }

    template <json_writable V> [[nodiscard]] auto open(const sink_site& site) const {
        std::vector<std::string> names;
        if (!described<V> && site.columns != nullptr) names = *site.columns;
        json_encoder<V> encoder(options_, std::move(names));
        return std::make_unique<detail::file_writer<V, json_encoder<V>, detail::single_file>>(
            detail::json_lines_kind, detail::claim_file(detail::json_lines_kind, path_, site), std::move(encoder),
            *site.run.environment, codecs_, site.run.checkpointed);
    }

  private:
    std::string path_;
    json_options options_;
    file_codecs codecs_;
};

// Only allow_nan of the options matters here. Throws weir::error of kind configuration if the path is empty.
[[nodiscard]] inline auto json_lines(std::string path, const json_options& options = {}) {
    return json_lines_sink{std::move(path), options, {}};
}
[[nodiscard]] inline auto json_lines(std::string path, file_codec codec) {
    return json_lines_sink{std::move(path), {}, {std::move(codec)}};
}
[[nodiscard]] inline auto json_lines(std::string path, const json_options& options, file_codec codec) {
    return json_lines_sink{std::move(path), options, {std::move(codec)}};
}

}  // namespace weir
