// SPDX-License-Identifier: Apache-2.0
// Streams: a node upstream and a chain of pure steps behind it. What may follow is a matter of type: windows need a
// key and event time, aggregates need windows. A stream is a value; copying it copies the steps and shares the node.
#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <weir/flow/inlets.hpp>

namespace weir {

// The order of a stream: in turn on one channel (one log, or results of a stage that takes its input in turn), or on
// several channels that a stage which needs the order merges.
struct in_turn {
    static constexpr const char* text = "in turn";
};
struct by_channel {
    static constexpr const char* text = "in turn per channel";
};

// Marks everything that may stand left of `|`.
struct pipeable {};
// What a wrong step yields, so that one error does not cause others.
struct rejected_stream : pipeable {};

// What a stream knows of time: it is a log, to which event_time may still be given; it has event time; it has none.
enum class timing { log, event, none };

// What a stage of two inputs refuses: weir::late_left(results), weir::late_right(results).
template <class Left, class Right>
struct late_sides {};
// What a stage with side outputs refuses, and what these hold: weir::late(results), weir::side<Alert>(results).
template <class Late, class... Sides>
struct late_and_sides {};
namespace detail {
template <class> inline constexpr bool has_late_sides = false;
template <class Left, class Right> inline constexpr bool has_late_sides<late_sides<Left, Right>> = true;
template <class> inline constexpr bool has_sides = false;
template <class Late, class... Sides> inline constexpr bool has_sides<late_and_sides<Late, Sides...>> = true;
// The record of the late side output of outlet 1.
template <class Late>
struct late_record {
    using type = Late;
};
template <class Late, class... Sides>
struct late_record<late_and_sides<Late, Sides...>> {
    using type = Late;
};
// In the place of the late side, of a stage that judges no lateness: the records on which a function threw.
template <class Record> struct failed_side {};
template <class> inline constexpr bool has_failed_side = false;
template <class Record> inline constexpr bool has_failed_side<failed_side<Record>> = true;
}  // namespace detail

// U: the record that leaves the node. Late: the record of its late side output, or void, late_sides, late_and_sides.
template <class U, class Order, timing Time, class Late = void>
struct stream_port {
    using record_type = U;
    using order = Order;
    using late_type = Late;
    static constexpr timing time = Time;
};
// Behind a stage a log is no log any more.
inline constexpr timing after_stage(timing before) { return before == timing::event ? timing::event : timing::none; }

using column_names = std::shared_ptr<const std::vector<std::string>>;

template <class Port, class... Steps>
class stream;

// A stream whose steps are hidden behind one virtual call per chunk, so that its type can be written down and a
// pipeline be split over several .cpp files: any_stream<Reading, in_turn>. Made by weir::erase or by conversion.
template <class T, class Order = in_turn, timing Time = timing::event>
using any_stream = stream<stream_port<T, Order, Time>>;

template <class Port, class... Steps> [[nodiscard]] auto erase(stream<Port, Steps...> source);

template <class Port, class... Steps>
class stream : public pipeable {
  public:
    using port = Port;
    using upstream_type = typename Port::record_type;
    using chain_type = chain<Steps...>;
    using value_type = typename detail::chain_value<upstream_type, Steps...>::type;
    static constexpr timing time = Port::time;

    stream(std::shared_ptr<const node> from, unsigned outlet, chain_type steps = {}, column_names columns = {})
        : from_(std::move(from)), outlet_(outlet), steps_(std::move(steps)), columns_(std::move(columns)) {}

    // A stream with steps becomes an any_stream by erase (operators/erase.hpp) where one is asked for. A stream in turn
    // may stand where one by channel is asked for, and one with event time where none is.
    template <class T, class Order, timing Time>
        requires(!std::is_same_v<stream, any_stream<T, Order, Time>> && std::is_same_v<T, value_type> &&
                 (std::is_same_v<Order, typename Port::order> || std::is_same_v<Order, by_channel>) &&
                 (Time == Port::time || Time == timing::none))
    operator any_stream<T, Order, Time>() const {
        auto erased = erase(*this);
        return {erased.from(), erased.outlet(), {}, erased.columns()};
    }

    [[nodiscard]] const std::shared_ptr<const node>& from() const noexcept { return from_; }
    [[nodiscard]] unsigned outlet() const noexcept { return outlet_; }
    [[nodiscard]] const chain_type& steps() const noexcept { return steps_; }
    // Names of the columns of records that are not described structs; null where the type says them.
    [[nodiscard]] const column_names& columns() const noexcept { return columns_; }
    [[nodiscard]] node_input input() const { return {from_, outlet_, steps_.text()}; }

