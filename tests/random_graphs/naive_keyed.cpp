// SPDX-License-Identifier: Apache-2.0
// Windows, rolling windows and process, each over a whole stream.
#include <weir/base/stable_hash.hpp>
#include <weir/state/key.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "naive.hpp"

namespace random_graphs::naive {
namespace {

// A key as windows and timers are ordered by it: its hash, then its canonical words.
struct ordered_key {
    std::uint64_t hash = 0;
    std::vector<std::uint64_t> words;
    std::uint32_t number = 0;
    auto operator<=>(const ordered_key&) const = default;
};

ordered_key key_of(const use& how, const event& record) {
    ordered_key made;
    if (how.what == kind::tumbling_text || how.what == kind::process_text) {
        made.number = record.key % 12;
        const std::string text = "key" + std::to_string(made.number);
        made.hash = weir::stable_hash(text);
        const auto words = weir::tie_words(text);
        made.words.assign(words.begin(), words.end());
    } else {
        made.number = how.what == kind::sliding_sum ? 0 : record.key;
        made.hash = weir::stable_hash(made.number);
    }
    return made;
}

using group = std::vector<const item*>;  // in turn

double sum_of(const group& of) {
    std::vector<double> values;
    for (const item* each : of) values.push_back(each->record.value);
    return exact_sum(values);
}
double distinct_ids(const group& of) {
    std::set<std::uint64_t> ids;
    for (const item* each : of) ids.insert(each->record.id % 5);
    return static_cast<double>(ids.size());
}
double largest(const group& of) {
    double most = of[0]->record.value;
    for (const item* each : of) most = std::max(most, each->record.value);
    return most;
}
double smallest(const group& of) {
    double least = of[0]->record.value;
    for (const item* each : of) least = std::min(least, each->record.value);
    return least;
}
// Of whole numbers below 1000: everything but the last division is exact.
double variance_of(const group& of) {
    const auto n = static_cast<std::int64_t>(of.size());
    if (n < 2) return -1.0;
    std::int64_t once = 0, squares = 0;
    for (const item* each : of) {
        const std::int64_t x = each->record.count % 1000;
        once += x;
        squares += x * x;
    }
    return static_cast<double>(n * squares - once * once) / static_cast<double>(n * (n - 1));
}
group by_time(group of) {
    std::sort(of.begin(), of.end(), [](const item* a, const item* b) {
        return a->at.time != b->at.time ? a->at.time < b->at.time : a->at.at < b->at.at;
    });
    return of;
}

event window_result(kind what, std::uint32_t key, std::int64_t start, const group& of) {
    event made{static_cast<std::uint64_t>(start) * 31 + key, key, tick(start), 0, static_cast<std::int64_t>(of.size())};
    switch (what) {
        case kind::tumbling_first:
            made.value = by_time(of).front()->record.value;
            made.count = static_cast<std::int64_t>(by_time(of).back()->record.id);
            made.note = by_time(of).back()->record.note;
            break;
        case kind::tumbling_plain:
            for (const item* each : of) made.value += each->record.value;
            made.count = 1;
            break;
        case kind::tumbling_spread:
            made.value = variance_of(of);
            made.count = static_cast<std::int64_t>(distinct_ids(of));
            break;
        case kind::tumbling_hash: {
            std::uint64_t hash = 0;
            for (const item* each : of) hash = hash * 1099511628211U + each->record.id + 1;
            made.value = 2.0;
            made.count = static_cast<std::int64_t>(hash);
            break;
        }
        case kind::sliding: {
            const double least = smallest(of);
            std::uint64_t bits = 0;
            static_assert(sizeof bits == sizeof least);
            std::memcpy(&bits, &least, sizeof bits);
            made.id += bits;
            made.value = largest(of);
            break;
        }
        case kind::sliding_allowed:
            made.value = sum_of(of) / static_cast<double>(of.size());
            made.count = 0;
            for (const item* each : of) made.count += each->record.count % 1000;
            break;
        default:
            made.value = sum_of(of);
    }
    return made;
}

std::int64_t floor_multiple(std::int64_t value, std::int64_t of) {
    std::int64_t rest = value % of;
    if (rest < 0) rest += of;
    return value - rest;
}

}  // namespace

std::vector<items> apply_window(const use& how, std::uint32_t stage, const items& input) {
    const bool slides = how.what == kind::sliding || how.what == kind::sliding_allowed;
    const bool allows = how.what == kind::tumbling_allowed || how.what == kind::sliding_allowed;
    std::int64_t size = slides ? 5 * how.b + 10 + how.a % 2 * 3 : 5 * how.b + 5;
    std::int64_t slide = slides ? 5 : size;
    if (how.what == kind::sliding_sum) size = 21, slide = 7;
    const std::int64_t lateness = allows ? 5 * how.a + 5 : 0;

    items results, late;
    std::map<std::int64_t, std::map<ordered_key, group>> windows;        // by end: all that was accepted
    std::map<std::int64_t, std::map<ordered_key, std::size_t>> on_time;  // how many before it fired
    for (const item& each : input) {
        const std::int64_t time = count_of(each.at.time);
        const ordered_key key = key_of(how, each.record);
        const bool marked = each.at.at.watermark != weir::timestamp::min();
        const std::int64_t mark = count_of(each.at.at.watermark);
        bool accepted = false;
        std::uint32_t updates = 0;
        // Every start of a window that holds the record, earliest first.
        std::int64_t start = floor_multiple(time, slide);
        while (start - slide + size > time) start -= slide;
        for (; start <= time; start += slide) {
            const std::int64_t end = start + size;
            if (marked && end + lateness <= mark) continue;
            accepted = true;
            group& in = windows[end][key];
            in.push_back(&each);
            if (marked && end <= mark) {
                results.push_back(
                    caused(each, window_result(how.what, key.number, start, in), tick(end - 1), stage, updates++));
            } else {
                ++on_time[end][key];
            }
        }
        if (!accepted) late.push_back(each);
    }
    for (const auto& [end, keys] : on_time) {
        for (const auto& [key, count] : keys) {
            const group& all = windows[end][key];
            const group fired(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
            auto words = key.words;
            words.push_back(0);
            results.push_back(
                triggered(window_result(how.what, key.number, end - size, fired), end - 1, stage, key.hash, words));
        }
    }
    return {results, late};
}

std::vector<items> apply_rolling(const use& how, std::uint32_t stage, const items& input) {
    items results, late;
    std::map<std::uint32_t, group> taken;
    for (const item& each : input) {
        if (each.at.time < each.at.at.watermark) {
            late.push_back(each);
            continue;
        }
        group& of_key = taken[each.record.key];
        of_key.push_back(&each);
        const auto within = [&](std::int64_t length) {
            group in;
            for (const item* other : of_key) {
                if (other->at.time <= each.at.time && count_of(other->at.time) > count_of(each.at.time) - length) {
                    in.push_back(other);
                }
            }
            return in;
        };
        event made = each.record;
        if (how.what == kind::rolling) {
            made.value = sum_of(within(5 * how.a + 5));
            made.count = static_cast<std::int64_t>(within(5 * how.a + 5).size());
        } else {
            made.value = largest(within(5));
            made.count = static_cast<std::int64_t>(distinct_ids(within(30)));
        }
        results.push_back(caused(each, made, each.at.time, stage, 0));
    }
    return {results, late};
}

namespace {

struct key_state {
    double sum = 0;
    std::int64_t count = 0;
    std::int64_t links = 0;
    std::string note;
};

class process_run {
  public:
    process_run(const use& how, std::uint32_t stage) : how_(how), stage_(stage) {}
    items results;

    void fire(bool all, weir::timestamp below) {
        while (!timers_.empty() && (all || tick(timers_.begin()->first) < below)) {
            const auto [due, key] = *timers_.begin();
            timers_.erase(timers_.begin());
            std::uint64_t sequence = 0;
            on_timer(key, due, [&](event made) {
                auto words = key.words;
                words.push_back(sequence++);
                results.push_back(triggered(made, due, stage_, key.hash, words));
            });
        }
    }
    void take(const item& each) {
        const ordered_key key = key_of(how_, each.record);
        key_state& state = states_[key];
        const event& from = each.record;
        const std::int64_t time = count_of(each.at.time);
        std::uint32_t index = 0;
        const auto emit = [&](event made) { results.push_back(caused(each, made, each.at.time, stage_, index++)); };
        ++state.count;
        if (how_.what == kind::process_sum) {
            state.sum += from.value;
            emit({from.id, from.key, from.at, state.sum, state.count, from.note});
        } else if (how_.what == kind::process_emit) {
            const std::uint64_t count = (from.id + static_cast<std::uint64_t>(state.count - 1)) % 3;
            for (std::uint64_t i = 0; i < count; ++i) {
                emit({from.id + i, from.key, from.at, from.value, state.count, from.note});
            }
        } else if (how_.what == kind::process_timer) {
            state.note = from.note;
            timers_.insert({time + 3 * how_.a + 3, key});
        } else {
            state.links = 0;
            emit({from.id, from.key, from.at, from.value, state.count, from.note});
            if (tick(time - 3) < each.at.at.watermark) {
                on_timer(key, time, emit);  // at once, with the record's stamp
            } else {
                timers_.insert({time - 3, key});
            }
        }
    }

  private:
    template <class Emit> void on_timer(const ordered_key& key, std::int64_t now, Emit emit) {
        key_state& state = states_[key];
        if (how_.what == kind::process_timer) {
            emit({7, key.number, tick(now), 0.5, state.count, state.note});
            states_.erase(key);
        } else {
            emit({11, key.number, tick(now), 0.25, state.links});
            if (state.links++ < 2) timers_.insert({now + 4, key});
        }
    }

    const use& how_;
    std::uint32_t stage_;
    std::map<ordered_key, key_state> states_;
    std::set<std::pair<std::int64_t, ordered_key>> timers_;
};

}  // namespace

std::vector<items> apply_process(const use& how, std::uint32_t stage, const items& input) {
    process_run run(how, stage);
    items late;
    for (const item& each : input) {
        run.fire(false, each.at.at.watermark);
        if (each.at.time < each.at.at.watermark) {
            late.push_back(each);
        } else {
            run.take(each);
        }
    }
    run.fire(true, {});
    return {run.results, late};
}

}  // namespace random_graphs::naive
