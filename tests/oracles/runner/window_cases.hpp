// SPDX-License-Identifier: Apache-2.0
// A case of windows, whichever of the two schemas it was written in.
#pragma once
#include <optional>

#include <weir/windows/emission.hpp>

#include "verdict.hpp"

namespace weir_oracle {

struct window_item {
    std::string key;
    std::int64_t value = 0;
    weir::timestamp at{};
    friend bool operator==(const window_item&, const window_item&) = default;
};
using window_row = weir::windowed<std::string, std::vector<window_item>>;

struct window_step {
    std::optional<window_item> record;  // or:
    std::int64_t watermark = 0;
};

struct window_setting {
    enum class kind { tumbling, sliding, session, session_by_record, global };
    kind windows = kind::tumbling;
    weir::duration size{}, slide{}, offset{}, gap{};
    std::function<weir::duration(const window_item&)> gap_of{};
    weir::duration lateness{};
    weir::emission says{};
    bool discards = false;
    enum class forgets { nothing, all_but_last, older_than, apart };
    forgets evictor = forgets::nothing;
    std::int64_t evicts = 0;  // how many stay, how old, how far apart
    bool evicts_after = false;
    bool continuous = false;  // a trigger of Flink's that says things again though nothing has come
};

struct window_scenario {
    window_setting setting;
    std::vector<window_step> steps;
    std::vector<step_output> wanted;
    std::function<std::vector<std::string>(const window_row&)> texts_of;
    std::function<std::string(const window_item&)> late_text;
    bool says_late = true;
};

[[nodiscard]] window_scenario read_generated(const boost::json::object& given);
[[nodiscard]] window_scenario read_unit(const boost::json::object& given);

}  // namespace weir_oracle