  private:
    std::shared_ptr<const node> from_;
    unsigned outlet_ = 0;
    [[no_unique_address]] chain_type steps_;
    column_names columns_;
};

// A stream whose records are grouped by a key.
template <class Stream, class Key>
class keyed_stream : public pipeable {
  public:
    using stream_type = Stream;
    using value_type = typename Stream::value_type;
    using key_function = Key;
    using key_type = std::remove_cvref_t<std::invoke_result_t<const Key&, const value_type&>>;
    static constexpr timing time = Stream::time;

    keyed_stream(Stream source, Key key, std::string key_name)
        : source_(std::move(source)), key_(std::move(key)), key_name_(std::move(key_name)) {}
    [[nodiscard]] const Stream& source() const noexcept { return source_; }
    [[nodiscard]] const Key& key() const noexcept { return key_; }
    [[nodiscard]] const std::string& key_name() const noexcept { return key_name_; }

  private:
    Stream source_;
    Key key_;
    std::string key_name_;
};

// A keyed stream whose records are assigned to windows.
template <class Keyed, class Window>
class windowed_stream : public pipeable {
  public:
    using keyed_type = Keyed;
    using value_type = typename Keyed::value_type;
    using window_type = Window;

    windowed_stream(Keyed source, Window window) : source_(std::move(source)), window_(std::move(window)) {}
    [[nodiscard]] const Keyed& source() const noexcept { return source_; }
    [[nodiscard]] const Window& window() const noexcept { return window_; }

  private:
    Keyed source_;
    Window window_;
};

namespace detail {
template <class> inline constexpr bool is_stream = false;
template <class Port, class... Steps> inline constexpr bool is_stream<stream<Port, Steps...>> = true;
template <class> inline constexpr bool is_keyed = false;
template <class Stream, class Key> inline constexpr bool is_keyed<keyed_stream<Stream, Key>> = true;
template <class> inline constexpr bool is_windowed = false;
template <class Keyed, class Window> inline constexpr bool is_windowed<windowed_stream<Keyed, Window>> = true;
template <class> inline constexpr bool is_rejected = false;
template <> inline constexpr bool is_rejected<rejected_stream> = true;
template <class...> inline constexpr bool unsupported = false;

}  // namespace detail

// Marks sources whose value a host keeps, to reach the run by it. They are streams, too.
struct source_handle {};

template <class S> concept plain_stream = detail::is_stream<S> || std::derived_from<S, source_handle>;

// Marks everything that may stand right of `|`: it has `apply(stream)`, and stages have `apply(stream, name)`.
struct operation {};
struct stage_operation : operation {};

template <std::derived_from<pipeable> Left, std::derived_from<operation> Right>
auto operator|(Left left, const Right& right) {
    if constexpr (detail::is_rejected<Left>) {
        return rejected_stream{};
    } else {
        return right.apply(std::move(left));
    }
}

// What is right of `|` is nothing weir knows.
template <std::derived_from<pipeable> Left, class Right>
    requires(!std::derived_from<Right, operation>)
auto operator|(Left, const Right&) {
    static_assert(detail::unsupported<Right>,
                  "this is no weir operation: put map, filter, key_by, window, aggregate, process or into after |");
    return rejected_stream{};
}

// Gives a stage its stable name, the identity of its state: named("spending", aggregate(...)). A stage of several
// streams is named as the stream that it makes: named("pairs", join_by_origin(a, b)), named("all", merge(a, b)).
template <class Operation>
struct named_operation : operation {
    stage_name name;
    Operation inner;

    template <class S> auto apply(S source) const { return inner.apply(std::move(source), name); }
};

namespace detail {
template <class Operation> [[nodiscard]] auto with_name(stage_name name, Operation inner) {
    if constexpr (std::derived_from<Operation, stage_operation>) {
        return named_operation<Operation>{{}, std::move(name), std::move(inner)};
    } else {
        static_assert(unsupported<Operation>,
                      "only a stage has a name: name aggregate, process, rolling, event_time, sort_by_time or a join, "
                      "not map, filter or key_by");
        return inner;
    }
}
template <class Port, class... Steps>
[[nodiscard]] auto with_name(stage_name name, stream<Port, Steps...> of_several) {
    static_assert(sizeof...(Steps) == 0,
                  "only a stage has a name: name join_by_origin(...) or merge(...) itself, and put map, filter or "
                  "flat_map behind it");
    auto made = of_several.from()->renamed(std::move(name));
    if (made == nullptr) {
        throw error(error_kind::configuration, "named(name, stream) is for join_by_origin and merge: name " +
                                                   of_several.from()->kind() + " where it stands behind |");
    }
    return stream<Port, Steps...>{std::move(made), of_several.outlet(), {}, of_several.columns()};
}
}  // namespace detail

template <class Inner> [[nodiscard]] auto named(std::string name, Inner inner) {
    return detail::with_name(std::move(name), std::move(inner));
}

}  // namespace weir
