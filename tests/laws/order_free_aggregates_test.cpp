// SPDX-License-Identifier: Apache-2.0
// Law 3: order does not change sums. One generic law for every aggregate: adding commutes, merging is the same as
// adding, commutes, associates and has an identity, taking back undoes, and a stored state is the state. Results and
// stored bytes are compared bit by bit.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <iostream>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <weir/aggregates/approximate_distinct.hpp>
#include <weir/aggregates/as.hpp>
#include <weir/aggregates/bottom_k.hpp>
#include <weir/aggregates/collect.hpp>
#include <weir/aggregates/correlation.hpp>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/count_by.hpp>
#include <weir/aggregates/covariance.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/exponential_mean.hpp>
#include <weir/aggregates/first.hpp>
#include <weir/aggregates/last.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/max_by.hpp>
#include <weir/aggregates/mean.hpp>
#include <weir/aggregates/median.hpp>
#include <weir/aggregates/min.hpp>
#include <weir/aggregates/min_by.hpp>
#include <weir/aggregates/most_frequent.hpp>
#include <weir/aggregates/plain_sum.hpp>
#include <weir/aggregates/quantile.hpp>
#include <weir/aggregates/reduce.hpp>
#include <weir/aggregates/stddev.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/aggregates/top_k.hpp>
#include <weir/aggregates/variance.hpp>
#include <weir/record/binary.hpp>
#include <weir/time/stamp.hpp>

