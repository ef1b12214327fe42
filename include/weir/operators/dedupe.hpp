// SPDX-License-Identifier: Apache-2.0
// dedupe(&Event::id, 24h): passes on the first record of each id, and drops others of that id until `ttl` after it, in
// event time: a record is a duplicate if one that was passed on has time + ttl beyond it. Duplicates do not prolong
// that. What is passed on keeps its stamp. Records are taken in turn; one with time < its watermark is late.
//
// Kept are an id and a time for each id that was passed on, until the watermark has reached time + ttl: no record can
// be a duplicate of it then. O(1) per record. Dropped records are counted as filtered.
#pragma once
#include <utility>

#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir {
namespace detail {

struct kept_until {
    timestamp until = time_lowest;  // records before it are duplicates
};
BOOST_DESCRIBE_STRUCT(kept_until, (), (until))

struct dedupe_description {
    duration ttl;
    [[nodiscard]] bool order_sensitive() const { return true; }
    [[nodiscard]] bool reads_turns() const { return false; }
    [[nodiscard]] bool results_follow_causes() const { return true; }
    [[nodiscard]] bool waits_for_watermark() const { return false; }
    [[nodiscard]] std::string text() const { return "for " + length_text(ttl); }
};

template <class Key, class Record, class KeyFunction>
class dedupe_stage final : public process_core<Key, Record, kept_until, Record> {
  public:
    using core = process_core<Key, Record, kept_until, Record>;

    dedupe_stage(const KeyFunction& key, const dedupe_description& description, const stage_site& site)
        : core(true, site), key_(key), ttl_(description.ttl) {}

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        const auto take = [this](auto&& value, const stamp_view& at, const auto& find) {
            this->fire_below(at.watermark(), expire{});
            if (at.time() < at.watermark()) {
                ++this->counts.late;
                if (!this->late.to.empty()) this->late.push_same(std::forward<decltype(value)>(value), at);
                return;
            }
            auto& entry = find(key_(std::as_const(value)), [] { return kept_until{}; });
            if (at.time() < entry.value.until) {
                ++this->counts.filtered;
                return;
            }
            ++this->counts.accepted;
            ++this->counts.results;
            this->for_record(entry, at, [&](auto& context, kept_until& state) {
                state.until = saturating_add(at.time(), ttl_);
                context.set_timer(state.until - one_tick);
            }, expire{});
            this->out.push_same(std::forward<decltype(value)>(value), at);
        };
        groups_.run(*this, records, begin, end, steps, this->store(), key_, take, [](const auto&) {});
    }
    void advance(const mark& progress) override {
        this->fire_below(progress.watermark, expire{});
        this->out.flush(&progress);
        this->late.flush(&progress);
    }
    [[nodiscard]] std::string why_not_storable() const override {
        return storable<Key> ? std::string{}
                             : std::string("dedupe: ids of this type cannot be stored: describe it with "
                                           "BOOST_DESCRIBE_STRUCT");
    }

  private:
    struct expire {
        template <class Context> void operator()(Context& context, const Key&, kept_until& state) const {
            if (state.until - one_tick <= context.time()) context.forget();
        }
    };

    KeyFunction key_;
    duration ttl_;
    keyed_groups<typename core::store_type, Record> groups_;
};

}  // namespace detail

template <class Id>
struct dedupe_operation : stage_operation {
    Id id;
    duration ttl;

    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>, "dedupe takes a plain stream: it has the id for its key");
            return rejected_stream{};
        } else if constexpr (S::time != timing::event) {
            static_assert(detail::unsupported<S>,
                          "dedupe needs event time: put weir::event_time(&Record::at, weir::out_of_order(5s)) behind "
                          "the source");
            return rejected_stream{};
        } else {
            return of(std::move(source) | key_by(id), std::move(name));
        }
    }

  private:
    template <class Keyed> auto of(Keyed keyed, stage_name name) const {
        if constexpr (detail::is_rejected<Keyed>) {
            return rejected_stream{};
        } else {
            using record = typename Keyed::value_type;
            using running = detail::dedupe_stage<typename Keyed::key_type, record, typename Keyed::key_function>;
            auto columns = keyed.source().columns();
            auto made = std::make_shared<detail::keyed_node<Keyed, running, detail::dedupe_description>>(
                "dedupe", std::move(name), std::move(keyed), detail::dedupe_description{ttl});
            return stream<stream_port<record, in_turn, timing::event, record>>{std::move(made), 0, {},
                                                                               std::move(columns)};
        }
    }
};

// Throws weir::error of kind configuration if ttl is not above zero.
template <class Id> [[nodiscard]] auto dedupe(Id id, duration ttl) {
    if (ttl <= duration::zero()) throw error(error_kind::configuration, "dedupe: a ttl is above zero");
    return dedupe_operation<Id>{{}, std::move(id), ttl};
}

}  // namespace weir
