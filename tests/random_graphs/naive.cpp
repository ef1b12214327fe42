// SPDX-License-Identifier: Apache-2.0
#include "naive.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

namespace random_graphs {
namespace naive {

item caused(const item& cause, event record, weir::timestamp time, std::uint32_t stage, std::uint32_t index) {
    item made{record, {time, cause.at.at}};
    made.at.at.tail.push_back(weir::tail_word::result_of(stage, index));
    return made;
}

item triggered(event record, std::int64_t due, std::uint32_t stage, std::uint64_t place,
               const std::vector<std::uint64_t>& words) {
    item made{record, {tick(due), {tick(due), weir::lane::stage(stage), place, {}}}};
    for (const std::uint64_t word : words) made.at.at.tail.push_back(word);
    return made;
}

void sort_by_turn(items& list) {
    std::sort(list.begin(), list.end(), [](const item& a, const item& b) { return a.at.at < b.at.at; });
}

double exact_sum(const std::vector<double>& values) {
    std::vector<double> partials;  // do not overlap, smallest first
    for (double x : values) {
        std::size_t kept = 0;
        for (double y : partials) {
            if (std::fabs(x) < std::fabs(y)) std::swap(x, y);
            const double high = x + y;
            const double low = y - (high - x);
            if (low != 0) partials[kept++] = low;
            x = high;
        }
        partials.resize(kept);
        partials.push_back(x);
    }
    if (partials.empty()) return 0;
    std::size_t i = partials.size() - 1;
    double high = partials[i];
    double low = 0;
    while (i > 0) {
        const double x = high;
        const double y = partials[--i];
        high = x + y;
        low = y - (high - x);
        if (low != 0) break;
    }
    // Half way between two doubles: what lies below decides.
    if (i > 0 && ((low < 0 && partials[i - 1] < 0) || (low > 0 && partials[i - 1] > 0))) {
        const double y = low * 2;
        const double x = high + y;
        if (y == x - high) high = x;
    }
    return high;
}

namespace {

// A pure step that makes any number of records of one; `expands` if they are numbered.
template <class Step> items each_record(const items& input, bool expands, Step step) {
    items made;
    for (const item& from : input) {
        std::uint64_t index = 0;
        for (const event& record : step(from)) {
            item one{record, from.at};
            if (expands) one.at.at.tail.push_back(index++);
            made.push_back(one);
        }
    }
    return made;
}

std::vector<event> copies(const event& record, std::uint64_t count, bool shift_key, bool shift_value) {
    std::vector<event> made;
    for (std::uint64_t i = 0; i < count; ++i) {
        event one = record;
        if (shift_key) one.key += static_cast<std::uint32_t>(i);
        if (shift_value) one.value += static_cast<double>(i);
        made.push_back(one);
    }
    return made;
}

items apply_pure(const use& how, const items& input) {
    using list = std::vector<event>;
    const auto a = static_cast<std::uint64_t>(how.a);
    switch (how.what) {
        case kind::map_value:
            return each_record(input, false, [&](const item& from) {
                event made = from.record;
                made.value = made.value * 1.5 + 1;
                made.count = static_cast<std::int64_t>(static_cast<std::uint64_t>(made.count) + a);
                return list{made};
            });
        case kind::map_key:
            return each_record(input, false, [&](const item& from) {
                event made = from.record;
                made.key = static_cast<std::uint32_t>((made.id + made.key * 7U) % (a + 1));
                return list{made};
            });
        case kind::map_stamp:
            return each_record(input, false, [&](const item& from) {
                event made = from.record;
                made.at = from.at.time;
                const weir::timestamp mark = from.at.at.watermark;
                const std::int64_t more = mark == weir::timestamp::min() ? -1 : count_of(mark) % 7;
                made.count = static_cast<std::int64_t>(static_cast<std::uint64_t>(made.count) +
                                                       static_cast<std::uint64_t>(more));
                return list{made};
            });
        case kind::filter_id:
            return each_record(input, false, [&](const item& from) {
                return from.record.id % (a + 2) != 0 ? list{from.record} : list{};
            });
        case kind::filter_key:
            return each_record(input, false,
                               [&](const item& from) { return from.record.key != a ? list{from.record} : list{}; });
        case kind::flat_map:
            return each_record(input, true,
                               [](const item& from) { return copies(from.record, from.record.id % 3, true, false); });
        case kind::flat_map_nested: {
            const items doubled =
                each_record(input, true, [](const item& from) { return copies(from.record, 2, true, false); });
            const items kept = each_record(doubled, false, [](const item& from) {
                return (from.record.id + from.record.key) % 3 != 0 ? list{from.record} : list{};
            });
            return each_record(
                kept, true, [](const item& from) { return copies(from.record, from.record.id % 2 + 1, false, true); });
        }
        default:
            throw std::logic_error("this is no pure step");
    }
}

std::vector<items> apply_split(const items& input, bool by_lateness) {
    items yes, no;
    for (const item& each : input) {
        const bool first = by_lateness ? each.at.time >= each.at.at.watermark : each.record.count % 2 == 0;
        (first ? yes : no).push_back(each);
    }
    return {yes, no};
}

items apply_merge(std::uint32_t stage, const std::vector<const items*>& inputs) {
    items made;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        for (item each : *inputs[i]) {
            each.at.at.tail.push_back(weir::tail_word::input_of(stage, static_cast<std::uint32_t>(i)));
            made.push_back(each);
        }
    }
    return made;
}

items apply_join(std::uint32_t stage, const items& left, const items& right) {
    std::map<weir::turn, std::vector<const item*>> partners;
    for (const item& each : right) partners[weir::origin_of(each.at.at)].push_back(&each);
    std::map<weir::turn, std::size_t> next;
    items made;
    for (const item& each : left) {
        const weir::turn origin = weir::origin_of(each.at.at);
        const std::size_t place = next[origin]++;
        if (place >= partners[origin].size()) continue;
        const event& other = partners[origin][place]->record;
        event pair = each.record;
        pair.value = pair.value + other.value;
        pair.note += other.note;
        pair.count =
            static_cast<std::int64_t>(static_cast<std::uint64_t>(pair.count) + static_cast<std::uint64_t>(other.count));
        made.push_back({pair, {each.at.time, origin}});
        made.back().at.at.tail.push_back(weir::tail_word::result_of(stage, static_cast<std::uint32_t>(place)));
    }
    return made;
}

std::vector<items> apply_sort(std::uint32_t stage, const items& input) {
    items kept, late;
    for (const item& each : input) (each.at.time < each.at.at.watermark ? late : kept).push_back(each);
    std::sort(kept.begin(), kept.end(), [](const item& a, const item& b) {
        return a.at.time != b.at.time ? a.at.time < b.at.time : a.at.at < b.at.at;
    });
    items made;
    std::map<std::int64_t, std::uint64_t> sequence;
    for (const item& each : kept) {
        const std::int64_t time = count_of(each.at.time);
        made.push_back(triggered(each.record, time, stage, 0, {sequence[time]++}));
    }
    return {made, late};
}

items read_source(const source_use& how, const std::vector<log>& logs, std::uint64_t first_partition) {
    items made;
    for (std::size_t partition = 0; partition < logs.size(); ++partition) {
        weir::timestamp newest = weir::timestamp::min();
        for (std::size_t offset = 0; offset < logs[partition].size(); ++offset) {
            const event& record = logs[partition][offset];
            if (how.filtered && record.id % 7 == 3) continue;
            const std::uint64_t count = how.filtered && record.id % 5 == 0 ? 2 : 1;
            for (std::uint64_t i = 0; i < count; ++i) {
                const bool any = newest != weir::timestamp::min();
                const weir::timestamp mark = any ? newest - weir::duration{how.bound} : newest;
                item one{record, {record.at, {mark, weir::lane::partition(first_partition + partition), offset, {}}}};
                if (how.filtered) one.at.at.tail.push_back(i);
                made.push_back(one);
                newest = std::max(newest, record.at);
            }
        }
    }
    sort_by_turn(made);
    return made;
}

}  // namespace

std::vector<items> apply(const use& how, std::uint32_t stage, const std::vector<const items*>& inputs) {
    const items& input = *inputs[0];
    std::vector<items> made;
    if (how.what < kind::split) {
        made = {apply_pure(how, input)};
    } else if (how.what == kind::split || how.what == kind::split_late) {
        made = apply_split(input, how.what == kind::split_late);
    } else if (how.what == kind::rolling || how.what == kind::rolling_several) {
        made = apply_rolling(how, stage, input);
    } else if (how.what == kind::session) {
        made = apply_session(how, stage, input);
    } else if (how.what == kind::interval_join) {
        made = {apply_interval_join(how, stage, input, *inputs[1])};
    } else if (how.what < kind::rolling) {
        made = apply_window(how, stage, input);
    } else if (how.what <= kind::process_text) {
        made = apply_process(how, stage, input);
    } else if (how.what == kind::sort_by_time) {
        made = apply_sort(stage, input);
    } else if (how.what == kind::join_by_origin) {
        made = {apply_join(stage, input, *inputs[1])};
    } else {
        made = {apply_merge(stage, inputs)};
    }
    for (items& each : made) sort_by_turn(each);
    return made;
}

}  // namespace naive

