// SPDX-License-Identifier: Apache-2.0
#include "decide.hpp"

#include <weir/sinks/json_lines.hpp>
#include <weir/sources/csv.hpp>
#include <weir/weir.hpp>

#include "decisions.hpp"

namespace fraud {

weir::graph decide(const decide_files& files, const score_sink& sink) {
    auto transactions = weir::csv_files<labelled_transaction>(files.inputs)
                      | weir::named("transactions",
                                    weir::event_time([](const labelled_transaction& each) { return each.at.value; },
                                                     weir::out_of_order(files.max_disorder)));
    auto judgements = judge(transactions);
    return weir::graph("fraud decisions", judgements | weir::named("score", weir::into(sink)),
                       judgements | weir::map(without_truth)
                           | weir::named("decisions file", weir::into(weir::json_lines(files.output))));
}

}  // namespace fraud
