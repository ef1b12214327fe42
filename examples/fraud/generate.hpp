// SPDX-License-Identifier: Apache-2.0
// Made-up transactions as a log, and as a file.
#pragma once
#include <memory>
#include <string>

#include <weir/flow/graph.hpp>
#include <weir/sources/memory.hpp>

#include "traffic.hpp"

namespace fraud {

// What weir::generate asks for: the transaction of that number. In order each is made from the one before; asked for an
// earlier one, it begins again.
class numbered_traffic {
  public:
    explicit numbered_traffic(const traffic_options& options) : options_(options), now_(options) {}
    [[nodiscard]] labelled_transaction operator()(std::uint64_t number) const {
        if (number < next_) {
            now_ = traffic(options_);
            next_ = 0;
        }
        for (; next_ < number; ++next_) static_cast<void>(now_.next());
        ++next_;
        return now_.next();
    }

  private:
    traffic_options options_;
    mutable traffic now_;
    mutable std::uint64_t next_ = 0;
};

// A source, as csv_files is.
[[nodiscard]] inline auto made_up(const traffic_options& options) {
    return weir::generate(options.transactions, numbered_traffic(options));
}

// Writes them to a CSV file that features and decide read.
[[nodiscard]] weir::graph generate(const traffic_options& options, const std::string& output);

}  // namespace fraud
