// SPDX-License-Identifier: Apache-2.0
// Sessions and interval joins, each over whole streams.
#include <weir/base/stable_hash.hpp>

#include <algorithm>
#include <list>
#include <map>
#include <optional>

#include "naive.hpp"

namespace random_graphs::naive {
namespace {

bool marked(const item& each) { return each.at.at.watermark != weir::timestamp::min(); }
std::int64_t mark_of(const item& each) { return count_of(each.at.at.watermark); }

struct session {
    std::uint32_t key;
    std::int64_t start, end;
    std::vector<const item*> all{};
    std::size_t said = 0;  // of them, when it last spoke
    std::optional<std::int64_t> boundary{};
};

class sessions_run {
  public:
    sessions_run(const use& how, std::uint32_t stage)
        : stage_(stage), gap_(3 * how.b + 2), lateness_(4 * how.b), way_(how.a % 4) {}
    items results, late;

    // Everything that is due at moments up to `watermark`.
    void pass(std::int64_t watermark) {
        for (;;) {
            std::optional<std::int64_t> next;
            for (const session& each : open_) {
                for (const std::int64_t moment : moments_of(each)) {
                    if (moment <= watermark && moment > passed_) next = std::min(next.value_or(moment), moment);
                }
            }
            if (!next) break;
            at_moment(*next);
            passed_ = *next;
        }
        passed_ = std::max(passed_, watermark);
    }
    void take(const item& each) {
        const std::int64_t time = count_of(each.at.time);
        session own{each.record.key, time, time + gap_};
        std::list<session> joined;
        for (auto other = open_.begin(); other != open_.end();) {
            const auto next = std::next(other);
            const bool meets = other->key == own.key && other->start <= time + gap_ && other->end >= time;
            if (meets) joined.splice(joined.end(), open_, other);
            other = next;
        }
        // Sessions of one key do not touch: the order of their starts is that of their ends.
        joined.sort([](const session& a, const session& b) { return a.start < b.start; });
        std::size_t unsaid = 1;
        for (const session& other : joined) {
            own.start = std::min(own.start, other.start);
            own.end = std::max(own.end, other.end);
            own.all.insert(own.all.end(), other.all.begin(), other.all.end());
            unsaid += other.all.size() - other.said;
        }
        if (marked(each) && own.end + lateness_ <= mark_of(each)) {
            late.push_back(each);
            return;
        }
        own.all.push_back(&each);
        // What has been said comes first: only how many matters.
        own.said = own.all.size() - unsaid;
        const bool ended = marked(each) && own.end <= mark_of(each);
        if ((ended && way_ != 1) || (way_ == 3 && unsaid >= 2)) {
            results.push_back(caused(each, speak(own), tick(own.end - 1), stage_, 0));
        } else if (way_ == 2 && !ended) {
            for (std::int64_t moment = own.start + 4; moment < own.end; moment += 4) {
                if (marked(each) && moment <= mark_of(each)) continue;
                own.boundary = moment;
                break;
            }
        }
        open_.push_back(own);
    }

  private:
    [[nodiscard]] std::vector<std::int64_t> moments_of(const session& each) const {
        std::vector<std::int64_t> all{each.end + lateness_};
        if (way_ != 1) all.push_back(each.end);
        if (each.boundary) all.push_back(*each.boundary);
        return all;
    }
    void at_moment(std::int64_t moment) {
        std::vector<session*> in_order;
        for (session& each : open_) in_order.push_back(&each);
        std::sort(in_order.begin(), in_order.end(), [](const session* a, const session* b) {
            return std::pair{weir::stable_hash(a->key), a->start} < std::pair{weir::stable_hash(b->key), b->start};
        });
        std::map<std::uint32_t, std::uint64_t> sequence;
        for (session* each : in_order) {
            const bool speaks = (way_ == 1 ? each->end + lateness_ : each->end) == moment || each->boundary == moment;
            if (each->boundary == moment) each->boundary.reset();
            if (!speaks || each->said == each->all.size()) continue;
            results.push_back(triggered(speak(*each), moment - 1, stage_, weir::stable_hash(each->key),
                                        {sequence[each->key]++}));
        }
        open_.remove_if([&](const session& each) { return each.end + lateness_ == moment; });
    }
    event speak(session& of) {
        std::vector<double> values;
        for (const item* each : of.all) values.push_back(each->record.value);
        event made{static_cast<std::uint64_t>(of.start) * 31 + of.key, of.key, tick(of.start), exact_sum(values),
                   static_cast<std::int64_t>(of.all.size())};
        if (way_ == 3) of.all.clear();
        of.said = of.all.size();
        return made;
    }

    std::uint32_t stage_;
    std::int64_t gap_, lateness_, way_;
    std::list<session> open_;
    std::int64_t passed_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace

std::vector<items> apply_session(const use& how, std::uint32_t stage, const items& input) {
    sessions_run run(how, stage);
    for (const item& each : input) {
        if (marked(each)) run.pass(mark_of(each));
        run.take(each);
    }
    run.pass(std::numeric_limits<std::int64_t>::max());
    return {run.results, run.late};
}

items apply_interval_join(const use& how, std::uint32_t stage, const items& left, const items& right) {
    struct taken {
        const item* each;
        std::size_t place;
        bool paired = false;
    };
    // In turn, to which the number of the input belongs.
    std::vector<std::pair<const item*, bool>> all;
    for (const item& each : left) all.emplace_back(&each, false);
    for (const item& each : right) all.emplace_back(&each, true);
    const auto turn_of = [stage](const std::pair<const item*, bool>& each) {
        weir::turn at = each.first->at.at;
        at.tail.push_back(weir::tail_word::input_of(stage, each.second ? 1 : 0));
        return at;
    };
    std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return turn_of(a) < turn_of(b); });
    items made;
    std::vector<taken> sides[2];
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto [each, is_right] = all[i];
        if (each->at.time < each->at.at.watermark) continue;
        taken own{each, i};
        std::uint32_t index = 0;
        item cause = *each;
        cause.at.at.tail.push_back(weir::tail_word::input_of(stage, is_right ? 1 : 0));
        for (taken& other : sides[is_right ? 0 : 1]) {
            const item& a = is_right ? *other.each : *each;
            const item& b = is_right ? *each : *other.each;
            const std::int64_t apart = count_of(b.at.time) - count_of(a.at.time);
            if (a.record.key != b.record.key || apart < -how.a || apart > how.b) continue;
            own.paired = other.paired = true;
            event pair = a.record;
            pair.note += b.record.note;
            pair.value += b.record.value;
            pair.count = static_cast<std::int64_t>(static_cast<std::uint64_t>(pair.count) +
                                                   static_cast<std::uint64_t>(b.record.count));
            made.push_back(caused(cause, pair, std::max(a.at.time, b.at.time), stage, index++));
        }
        sides[is_right ? 1 : 0].push_back(own);
    }
    std::map<std::pair<std::int64_t, std::uint32_t>, std::uint64_t> sequence;
    for (const taken& each : sides[0]) {  // in turn
        if (each.paired) continue;
        const std::int64_t due = std::max(count_of(each.each->at.time) + how.b, mark_of(*each.each));
        const std::uint32_t key = each.each->record.key;
        event alone = each.each->record;
        alone.note += " alone";
        made.push_back(triggered(alone, due, stage, weir::stable_hash(key), {sequence[{due, key}]++}));
    }
    return made;
}

}  // namespace random_graphs::naive