std::vector<items> interpret(const description& what, const std::vector<log>& logs, const lowered& places) {
    std::vector<items> streams;
    std::size_t next_log = 0;
    for (std::size_t i = 0; i < what.sources.size(); ++i) {
        const auto first = logs.begin() + static_cast<std::ptrdiff_t>(next_log);
        const auto last = first + static_cast<std::ptrdiff_t>(what.sources[i].partitions);
        streams.push_back(naive::read_source(what.sources[i], {first, last}, places.partitions[i].value_or(0)));
        next_log += what.sources[i].partitions;
    }
    for (std::size_t i = 0; i < what.uses.size(); ++i) {
        const use& each = what.uses[i];
        const auto stage = [&](std::size_t part) { return places.stages[i].at(part).value_or(0); };
        std::vector<items> made;
        if (each.what == kind::fused) {
            items through = streams.at(each.inputs[0]);
            const auto& chain = fused_chain(static_cast<int>(each.a));
            for (std::size_t part = 0; part < chain.size(); ++part) {
                const auto step = static_cast<std::int64_t>(part);
                const use one{chain[part], {}, (each.b + step) % 4, (each.b + 2 * step + 1) % 4};
                through = naive::apply(one, stage(part), {&through})[0];
            }
            made = {through};
        } else {
            std::vector<const items*> inputs;
            for (std::size_t k = 0; k < inputs_of(each.what); ++k) inputs.push_back(&streams.at(each.inputs[k]));
            made = naive::apply(each, stage(0), inputs);
        }
        made.resize(outputs_of(each.what));
        for (items& one : made) streams.push_back(std::move(one));
    }
    std::vector<items> sinks;
    for (const std::size_t each : what.sinks) sinks.push_back(streams.at(each));
    return sinks;
}

}  // namespace random_graphs
