// SPDX-License-Identifier: Apache-2.0
// Sources of the user's own: whatever a log is made of, all runs are the reference run, from a snapshot anywhere, too.
#include <weir/sources/source.hpp>

#include <catch2/catch.hpp>

#include <weir/flow/explain.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/followed_by.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/push.hpp>
#include <weir/testing/configuration.hpp>
#include <weir/testing/reference.hpp>
#include <weir/testing/simulation.hpp>

namespace {

using namespace std::chrono_literals;
using weir::read_result;

struct sample {
    std::uint64_t id = 0;
    weir::timestamp at{};
    friend bool operator==(const sample&, const sample&) = default;
};
BOOST_DESCRIBE_STRUCT(sample, (), (id, at))

sample make_sample(std::uint64_t id) {
    const std::uint64_t late = id % 7 == 3 ? 12 : id % 3;
    return {id, weir::timestamp{std::chrono::seconds{100 + id - late}}};
}

// Found again by offset. Gives fewer than it is asked for, now and then none, and ends with or without a record.
struct seekable {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    std::uint64_t next = 0;
    unsigned calls = 0;

    read_result read(std::size_t max, auto& emit) {
        const std::uint64_t wanted = std::min<std::uint64_t>(max, calls++ % 4 == 3 ? 0 : 5);
        for (std::uint64_t i = 0; i < wanted && next < count; ++i) emit(make_sample(first + next++));
        return next == count ? read_result::ended : read_result::more;
    }
    void seek(std::uint64_t offset) { next = offset; }
};

// Its place is more than an offset; can be moved and not copied; every fifth row cannot be read.
struct with_a_place {
    std::unique_ptr<std::uint64_t> row = std::make_unique<std::uint64_t>(0);

