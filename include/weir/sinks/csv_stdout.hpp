// SPDX-License-Identifier: Apache-2.0
// csv_stdout(): a header and a row per record on standard output, in turn, as they fall: an event loop writes record by
// record. Whoever reads slowly slows the run down. What was written stays written if the run fails, and a run that goes
// on from a snapshot writes what follows it: at least once.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/flow/sink.hpp>
#include <weir/record/csv_encoder.hpp>
#include <weir/sinks/stream_writer.hpp>

namespace weir {

class csv_stdout_sink : public sink_description {
  public:
    explicit csv_stdout_sink(const csv_options& options) : options_(options) { check_csv_options(options_); }
    [[nodiscard]] std::string kind() const { return "csv_stdout"; }
    [[nodiscard]] std::string claim() const { return "standard output"; }

    template <csv_writable V> [[nodiscard]] auto open(const sink_site& site) const {
        std::vector<std::string> names;
        if (!described<V> && site.columns != nullptr) names = *site.columns;
        return std::make_unique<detail::stream_writer<V, csv_encoder<V>>>(
            kind(), csv_encoder<V>(options_, std::move(names)), site.run.environment->standard_output());
    }

  private:
    csv_options options_;
};

// Only the separator of the options matters here.
[[nodiscard]] inline auto csv_stdout(csv_options options = {}) { return csv_stdout_sink{options}; }

}  // namespace weir
