// SPDX-License-Identifier: Apache-2.0
// What is said of a case by others, and how a case is run: by every runner, which must agree.
#pragma once
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <weir/runtime/run.hpp>
#include <weir/testing/comparison.hpp>

namespace weir_oracle {

struct verdict {
    enum class kind { ok, fail, unsupported };
    kind is = kind::ok;
    std::string why{};
};
// A case that asks for what weir does not do, and why.
struct unsupported {
    std::string why;
};

// What came out at one step, as texts whose order does not count.
struct step_output {
    std::multiset<std::string> results{};
    std::multiset<std::string> late{};
    std::set<std::string> timed_out{};  // of patterns
    friend bool operator==(const step_output&, const step_output&) = default;
};
[[nodiscard]] std::string to_text(const step_output& of);
// ok, or a text with the first step that differs.
[[nodiscard]] verdict compare(const std::vector<step_output>& wanted, const std::vector<step_output>& got);

// Calls run(report, how) with the report of each runner.
void run_everywhere(const weir::graph& what,
                    const std::function<void(const weir::run_report&, const std::string&)>& look);

// Times of a case are whole numbers; a unit is a nanosecond, so that its tick is weir's.
[[nodiscard]] inline weir::duration units(std::int64_t count) { return weir::duration{count}; }

[[nodiscard]] verdict window_case(const boost::json::object& given);
[[nodiscard]] verdict join_case(const boost::json::object& given);
[[nodiscard]] verdict cep_case(const boost::json::object& given);

}  // namespace weir_oracle