    read_result read(std::size_t max, weir::emitter<sample>& emit) {
        for (; max > 0 && *row < 40; --max) {
            const std::uint64_t id = (*row)++;
            if (id % 5 == 4) {
                emit.bad({.source = "rows", .line = id, .column = 1, .field = "", .text = "x", .raw = "x",
                          .reason = "is no row"});
            } else {
                emit(make_sample(id));
            }
        }
        return *row == 40 ? read_result::ended : read_result::more;
    }
    void save(weir::binary_writer& writer) const { weir::save(writer, *row); }
    void load(weir::binary_reader& reader) { weir::load(reader, *row); }
};

struct running_count {
    std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(running_count, (), (count))

const auto counting = [](auto& context, const sample& each, running_count& state) {
    return std::tuple{each.id, ++state.count, context.watermark()};
};

// The records with their offsets, and an order-sensitive stage over all partitions.
struct subject {
    using result_type = std::tuple<std::uint64_t, std::uint64_t, weir::timestamp>;
    template <class Source> explicit subject(const Source& source) : what(make(source)) {}
    template <class Source> weir::graph make(const Source& source) {
        const auto timed = source | weir::event_time(&sample::at, weir::out_of_order(3s));
        return weir::graph("own", {timed | weir::into(records),
                                   timed | weir::key_by([](const sample& each) { return each.id % 2; }) |
                                       weir::process<running_count>(counting) | weir::into(counts)});
    }
    decltype(weir::collect_stamped<sample>()) records = weir::collect_stamped<sample>();
    decltype(weir::collect_stamped<result_type>()) counts = weir::collect_stamped<result_type>();
    weir::graph what;
};

void require_mode_equality(const subject& tested, std::uint64_t records) {
    weir::testing::simulation where;
    const auto reference = weir::testing::reference_run(tested.what, where);
    REQUIRE(reference.records == records);
    const auto require_same = [&](const weir::run_report& got) {
        REQUIRE(reference.output(tested.records) == got.output(tested.records));
        REQUIRE(reference.output(tested.counts) == got.output(tested.counts));
        REQUIRE(got.balanced());
        for (std::size_t i = 0; i < got.stages.size(); ++i) {
            REQUIRE(reference.stages[i].counts == got.stages[i].counts);
        }
    };
    for (const auto& how : weir::testing::all_configurations({1, 7, 1024}, {1, 2, 3}, 1)) {
        INFO(how.text());
        require_same(weir::testing::run_configured(tested.what, how));
        for (std::uint64_t stop = 0; stop <= records; stop += 3) {
            INFO("from a snapshot after " << stop);
            weir::testing::simulation there(how.seed);
            weir::job first(tested.what, how.plan(), there);
            first.advance(stop);
            const auto taken = first.snapshot();
            weir::job second(tested.what, how.plan(), there, taken);
            second.run_to_end();
            require_same(second.finish());
        }
    }
}

template <class Log> auto source_of(Log log) {
    return weir::source<sample>("samples", "mine", [log](weir::environment&) { return log; });
}
template <class Read> struct log_by {
    Read read_on;
    read_result read(std::size_t, auto& emit) { return read_on(emit); }
};
template <class Read> log_by(Read) -> log_by<Read>;

}  // namespace

TEST_CASE("a log of one's own is run by all runners, also from a snapshot anywhere") {
    require_mode_equality(subject(source_of(seekable{0, 30})), 30);
    require_mode_equality(subject(source_of(seekable{0, 0})), 0);
}

TEST_CASE("a vector of logs of one's own is one partition each") {
    const auto source = weir::source<sample>("samples", "three", [](weir::environment&) {
        return std::vector<seekable>{{0, 20}, {100, 0}, {5, 12}};
    });
    static_assert(std::is_same_v<decltype(source)::port::order, weir::by_channel>);
    const subject tested(source);
    CHECK(weir::explain(tested.what).find("samples") != std::string::npos);
    require_mode_equality(tested, 32);
}

TEST_CASE("what a log of one's own cannot read goes to the dead-letter sink, or ends the run") {
    const auto open = [](weir::environment&) { return with_a_place{}; };
    const auto bad = weir::collect_stamped<weir::bad_record>();
    const subject tested(weir::source<sample>("rows", "mine", open, weir::dead_letter(bad)));
    require_mode_equality(tested, 40);
    const auto report = weir::run(tested.what, weir::event_loop{});
    REQUIRE(report.output(bad).size() == 8);
    CHECK(report.output(bad)[1].at.at.position == 9);
    CHECK(report.output(tested.records)[8].at.at.position == 10);
    CHECK(report.stages[0].counts.dead_letter == 8);
    const weir::graph failing("failing", weir::source<sample>("rows", "mine", open) |
                                             weir::into(weir::for_each([](const sample&) {})));
    CHECK_THROWS_WITH(weir::run(failing, weir::batch{}), "rows:4:1: the line \"x\" is no row");
}

TEST_CASE("what a log of one's own throws ends the run as it is") {
    int seen = 0;
    const auto throwing = [&seen](auto thrown) {
        const auto source = source_of(log_by{[thrown, read = 0](auto& emit) mutable {
            if (read++ == 3) throw thrown;
            emit(make_sample(1));
            return read_result::more;
        }});
        return weir::graph("throwing", source | weir::into(weir::for_each([&seen](const sample&) { ++seen; })));
    };
    const auto cut = throwing(weir::error(weir::error_kind::input, "row 3 is cut off"));
    CHECK_THROWS_WITH(weir::run(cut, weir::batch{}), "row 3 is cut off");
    CHECK_THROWS_WITH(weir::run(cut, weir::event_loop{.threads = 2}), "row 3 is cut off");
    CHECK_THROWS_AS(weir::run(throwing(std::bad_alloc()), weir::event_loop{}), std::bad_alloc);
    CHECK(seen == 9);  // what stands before it is carried
    const weir::graph unopened("unopened", weir::source<sample>("mine", "", [](weir::environment& where) {
                                               static_cast<void>(where.open_input("/there/is/none"));
                                               return seekable{};
                                           }) | weir::into(weir::for_each([](const sample&) {})));
    CHECK_THROWS_AS(weir::run(unopened, weir::batch{}), weir::error);
}

TEST_CASE("a log of one's own that emits more than it was asked for is told so") {
    const auto source = source_of(log_by{[](auto& emit) {
        for (int i = 0; i < 2000; ++i) emit(make_sample(1));
        return read_result::ended;
    }});
    const weir::graph what("more", source | weir::into(weir::for_each([](const sample&) {})));
    CHECK_THROWS_WITH(weir::run(what, weir::batch{}), Catch::Contains("'samples': its log was asked for"));
}

TEST_CASE("a log of one's own that cannot be found again runs, but for snapshots") {
    const auto source = source_of(log_by{[read = 0U](auto& emit) mutable {
        emit(make_sample(read));
        return ++read == 9 ? read_result::ended : read_result::more;
    }});
    const subject tested(source);
    CHECK(weir::run(tested.what, weir::batch{}).output(tested.records).size() == 9);
    CHECK(weir::run(tested.what, weir::event_loop{}).output(tested.records).size() == 9);
    weir::job running(tested.what, weir::detail::plan_of(weir::batch{}), weir::machine());
    CHECK_THROWS_WITH(running.snapshot(), Catch::Contains("give its log seek(offset), or save(writer) and load"));
}

namespace {
struct endless {
    static constexpr bool never_ends = true;
    std::uint64_t next = 0;
    bool catching_up() const { return next < 2000; }
    read_result read(std::size_t max, auto& emit) {
        if (next == 2500) return read_result::idle;
        for (; max > 0 && next < 2500; --max) emit(make_sample(next++));
        return read_result::more;
    }
};
}  // namespace

TEST_CASE("a log of one's own may never end, and may catch up") {
    const auto source = source_of(endless{});
    const subject tested(source);
    const auto now = weir::run(tested.what, weir::batch{});
    CHECK(now.output(tested.records).size() == 2500);
    CHECK(!now.reached_end);
    CHECK_THROWS_WITH(weir::followed_by(source, source), Catch::Contains("never ends"));
    auto engine = weir::start(tested.what, weir::event_loop{});
    while (engine.output(tested.records).size() < 2500) {
    }
    CHECK(engine.stop()->output(tested.records) == now.output(tested.records));
}

TEST_CASE("a log of one's own may be the history of another") {
    const auto feed = weir::pushed<sample>();
    const subject tested(weir::followed_by(source_of(seekable{0, 30}), feed));
    auto engine = weir::start(tested.what, weir::event_loop{});
    REQUIRE(engine.push(feed, make_sample(30)).has_value());
    engine.close(feed);
    const auto report = engine.wait();
    REQUIRE(report.has_value());
    CHECK(report->output(tested.records).size() == 31);
    CHECK(report->output(tested.records).back().at.at.position == 30);
}
