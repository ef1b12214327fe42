// SPDX-License-Identifier: Apache-2.0
// attempt(map(f)), attempt(filter(p)), attempt(flat_map(f)): a record on which the function throws does not end the run
// but goes aside, whole, with what was said:
//
//   auto scored = orders | weir::named("score", weir::attempt(weir::map(score)));
//   weir::graph("orders", scored | weir::into(out), weir::failed(scored) | weir::into(weir::csv("failed.csv")));
//
// Without attempt what a function throws ends the run and is thrown on by it. weir::failed(results) is a stream of
// failed_record<Record> with the stamps the records came with; nobody need use it: the ledger counts such records as
// dead letters. A flat_map that throws after some of its elements gives none of them. All exceptions are the record's
// fault but std::bad_alloc, which is not, and ends the run. Whether f throws must depend on its arguments alone, as all
// it does.
//
// A stage of its own, since it has two outputs, without state. f is called with const Record&, for the record is needed
// once more if it fails; it is copied, or moved where the stage may, only then. O(1) per record plus the function.
#pragma once
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/map.hpp>
#include <weir/record/describe.hpp>

namespace weir {

template <class Record>
struct failed_record {
    Record record{};
    std::string reason;  // what() of what was thrown

    friend bool operator==(const failed_record&, const failed_record&) = default;
    BOOST_DESCRIBE_CLASS(failed_record, (), (record, reason), (), ())
};

namespace detail {

template <class Record, class Step>
class attempt_stage final : public stage {
  public:
    using out_type = typename Step::template result_type<Record>;

    explicit attempt_stage(const Step& step) : step_(step) {}

    outlet<out_type> out;
    outlet<failed_record<Record>> failed;
    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out, &failed}; }
    void advance(const mark& progress) override {
        out.flush(&progress);
        failed.flush(&progress);
    }
    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        take_records(*this, records, begin, end, steps, [this](auto&& value, const stamp_view& at) {
            this->take(std::forward<decltype(value)>(value), at);
        });
    }
    [[nodiscard]] std::string schema() const override { return counts_only; }
    void save_shard(unsigned, binary_writer& writer) const override { counts.save(writer); }
    void load_shard(unsigned, binary_reader& reader) override { counts.load(reader); }

  private:
    static constexpr bool keeps_record = Step::filters && !Step::expands;

    template <class V> void take(V&& value, const stamp_view& at) {
        // Only the function is tried: what is thrown by who takes the results is not this record's failure.
        std::optional<std::string> reason;
        [[maybe_unused]] bool keeps = false;
        made_.clear();
        try {
            chain_pass<1> pass;
            const Record& record = value;
            step_(record, at, pass, pass.path.data(), [&](auto&& result) {
                if constexpr (keeps_record) {
                    keeps = true;
                } else {
                    made_.push_back(std::forward<decltype(result)>(result));
                }
            });
        } catch (const std::bad_alloc&) {
            throw;
        } catch (const std::exception& thrown) {
            reason = thrown.what();
        } catch (...) {
            reason = "what was thrown is no std::exception";
        }
        if (reason) {
            fail(std::forward<V>(value), std::move(*reason), at);
        } else if constexpr (keeps_record) {
            if (keeps) out.push_same(std::forward<V>(value), at);
            count(keeps ? 1 : 0);
        } else {
            emit(at);
        }
    }
    void count(std::size_t results) noexcept {
        ++(results > 0 ? counts.accepted : counts.filtered);
        counts.results += results;
    }
    void emit(const stamp_view& at) {
        for (std::uint32_t index = 0; index < made_.size(); ++index) {
            if constexpr (Step::expands) {
                path_.assign(at.path().begin(), at.path().end());
                path_.push_back(index);
                out.push_same(out_type(std::move(made_[index])), at.with_path(path_));
            } else {
                out.push_same(out_type(std::move(made_[index])), at);
            }
        }
        count(made_.size());
    }
    template <class V> void fail(V&& value, std::string reason, const stamp_view& at) {
        ++counts.dead_letter;
        made_.clear();
        if (failed.to.empty()) return;
        failed.push_same(failed_record<Record>{std::forward<V>(value), std::move(reason)}, at);
    }

    Step step_;
    std::vector<out_type> made_;       // of one record: kept for its memory
    std::vector<std::uint32_t> path_;  // the same
};

template <class S, class Step>
class attempt_node final : public node {
  public:
    using record_type = typename S::value_type;
    using upstream_type = typename S::upstream_type;
    using running = attempt_stage<record_type, Step>;