namespace {

struct sample {
    double real;
    float narrow;
    std::int64_t whole;
    std::uint64_t natural;
    std::uint8_t small;
    std::string text;
    weir::timestamp at;
};
BOOST_DESCRIBE_STRUCT(sample, (), (real, narrow, whole, natural, small, text, at))

struct stamped {
    sample record;
    weir::stamp at;
};
using samples = std::vector<stamped>;

// Bits of every kind: ordinary, any exponent, subnormal, extreme, zeros of both signs, NaN of several kinds.
double random_double(std::mt19937_64& random, bool with_specials) {
    using limits = std::numeric_limits<double>;
    static constexpr double specials[] = {limits::infinity(), -limits::infinity(), limits::quiet_NaN(),
                                          -limits::quiet_NaN()};
    static constexpr double edges[] = {0.0, -0.0, limits::max(), limits::lowest(), limits::min(),
                                       limits::denorm_min(), -limits::denorm_min(), 1.0, -1.0, 0.1};
    switch (random() % 6) {
    case 0: return with_specials ? specials[random() % 4] : 0.5;
    case 1: return edges[random() % std::size(edges)];
    case 2: {
        const auto any = std::bit_cast<double>(random());
        return any - any == 0 ? any : 2.5;
    }
    case 3: return std::bit_cast<double>(random() & ((std::uint64_t{1} << 52) - 1));
    default: return static_cast<double>(static_cast<std::int64_t>(random() % 2'000'001) - 1'000'000) / 100;
    }
}

samples random_samples(std::mt19937_64& random, std::size_t count) {
    const bool with_specials = random() % 4 == 0;
    samples list;
    while (list.size() < count) {
        sample record{};
        record.real = random_double(random, with_specials);
        if (!list.empty() && random() % 4 == 0) record.real = -list[random() % list.size()].record.real;
        const auto narrow = static_cast<float>(static_cast<std::int32_t>(random()));
        record.narrow = random() % 2 == 0 ? narrow : -0.0F;
        record.whole = static_cast<std::int64_t>(random()) >> (random() % 64);
        record.natural = random() >> (random() % 64);
        record.small = static_cast<std::uint8_t>(random());
        record.text = random() % 2 == 0 ? std::to_string(random() % 4) : "a text too long to lie inside the string";
        record.at = weir::timestamp{weir::duration{static_cast<std::int64_t>(random() % 8)}};
        weir::stamp at{record.at, {}};  // times tie, turns never
        at.at.position = list.size();
        if (random() % 2 == 0) at.at.tail.push_back(random());
        list.push_back({record, at});
    }
    return list;
}

template <class T>
std::string bytes_of(const T& value) {
    weir::binary_writer writer;
    weir::save(writer, value);
    return std::string{writer.text()};
}

// An error is a result like any other: the same records must always lead to it.
template <class A>
std::string result_of(const A& aggregate, const typename A::state_type& state) {
    try {
        return bytes_of(aggregate.result(state));
    } catch (const weir::error& refused) {
        return std::string{"error: "} + refused.what();
    }
}

template <class A>
typename A::state_type state_of(const A& aggregate, const samples& list) {
    auto state = aggregate.create();
    for (const auto& [record, at] : list) weir::detail::add(aggregate, state, record, at);
    return state;
}

// Both the result and the stored bytes.
template <class A>
bool same(const A& aggregate, const typename A::state_type& left, const typename A::state_type& right) {
    return result_of(aggregate, left) == result_of(aggregate, right) && bytes_of(left) == bytes_of(right);
}

template <class A>
typename A::state_type merged(const A& aggregate, typename A::state_type left, const typename A::state_type& right) {
    aggregate.merge(left, right);
    return left;
}

template <class A>
std::optional<std::string> broken_merge(const A& aggregate, const samples& list, std::mt19937_64& random) {
    const auto whole = state_of(aggregate, list);
    const auto cut = [&] { return static_cast<std::ptrdiff_t>(random() % (list.size() + 1)); };
    auto one = cut();
    auto two = cut();
    if (two < one) std::swap(one, two);
    const auto a = state_of(aggregate, {list.begin(), list.begin() + one});
    const auto b = state_of(aggregate, {list.begin() + one, list.begin() + two});
    const auto c = state_of(aggregate, {list.begin() + two, list.end()});
    const auto ab = merged(aggregate, a, b);
    if (!same(aggregate, whole, merged(aggregate, ab, c))) return "merge = add";
    if (!same(aggregate, ab, merged(aggregate, b, a))) return "merge commutes";
    if (!same(aggregate, merged(aggregate, ab, c), merged(aggregate, a, merged(aggregate, b, c)))) {
        return "merge associates";
    }
    if (!same(aggregate, whole, merged(aggregate, whole, aggregate.create()))) return "identity on the right";
    if (!same(aggregate, whole, merged(aggregate, aggregate.create(), whole))) return "identity on the left";
    if constexpr (weir::unmergeable<A>) {
        auto back = ab;
        aggregate.unmerge(back, a);
        if (!same(aggregate, back, b)) return "unmerge undoes merge";
    }
    return std::nullopt;
}

template <class A>
std::optional<std::string> broken_order(const A& aggregate, const samples& list, std::mt19937_64& random) {
    auto shuffled = list;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    if (!same(aggregate, state_of(aggregate, list), state_of(aggregate, shuffled))) return "add commutes";
    return std::nullopt;
}

template <class A>
std::optional<std::string> broken_remove(const A& aggregate, const samples& list, std::mt19937_64& random) {
    if constexpr (weir::removable<A, sample>) {
        auto kept = list;
        std::shuffle(kept.begin(), kept.end(), random);
        const auto cut = kept.begin() + static_cast<std::ptrdiff_t>(random() % (kept.size() + 1));
        samples removed{cut, kept.end()};
        kept.erase(cut, kept.end());
        auto state = state_of(aggregate, list);
        std::shuffle(removed.begin(), removed.end(), random);
        for (const auto& [record, at] : removed) aggregate.remove(state, record);
        if (!same(aggregate, state, state_of(aggregate, kept))) return "remove undoes add";
        for (const auto& [record, at] : kept) aggregate.remove(state, record);
        if (!same(aggregate, state, aggregate.create())) return "removing everything leaves nothing";
    }
    return std::nullopt;
}

template <class A>
std::optional<std::string> broken_store(const A& aggregate, const samples& list, std::mt19937_64& random) {
    const auto cut = list.begin() + static_cast<std::ptrdiff_t>(random() % (list.size() + 1));
    auto state = state_of(aggregate, {list.begin(), cut});
    const auto stored = bytes_of(state);
    state = state_of(aggregate, list);  // loading replaces what was there
    weir::binary_reader reader{std::string_view{stored}};
    weir::load(reader, state);
    if (!reader.at_end()) return "load reads what save wrote";
    if (bytes_of(state) != stored) return "load undoes save";
    for (auto rest = cut; rest != list.end(); ++rest) weir::detail::add(aggregate, state, rest->record, rest->at);
    if (!same(aggregate, state, state_of(aggregate, list))) return "a loaded state goes on";
    return std::nullopt;
}

template <class A>
std::optional<std::string> broken_law(const A& aggregate, const samples& list, std::mt19937_64& random) {
    if (auto broken = broken_order(aggregate, list, random)) return broken;
    if (auto broken = broken_merge(aggregate, list, random)) return broken;
    if (auto broken = broken_remove(aggregate, list, random)) return broken;
    return broken_store(aggregate, list, random);
}

template <class A>
std::optional<std::string> first_broken_law(const A& aggregate, std::uint64_t seed, int rounds) {
    std::mt19937_64 random(seed);
    for (int round = 0; round < rounds; ++round) {
        if (auto broken = broken_law(aggregate, random_samples(random, random() % 24), random)) return broken;
    }
    return std::nullopt;
}

// A user's: the greatest common divisor of whole numbers.
struct common_divisor {
    using state_type = std::uint64_t;
    static constexpr bool commutes = true;
    state_type create() const { return 0; }
    void add(state_type& state, const sample& record) const { state = std::gcd(state, record.natural); }
    void merge(state_type& state, const state_type& other) const { state = std::gcd(state, other); }
    std::uint64_t result(const state_type& state) const { return state; }
    std::string name() const { return "common_divisor"; }
};

// Wrong in four ways, to see that the law sees.
struct mean_of_means : common_divisor {
    using state_type = double;
    state_type create() const { return 0; }
    void add(state_type& state, const sample& record) const { state = (state + record.small) / 2; }
    void merge(state_type& state, const state_type& other) const { state = (state + other) / 2; }
    double result(const state_type& state) const { return state; }
};
struct doubles_on_merge : common_divisor {
    void add(state_type& state, const sample&) const { ++state; }
    void merge(state_type& state, const state_type& other) const { state = 2 * state + other; }
};
struct forgets_to_remove : common_divisor {
    void add(state_type& state, const sample&) const { ++state; }
    void remove(state_type&, const sample&) const {}
    void merge(state_type& state, const state_type& other) const { state += other; }
};

struct forgetful_state {
    std::uint64_t sum = 0;
    void save(weir::binary_writer& writer) const { writer.write_fixed(static_cast<std::uint32_t>(sum)); }
    void load(weir::binary_reader& reader) { sum = reader.read_fixed<std::uint32_t>(); }
};
struct forgets_to_save {
    using state_type = forgetful_state;
    state_type create() const { return {}; }
    void add(state_type& state, const sample& record) const { state.sum += record.natural; }
    void merge(state_type& state, const state_type& other) const { state.sum += other.sum; }
    std::uint64_t result(const state_type& state) const { return state.sum; }
    std::string name() const { return "forgets_to_save"; }
};

template <class... A>
void check_law(const A&... aggregate) {
    const std::uint64_t seed = std::random_device{}();
    std::cout << "order-free aggregates: seed " << seed << '\n';
    CAPTURE(seed);
    const auto check_one = [seed](const auto& one) {
        CAPTURE(one.name());
        CHECK(weir::commutes<std::remove_cvref_t<decltype(one)>>);
        CHECK(first_broken_law(one, 1, 500).value_or("none") == "none");
        CHECK(first_broken_law(one, seed, 500).value_or("none") == "none");
    };
    (check_one(aggregate), ...);
}

}  // namespace

