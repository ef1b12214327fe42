// SPDX-License-Identifier: Apache-2.0
// Savepoints of one version of a program, gone on from by another: states that have changed.
#include <map>
#include <optional>

#include "runtime/upgrade_support.hpp"

using namespace upgrade_test;
using weir::checkpointing;

namespace {

// What the state of stage 'velocity' was and is. Each says what it has counted and summed.
struct last_seen {
    std::uint64_t id = 0;
    std::int32_t cents = 0;
};
BOOST_DESCRIBE_STRUCT(last_seen, (), (id, cents))
struct first_version {
    std::int32_t count = 0;
    float sum = 0;
    bool flag = false;
    std::vector<last_seen> seen;
    std::map<std::uint8_t, last_seen> by_size;
    void take(const payment& each) {
        ++count;
        sum += static_cast<float>(each.cents % 7);
        flag = !flag;
        if (seen.size() < 3) seen.push_back({each.id, each.cents});
        by_size[static_cast<std::uint8_t>(each.cents / 100)] = {each.id, each.cents};
    }
    [[nodiscard]] line said(std::uint64_t id) const { return {id, count, static_cast<double>(sum)}; }
};
BOOST_DESCRIBE_STRUCT(first_version, (), (count, sum, flag, seen, by_size))

// Other order, wider numbers, `events` was count, flag and by_size are gone, `added` and, within seen, `note` are new.
struct later_seen {
    std::string note = "none";
    std::int64_t cents = 0;
    std::uint64_t id = 0;
};
BOOST_DESCRIBE_STRUCT(later_seen, (), (note, cents, id))
struct second_version {
    std::vector<later_seen> seen;
    std::optional<double> sum;
    std::int64_t added = 1'000;
    std::int64_t events = 0;
    void take(const payment& each) {
        ++events;
        sum = sum.value_or(0) + each.cents % 7;
        if (seen.size() < 3) seen.push_back({"", each.cents, each.id});
        for (const later_seen& one : seen) {
            if (one.id % 1000 != static_cast<std::uint64_t>(one.cents)) added = 0;
        }
    }
    [[nodiscard]] line said(std::uint64_t id) const { return {id, events + added - 1'000, sum.value_or(-1)}; }
};
BOOST_DESCRIBE_STRUCT(second_version, (), (seen, sum, added, events))

// What cannot be.
struct narrow : first_version {
    std::int16_t count = 0;
    float sum = 0;
};
BOOST_DESCRIBE_STRUCT(narrow, (), (count, sum))
struct spelled : first_version {
    std::string count;
};
BOOST_DESCRIBE_STRUCT(spelled, (), (count))

template <class State, class Key> auto velocity(Key key) {
    return [key](probe& at, const line_sink& sink) {
        return weir::graph("job", timed(at) | weir::key_by(key) |
                                      weir::named("velocity", weir::process<State>([](auto&, const payment& each,
                                                                                      State& state) {
                                                      state.take(each);
                                                      return state.said(each.id);
                                                  })) |
                                      weir::into(sink));
    };
}
template <class State> auto velocity() { return velocity<State>(&payment::card); }

const checkpointing renamed{.renamed_fields = {{"velocity", "count", "events"}}};

bool contains(const std::string& text, std::string_view part) {
    INFO(text);
    INFO(part);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a later version goes on with the states of an earlier one", "[runtime]") {
    const outcome whole = upgrade_test::run(velocity<first_version>(), {});
    REQUIRE(whole.lines.size() > payments / 2);
    const outcome later = upgrade(velocity<first_version>(), velocity<second_version>(), renamed);
    CHECK(later.ended);
    CHECK(later.first > half / 2);
    CHECK(later.lines == whole.lines);
}

TEST_CASE("an upgrade goes on by any runner with any number of threads", "[runtime]") {
    const unsigned runner = GENERATE(0U, 1U, 2U);
    const outcome whole = upgrade_test::run(velocity<first_version>(), {});
    const temporary_folder folder;
    constexpr unsigned threads[]{1, 4, 2};
    for (unsigned piece = 0; piece < 3; ++piece) {
        const run_options options{.folder = folder / "state",
                                  .stop_at = (piece + 1) * 1'300,
                                  .threads = threads[piece],
                                  .runner = runner + piece,
                                  .checkpoint = renamed};
        // Rules stay where they are when they have done their work.
        const outcome made = piece == 0 ? upgrade_test::run(velocity<first_version>(), options)
                                        : upgrade_test::run(velocity<second_version>(), options);
        CHECK(made.refused == "");
        CHECK_FALSE(made.ended);
    }
    const outcome last = upgrade_test::run(velocity<second_version>(), {.folder = folder / "state"});
    CHECK(last.ended);
    CHECK(last.lines == whole.lines);
}

TEST_CASE("states that cannot be read are refused before a record is", "[runtime]") {
    const std::string stage =
        "does not fit graph 'job': stage 'velocity' (process) keeps something else now: ";
    CHECK(contains(refusal(velocity<first_version>(), velocity<narrow>()),
                   stage + "field 'count' was i32 and is i16, which cannot hold every value it had"));
    CHECK(contains(refusal(velocity<first_version>(), velocity<spelled>()),
                   stage + "field 'count' was i32 and is text"));
    CHECK(contains(refusal(velocity<first_version>(), velocity<second_version>(),
                           {.renamed_fields = {{"velocity", "count", "event"}}}),
                   stage + "field 'count', which was i32, is declared to be 'event' now, which is no field"));
    CHECK(contains(refusal(velocity<first_version>(),
                           velocity<first_version>([](const payment& each) { return std::uint64_t{each.card}; })),
                   stage + "its key was u32 and is u64"));
}