    attempt_node(stage_name name, S source, Step step)
        : node(Step::label, std::move(name), spread::per_channel), source_(std::move(source)), step_(std::move(step)) {
        add_input(source_.input());
    }
    [[nodiscard]] unsigned outlet_count() const override { return 2; }
    [[nodiscard]] std::string detail() const override { return "failures aside"; }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site&) const override {
        return std::make_unique<running>(step_);
    }
    void attach(std::size_t, outlet_base& from, stage& to, std::size_t, gate*) const override {
        auto& typed = make_inlet<0, upstream_type>(static_cast<running&>(to), source_.steps(), 0, 1, nullptr, true);
        static_cast<outlet<upstream_type>&>(from).to.push_back(&typed);
    }
    [[nodiscard]] bool single_use() const override {
        return !std::is_copy_constructible_v<typename running::out_type> ||
               !std::is_copy_constructible_v<record_type>;
    }

  private:
    S source_;
    Step step_;
};

template <class> struct failed_of_side;
template <class Record> struct failed_of_side<failed_side<Record>> { using type = failed_record<Record>; };
template <class Side> using failed_of = typename failed_of_side<Side>::type;

template <class> inline constexpr bool attemptable = false;
template <class F> inline constexpr bool attemptable<map_operation<F>> = true;
template <class F> inline constexpr bool attemptable<filter_operation<F>> = true;
template <class F> inline constexpr bool attemptable<flat_map_operation<F>> = true;

template <class F> map_step<F> step_of(const map_operation<F>& inner) { return {inner.function}; }
template <class F> filter_step<F> step_of(const filter_operation<F>& inner) { return {inner.predicate}; }
template <class F> flat_map_step<F> step_of(const flat_map_operation<F>& inner) { return {inner.function}; }

template <class Step, class Record> inline constexpr bool looks_only = true;
template <class F, class Record>
inline constexpr bool looks_only<map_step<F>, Record> = takes_record<F, const Record&> ||
                                                        takes_stamp<F, const Record&>;
template <class F, class Record>
inline constexpr bool looks_only<flat_map_step<F>, Record> = looks_only<map_step<F>, Record>;

}  // namespace detail

template <class Inner>
struct attempt_operation : stage_operation {
    Inner inner;

    template <class S> auto apply(S source, stage_name name = {}) const {
        using stepped = decltype(inner.apply(source));
        if constexpr (detail::is_rejected<stepped>) {
            return rejected_stream{};  // the step has said why
        } else {
            using record = typename S::value_type;
            using step = decltype(detail::step_of(inner));
            if constexpr (!detail::looks_only<step, record>) {
                static_assert(detail::unsupported<S>,
                              "attempt needs a function that can be called with const Record&: the record is needed "
                              "once more when the function throws");
                return rejected_stream{};
            } else {
                using port = typename S::port;
                using value = typename step::template result_type<record>;
                column_names columns;
                if constexpr (step::filters && !step::expands) columns = source.columns();
                return stream<stream_port<value, typename port::order, after_stage(port::time),
                                          detail::failed_side<record>>>{
                    std::make_shared<detail::attempt_node<S, step>>(std::move(name), std::move(source),
                                                                    detail::step_of(inner)),
                    0, {}, std::move(columns)};
            }
        }
    }
};

template <class Inner> [[nodiscard]] auto attempt(Inner inner) {
    static_assert(detail::attemptable<Inner>,
                  "attempt is for functions of one record: attempt(map(f)), attempt(filter(p)), attempt(flat_map(f))");
    return attempt_operation<Inner>{{}, std::move(inner)};
}

// The failed side output of attempt: failed_record<Record>, in turn as the records came.
template <class S> [[nodiscard]] auto failed(const S& results) {
    if constexpr (!plain_stream<S>) {
        static_assert(detail::unsupported<S>, "failed needs the stream right behind weir::attempt(...)");
        return rejected_stream{};
    } else if constexpr (!detail::has_failed_side<typename S::port::late_type> || !S::chain_type::is_empty) {
        static_assert(detail::unsupported<S>, "failed needs the stream right behind weir::attempt(...)");
        return rejected_stream{};
    } else {
        using port = typename S::port;
        return stream<stream_port<detail::failed_of<typename port::late_type>, typename port::order, port::time>>{
            results.from(), 1};
    }
}

}  // namespace weir
