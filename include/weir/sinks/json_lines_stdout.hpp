// SPDX-License-Identifier: Apache-2.0
// json_lines_stdout(): a JSON object per record and line on standard output, in turn, as they fall: an event loop
// writes record by record. Whoever reads slowly slows the run down. What was written stays written if the run fails,
// and a run that goes on from a snapshot writes what follows it: at least once.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/flow/sink.hpp>
#include <weir/record/json_encoder.hpp>
#include <weir/sinks/stream_writer.hpp>

namespace weir {

class json_lines_stdout_sink : public sink_description {
  public:
    explicit json_lines_stdout_sink(const json_options& options) : options_(options) {}
    [[nodiscard]] std::string kind() const { return "json_lines_stdout"; }
    [[nodiscard]] std::string claim() const { return "standard output"; }

    template <json_writable V> [[nodiscard]] auto open(const sink_site& site) const {
        std::vector<std::string> names;
        if (!described<V> && site.columns != nullptr) names = *site.columns;
        return std::make_unique<detail::stream_writer<V, json_encoder<V>>>(
            kind(), json_encoder<V>(options_, std::move(names)), site.run.environment->standard_output());
    }

  private:
    json_options options_;
};

// Only allow_nan of the options matters here.
[[nodiscard]] inline auto json_lines_stdout(const json_options& options = {}) {
    return json_lines_stdout_sink{options};
}

}  // namespace weir