TEST_CASE("order does not change sums of numbers", "[laws]") {
    check_law(weir::count(), weir::sum(&sample::real), weir::sum(&sample::narrow), weir::sum(&sample::whole),
              weir::sum(&sample::natural), weir::sum([](const sample& s) { return s.real * 0.5; }),
              weir::mean(&sample::real), weir::mean(&sample::narrow), weir::mean(&sample::whole),
              weir::mean(&sample::natural));
    check_law(weir::exponential_mean(&sample::real, weir::duration{3}),
              weir::exponential_mean(&sample::narrow, std::chrono::hours{1}),
              weir::exponential_mean(&sample::natural, weir::duration{1}));
}

TEST_CASE("order does not change variances", "[laws]") {
    check_law(weir::variance(&sample::real), weir::variance(&sample::narrow), weir::variance(&sample::whole),
              weir::variance(&sample::natural), weir::population_variance(&sample::real),
              weir::stddev(&sample::real), weir::stddev(&sample::small), weir::population_stddev(&sample::real));
}

TEST_CASE("order does not change covariances and correlations", "[laws]") {
    check_law(weir::covariance(&sample::real, &sample::whole), weir::covariance(&sample::real, &sample::real),
              weir::covariance(&sample::narrow, &sample::small), weir::covariance(&sample::natural, &sample::whole),
              weir::population_covariance(&sample::real, &sample::narrow),
              weir::correlation(&sample::real, &sample::natural), weir::correlation(&sample::small, &sample::narrow));
}

