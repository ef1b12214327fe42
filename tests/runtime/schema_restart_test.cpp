// SPDX-License-Identifier: Apache-2.0
// What is said of a change by a lock file is what a restart makes of it: pairs of graphs, made up, one of which makes a
// savepoint that the other is given.
#include <rapidcheck.h>

#include <weir/aggregates/count.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/window.hpp>
#include <weir/sinks/for_each.hpp>

#include "runtime/upgrade_support.hpp"

using namespace upgrade_test;

namespace {

struct first {
    std::int32_t count = 0;
    bool flag = false;
};
BOOST_DESCRIBE_STRUCT(first, (), (count, flag))
struct wider {
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(wider, (), (count))
struct narrow {
    bool flag = false;
    std::int16_t count = 0;
};
BOOST_DESCRIBE_STRUCT(narrow, (), (flag, count))
struct renamed {
    std::int64_t events = 0;
};
BOOST_DESCRIBE_STRUCT(renamed, (), (events))

constexpr unsigned versions = 7;

// Version 0 is no stage at all.
template <class Timed>
void add_branch(std::vector<weir::output>& to, const Timed& from, const std::string& name, unsigned version,
                bool named_sinks) {
    const auto end = [&](const auto& results) {
        const auto into = weir::into(weir::for_each([](const auto&) {}));
        if (named_sinks) to.push_back(results | weir::named(name + " end", into));
        if (!named_sinks) to.push_back(results | into);
    };
    const auto process = [&]<class State>(State, auto key) {
        end(from | weir::key_by(key) | weir::named(name, weir::process<State>([](auto&, const payment& each, State&) {
                                                       return each.id;
                                                   })));
    };
    const auto wide_key = [](const payment& each) { return std::uint64_t{each.card}; };
    switch (version) {
        case 1: return process(first{}, &payment::card);
        case 2: return process(wider{}, &payment::card);
        case 3: return process(narrow{}, &payment::card);
        case 4: return process(renamed{}, &payment::card);
        case 5: return process(first{}, wide_key);
        case 6:
            return end(from | weir::key_by(&payment::card) | weir::window(weir::tumbling(1h)) |
                       weir::named(name, weir::aggregate(weir::count())));
        default: return;
    }
}

struct choice {
    std::vector<unsigned> stages;  // versions of a, b and c
    bool other_order = false;
    bool second_log = false;
    bool named_sinks = true;

    weir::graph operator()(probe& at, const line_sink& sink) const {
        std::vector<weir::output> outputs;
        const auto from = timed(at);
        for (std::size_t i = 0; i < stages.size(); ++i) {
            const std::size_t place = other_order ? stages.size() - 1 - i : i;
            add_branch(outputs, from, std::string(1, static_cast<char>('a' + place)), stages[place],
                       named_sinks);
        }
        if (second_log) {
            const auto other = weir::memory(std::vector<payment>{{1, 2, weir::timestamp{1s}, 3}}) |
                               weir::named("others", weir::event_time(&payment::at, weir::out_of_order(5s)));
            add_branch(outputs, other, "of others", 1, named_sinks);
        }
        outputs.push_back(from | weir::map([](const payment& each) { return line{each.id, 0, 0}; }) |
                          weir::named("lines", weir::into(sink)));
        return {"job", outputs};
    }
};

choice any_choice() {
    choice made;
    for (int i = 0; i < 3; ++i) made.stages.push_back(*rc::gen::inRange(0U, versions));
    made.other_order = *rc::gen::inRange(0, 4) == 0;
    made.second_log = *rc::gen::inRange(0, 4) == 0;
    made.named_sinks = *rc::gen::inRange(0, 5) != 0;
    return made;
}
// Of most stages nothing changes: otherwise next to no pair would fit.
choice changed(choice made) {
    for (unsigned& each : made.stages) {
        if (*rc::gen::inRange(0, 2) == 0) each = *rc::gen::inRange(0U, versions);
    }
    if (*rc::gen::inRange(0, 4) == 0) made.other_order = !made.other_order;
    if (*rc::gen::inRange(0, 4) == 0) made.second_log = !made.second_log;
    return made;
}
std::vector<std::string> some_of(const std::vector<std::string>& all) {
    std::vector<std::string> made;
    for (const std::string& each : all) {
        if (*rc::gen::inRange(0, 3) != 0) made.push_back(each);
    }
    return made;
}

}  // namespace

TEST_CASE("what is said of a change is what a restart makes of it", "[runtime]") {
    unsigned fit = 0;
    unsigned refused = 0;
    const bool holds = rc::check([&] {
        const choice before = any_choice();
        const choice after = changed(before);
        weir::checkpointing options;
        for (const std::string& each : some_of({"a", "b", "c"})) {
            options.renamed_fields.push_back({each, "count", "events"});
        }
        options.dropped_stages = some_of({"a", "b", "c", "of others", "others", "memory #1"});
        for (const char* each : {"a end", "b end", "c end", "of others end"}) options.dropped_stages.push_back(each);
        options.added_sources = some_of({"memory #1"});
        const temporary_folder folder;
        const std::string state = folder / "state";
        const outcome first = upgrade_test::run(before, {.folder = state, .stop_at = 100, .checkpoint = {
                                                             .unnamed_by_place = true}});
        RC_ASSERT(first.refused == "");
        const std::vector<std::string> foreseen = refusals(before, after, options, state);
        options.unnamed_by_place = true;
        const outcome second = upgrade_test::run(after, {.folder = state, .stop_at = 200, .checkpoint = options});
        RC_LOG() << second.refused << "\n";
        RC_ASSERT(second.refused.empty() == foreseen.empty());
        for (const std::string& each : foreseen) RC_ASSERT(second.refused.find(each) != std::string::npos);
        ++(foreseen.empty() ? fit : refused);
    });
    CHECK(holds);
    INFO(fit << " pairs fit, " << refused << " do not");
    CHECK(fit > 5);
    CHECK(refused > 5);
}
