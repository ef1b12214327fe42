// SPDX-License-Identifier: Apache-2.0
// verify(pipeline, script, trace): the harness that every operator's test goes through. The pipeline, a function of a
// stream, is run over the script
//
//   by the reference executor, whose output must be the trace;
//   by every runner, in chunks of 1, 7 and 1024, by 1 and 2 workers, simulated;
//   with a snapshot and restore between any two records, and between all of them;
//
// and every run must give the reference's records and stamps, its ledger, and hold nothing at the end. Several scripts
// and several results are tuples: verify(pipeline, inputs(a, b), traces(x, y)). Throws mismatch; needs no test library.
#pragma once
#include <tuple>

#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/testing/comparison.hpp>
#include <weir/testing/configuration.hpp>
#include <weir/testing/reference.hpp>
#include <weir/testing/script.hpp>
#include <weir/testing/simulation.hpp>

namespace weir::testing {

template <class... Inputs> [[nodiscard]] auto inputs(Inputs... each) {
    return std::tuple<Inputs...>{std::move(each)...};
}
template <class... Traces> [[nodiscard]] auto traces(Traces... each) {
    return std::tuple<Traces...>{std::move(each)...};
}

namespace detail {

template <class T> inline constexpr bool is_tuple = false;
template <class... Parts> inline constexpr bool is_tuple<std::tuple<Parts...>> = true;
template <class First, class Second> inline constexpr bool is_tuple<std::pair<First, Second>> = true;

template <class T> auto as_tuple(T value) {
    if constexpr (is_tuple<T>) {
        return std::apply([](auto... part) { return std::tuple{std::move(part)...}; }, std::move(value));
    } else {
        return std::tuple<T>{std::move(value)};
    }
}

template <class Trace> struct trace_record;
template <class T> struct trace_record<trace<T>> {
    using type = T;
};

// A graph and the sinks by which its results are read.
template <class... Records>
class subject {
  public:
    using sinks_type = std::tuple<decltype(collect_stamped<Records>())...>;
    template <class Streams> explicit subject(const Streams& streams) : graph_(make(streams)) {}

    [[nodiscard]] const graph& what() const noexcept { return graph_; }
    [[nodiscard]] const sinks_type& sinks() const noexcept { return sinks_; }

    // What one run left behind must equal what another did.
    void compare(const run_report& wanted, const run_report& got, const std::string& how) const {
        std::string found;
        std::size_t number = 0;
        std::apply(
            [&](const auto&... sink) {
                ((found.empty() ? found = in_output(number, difference(wanted.output(sink), got.output(sink))) : found,
                  ++number),
                 ...);
            },
            sinks_);
        if (found.empty()) found = difference(wanted, got);
        if (!found.empty()) throw mismatch(how + ": " + found);
    }

  private:
    static std::string in_output(std::size_t number, const std::string& found) {
        return found.empty() ? found : "output " + std::to_string(number) + ": " + found;
    }
    template <class Streams> graph make(const Streams& streams) {
        std::vector<output> outputs;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (outputs.push_back(std::get<I>(streams) | into(std::get<I>(sinks_))), ...);
        }(std::index_sequence_for<Records...>{});
        return graph("verified", std::move(outputs));
    }

    sinks_type sinks_{collect_stamped<Records>()...};
    graph graph_;
};

template <class T> void compare_trace(const trace<T>& wanted, const std::vector<stamped<T>>& got, std::size_t number) {
    const auto text = [](const expected<T>& each) {
        return describe(each.value) + " at " + describe(stamp{each.time, turn{each.watermark, {}, 0, {}}});
    };
    for (std::size_t i = 0; i < std::max(wanted.size(), got.size()); ++i) {
        const bool both = i < wanted.size() && i < got.size();
        if (both && wanted[i].time == got[i].at.time && wanted[i].watermark == got[i].at.watermark() &&
            same_bits(wanted[i].value, got[i].record)) {
            continue;
        }
        throw mismatch("the reference run: output " + std::to_string(number) + ", record " + std::to_string(i) +
                       " is " + (i < got.size() ? describe(got[i].record) + " at " + describe(got[i].at) : "nothing") +
                       ", not " + (i < wanted.size() ? text(wanted[i]) : "nothing"));
    }
}

// Stops a run after `stop` records, or after every record of `stop` in all, and goes on from the snapshot in another
// job.
inline run_report run_restored(const graph& what, const configuration& how, std::uint64_t stop, bool every) {
    simulation where(how.seed);
    auto running = std::make_unique<job>(what, how.plan(), where);
    const auto renew = [&] {
        const job_snapshot taken = running->snapshot();
        running = std::make_unique<job>(what, how.plan(), where, taken);
    };
    if (every) {
        for (std::uint64_t renewed = 0; running->advance(1); ++renewed) {
            if (renewed > stop + 1000) throw error(error_kind::internal, "the restored run makes no progress");
            renew();
        }
        return running->finish();
    }
    static_cast<void>(running->advance(stop));
    renew();
    running->run_to_end();
    return running->finish();
}

}  // namespace detail

struct verify_options {
    // Off for pipelines whose state cannot be stored.
    bool snapshots = true;
};

template <class Pipeline, class Inputs, class Traces>
void verify(const Pipeline& pipeline, const Inputs& given, const Traces& wanted, verify_options options = {}) {
    const auto scripts = detail::as_tuple(given);
    const auto expectations = detail::as_tuple(wanted);
    const auto streams =
        detail::as_tuple(std::apply([&](const auto&... each) { return pipeline(source(each)...); }, scripts));
    std::apply(
        [&]<class... Streams>(const Streams&...) {
            static_assert(std::tuple_size_v<decltype(expectations)> == sizeof...(Streams),
                          "verify needs a trace per result");
            const detail::subject<typename Streams::value_type...> tested(streams);
            simulation where;
            const run_report reference = reference_run(tested.what(), where);
            tested.compare(reference, reference, "the reference run");
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                (detail::compare_trace(std::get<I>(expectations), reference.output(std::get<I>(tested.sinks())), I),
                 ...);
            }(std::index_sequence_for<Streams...>{});
            for (const configuration& how : all_configurations({1, 7, 1024}, {1, 2}, 1)) {
                tested.compare(reference, run_configured(tested.what(), how), how.text());
                if (!options.snapshots) continue;
                const auto restored = [&](std::uint64_t stop, bool every) {
                    const std::string text = how.text() + ", restored after " +
                                             (every ? std::string("every record") : std::to_string(stop) + " records");
                    try {
                        tested.compare(reference, detail::run_restored(tested.what(), how, stop, every), text);
                    } catch (const error& thrown) {
                        throw mismatch(text + ": " + thrown.what());
                    }
                };
                for (std::uint64_t stop = 0; stop <= reference.records; ++stop) restored(stop, false);
                restored(reference.records, true);
            }
        },
        streams);
}

}  // namespace weir::testing