TEST_CASE("order does not change extremes, firsts, lasts and distinct counts", "[laws]") {
    check_law(weir::min(&sample::real), weir::max(&sample::real), weir::min(&sample::narrow),
              weir::max(&sample::narrow), weir::min(&sample::whole), weir::max(&sample::small),
              weir::min(&sample::text), weir::max(&sample::at), weir::first(&sample::real),
              weir::last(&sample::real), weir::first(&sample::text), weir::last(&sample::at),
              weir::distinct(&sample::real), weir::distinct(&sample::narrow), weir::distinct(&sample::small),
              weir::distinct(&sample::text), weir::distinct(&sample::at));
}

TEST_CASE("order does not change which records are kept", "[laws]") {
    check_law(weir::max_by(&sample::real, &sample::text), weir::min_by(&sample::narrow, &sample::at),
              weir::max_by(&sample::small, &sample::real), weir::min_by(&sample::text, &sample::whole),
              weir::top_k(3, &sample::real), weir::top_k(4, &sample::at, &sample::text),
              weir::bottom_k(3, &sample::text), weir::bottom_k(1, &sample::narrow, &sample::whole),
              weir::collect(&sample::text, 5), weir::collect_last(&sample::real, 3));
}

TEST_CASE("order does not change sketches", "[laws]") {
    check_law(weir::quantile(&sample::real, 0.5), weir::quantile(&sample::narrow, 0.99, 0.2),
              weir::quantile(&sample::whole, 0.1, 0.001), weir::quantiles(&sample::natural, {0.0, 0.5, 1.0}),
              weir::approximate_distinct(&sample::real, 4), weir::approximate_distinct(&sample::text, 5),
              weir::approximate_distinct(&sample::small, 4), weir::approximate_distinct(&sample::at));
}

TEST_CASE("order does not change counts by value and medians", "[laws]") {
    check_law(weir::count_by(&sample::text, 3), weir::count_by(&sample::small, 10), weir::count_by(&sample::at, 100),
              weir::most_frequent(2, &sample::text), weir::most_frequent(3, &sample::real),
              weir::most_frequent(5, &sample::at), weir::median(&sample::real, 12), weir::median(&sample::narrow, 30),
              weir::median(&sample::whole, 30), weir::median(&sample::natural, 5));
}

TEST_CASE("a user's aggregate and a renamed one obey the same law", "[laws]") {
    const auto divisor = [](std::uint64_t left, std::uint64_t right) { return std::gcd(left, right); };
    check_law(common_divisor{}, weir::as("spent", weir::sum(&sample::real)),
              weir::as("best", weir::top_k(2, &sample::at)),
              weir::commuting(weir::reduce(&sample::natural, std::uint64_t{0}, divisor)));
}

TEST_CASE("the law sees broken aggregates", "[laws]") {
    CHECK(first_broken_law(mean_of_means{}, 1, 100) == "add commutes");
    CHECK(first_broken_law(doubles_on_merge{}, 1, 100) == "merge = add");
    CHECK(first_broken_law(forgets_to_remove{}, 1, 100) == "remove undoes add");
    CHECK(first_broken_law(forgets_to_save{}, 1, 100).value_or("none") == "a loaded state goes on");
    CHECK(first_broken_law(weir::plain_sum(&sample::real), 1, 100) != std::nullopt);
    CHECK_FALSE(weir::commutes<decltype(weir::plain_sum(&sample::real))>);
    CHECK_FALSE(weir::commutes<forgets_to_save>);  // who does not say is order-sensitive
}
