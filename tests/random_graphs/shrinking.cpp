// SPDX-License-Identifier: Apache-2.0
// Failing trials made smaller: here is what a smaller trial is, rapidcheck walks through them.
#include <rapidcheck/Seq.h>
#include <rapidcheck/Shrinkable.h>
#include <rapidcheck/seq/Create.h>
#include <rapidcheck/seq/Transform.h>
#include <rapidcheck/shrink/Shrink.h>
#include <rapidcheck/shrinkable/Create.h>
#include <rapidcheck/shrinkable/Operations.h>

#include "check.hpp"

namespace random_graphs {
namespace {

// change(trial, i) for every i below `count`, the last first: what stands behind goes more easily.
template <class Change> rc::Seq<trial> changed(const trial& what, std::size_t count, Change change) {
    return rc::seq::map(rc::seq::range<std::size_t>(0, count), [=](std::size_t i) {
        trial made = what;
        change(made, count - 1 - i);
        return made;
    });
}

// Without some records of a log: many at once, then fewer.
rc::Seq<trial> with_shorter_log(const trial& what, std::size_t partition) {
    return rc::seq::map(rc::shrink::removeChunks(what.logs[partition]), [=](log&& shorter) {
        trial made = what;
        made.logs[partition] = std::move(shorter);
        return made;
    });
}

rc::Seq<trial> smaller(const trial& what) {
    const std::size_t sinks = what.graph.sinks.size();
    return rc::seq::concat(
        changed(what, what.configurations.size(),
                [](trial& made, std::size_t i) {
                    made.configurations.erase(made.configurations.begin() + static_cast<std::ptrdiff_t>(i));
                }),
        changed(what, sinks < 2 ? 0 : sinks,
                [](trial& made, std::size_t i) { made.graph = without_sink(made.graph, i); }),
        changed(what, what.graph.uses.size(),
                [](trial& made, std::size_t i) { made.graph = without_use(made.graph, i); }),
        rc::seq::mapcat(rc::seq::range<std::size_t>(0, what.logs.size()),
                        [=](std::size_t partition) { return with_shorter_log(what, partition); }));
}

}  // namespace

trial shrunk(trial failing, const check& fails) {
    unsigned budget = 4000;
    const auto still_fails = [&](const trial& tried) {
        if (budget == 0) return false;
        --budget;
        return !fails(tried).empty();
    };
    const auto smaller_ones = [](const trial& each) { return smaller(each); };  // clang takes no function here
    return rc::shrinkable::findLocalMin(rc::shrinkable::shrinkRecur(std::move(failing), smaller_ones), still_fails)
        .first;
}

}  // namespace random_graphs
