// SPDX-License-Identifier: Apache-2.0
// Random patterns on short streams against the definition in pattern/pattern_tree.hpp, by brute force: a pattern is
// written out as all its words (which stage takes, how often, what must be absent between), and for each word all
// choices of events are tried. Two words may take the same events by the same stages: such a pattern is ambiguous, and
// the engine may report the match once for each. So matches are compared as sets: the events of each stage.
#include <weir/operators/match.hpp>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include <weir/testing/seeded.hpp>

using weir::contiguity;
using weir::part_kind;
using weir::pattern_part;

namespace {

constexpr std::uint32_t none = pattern_part::no_condition;

struct event {
    std::uint32_t number = 0;
    std::uint32_t bits = 0;
    std::int64_t at = 0;
};

weir::timestamp time_of(std::int64_t ticks) { return weir::timestamp{weir::duration{ticks}}; }

// Conditions 0 to 3 look at a bit of the event; 4 and 5 also at times of what was taken.
constexpr std::uint32_t conditions = 6;
bool met_alone(std::uint32_t condition, const event& each) { return (each.bits >> (condition % 4) & 1U) != 0; }
bool met_after(std::uint32_t condition, const event& each, std::int64_t first, std::int64_t last) {
    return condition == 4 ? (each.at - first) % 3 != 1 : (each.at - last) != 2;
}

class random_pattern : public weir::any_pattern {
  public:
    explicit random_pattern(const weir::pattern_tree& tree)
        : image_(std::make_shared<const weir::pattern_image>(weir::compile_pattern(tree, conditions))) {}
    [[nodiscard]] const std::shared_ptr<const weir::pattern_image>& image() const noexcept { return image_; }
    template <class Event> [[nodiscard]] bool looks_back(std::uint32_t condition) const { return condition >= 4; }
    template <class Event> [[nodiscard]] bool holds(std::uint32_t condition, const Event& each) const {
        return met_alone(condition, each);
    }
    template <class Event>
    [[nodiscard]] bool holds_after(std::uint32_t condition, const Event& each,
                                   const weir::pattern_chain<Event>& so_far) const {
        if (so_far.empty()) return true;
        return met_after(condition, each, so_far.start().time_since_epoch().count(),
                         so_far.end().time_since_epoch().count());
    }

  private:
    std::shared_ptr<const weir::pattern_image> image_;
};

// What a word says, one behind the other.
struct token {
    enum class what : std::uint8_t { take, absent, not_next, possessed } kind = what::take;
    std::string stage{};
    std::uint32_t condition = none;
    std::uint32_t until = none;             // the event taken, or possessed, does not meet it
    contiguity gap = contiguity::strict;
    std::int64_t limit = 0;
    std::vector<std::uint32_t> ends{};      // no event of the gap, nor the one taken, meets these
};
using word = std::vector<token>;
using words = std::vector<word>;

bool must_be_absent(const pattern_part& part) {
    return part.kind == part_kind::absent || part.kind == part_kind::not_next;
}
std::size_t takes(const word& of) {
    return static_cast<std::size_t>(
        std::count_if(of.begin(), of.end(), [](const token& each) { return each.kind == token::what::take; }));
}
token absent_token(const pattern_part& part) {
    token made;
    made.kind = part.kind == part_kind::absent ? token::what::absent : token::what::not_next;
    made.condition = part.condition;
    return made;
}
struct too_many {};

struct writer {
    std::size_t longest;

    words joined(const words& left, const words& right) const {
        words all;
        for (const word& one : left) {
            for (const word& other : right) {
                if (takes(one) + takes(other) > longest) continue;
                all.push_back(one);
                all.back().insert(all.back().end(), other.begin(), other.end());
                if (all.size() > 2000) throw too_many{};
            }
        }
        return all;
    }
    // `gap`: of the group's first part, which is the group's own.
    words sequence(const std::vector<pattern_part>& parts, const contiguity* gap) const {
        words all{{}};
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (must_be_absent(parts[i])) {
                all = joined(all, {{absent_token(parts[i])}});
                continue;
            }
            word watched;
            for (std::size_t j = i + 1; j < parts.size() && must_be_absent(parts[j]); ++j) {
                watched.push_back(absent_token(parts[j]));
            }
            all = joined(all, of(parts[i], i == 0 && gap != nullptr ? *gap : parts[i].before, watched));
        }
        return all;
    }
    words once(const pattern_part& part, contiguity gap, bool again) const {
        words all;
        if (part.kind == part_kind::stage) {
            token take;
            take.stage = part.name;
            take.condition = part.condition;
            take.until = part.until;
            take.gap = gap;
            all = {{take}};
        } else if (part.kind == part_kind::group) {
            all = sequence(part.parts, &gap);
        } else {
            for (const pattern_part& branch : part.parts) {
                const words its = of(branch, gap, {});
                all.insert(all.end(), its.begin(), its.end());
            }
        }
        const std::int64_t limit = (again ? part.repetition_limit : part.gap_limit).count();
        for (word& each : all) {
            const auto first = std::find_if(each.begin(), each.end(), [](const token& one) {
                return one.kind == token::what::take;
            });
            if (first == each.end()) continue;
            if (again && part.until != none) first->ends.push_back(part.until);
            if (limit != 0) first->limit = first->limit == 0 ? limit : std::min(first->limit, limit);
        }
        return all;
    }
    words of(const pattern_part& part, contiguity gap, const word& watched) const {
        word tail;
        if (part.possessive && part.most != part.least && part.kind == part_kind::stage) {
            token kept;
            kept.kind = token::what::possessed;
            kept.condition = part.condition;
            kept.until = part.until;
            tail = {kept};
        }
        words all;
        words repeated = once(part, gap, false);
        for (std::uint32_t number = 1; !repeated.empty(); ++number) {
            if (number >= part.least) {
                const words ended = joined(repeated, {tail});
                all.insert(all.end(), ended.begin(), ended.end());
            } else {
                // A repetition that takes nothing is the last one.
                for (const word& each : repeated) {
                    if (takes(each) == 0) all.push_back(each);
                }
            }
            if (number == part.most) break;
            words more = once(part, part.between, true);
            std::erase_if(repeated, [](const word& each) { return takes(each) == 0; });
            words empty = more;
            std::erase_if(empty, [](const word& each) { return takes(each) != 0; });
            std::erase_if(more, [](const word& each) { return takes(each) == 0; });
            if (number < part.least) {
                const words ended = joined(repeated, empty);
                all.insert(all.end(), ended.begin(), ended.end());
            }
            repeated = joined(joined(repeated, {number >= part.least ? watched : word{}}), more);
        }
        if (part.optional) all.push_back(tail);
        return all;
    }
};

// The events of each stage, and where a match starts and ends.
struct found {
    std::map<std::string, std::vector<std::uint32_t>> events{};
    std::uint32_t first = 0, last = 0;
    friend auto operator<=>(const found&, const found&) = default;
};
using matches = std::set<found>;

struct trial {
    const std::vector<event>& events;
    std::int64_t within;
    bool ends_absent;
    matches all{};

    bool met(std::uint32_t condition, std::size_t at, const std::vector<std::uint32_t>& taken) const {
        const event& each = events[at];
        if (!met_alone(condition, each)) return false;
        if (condition < 4 || taken.empty()) return true;
        return met_after(condition, each, events[taken.front()].at, events[taken.back()].at);
    }
    // What stands in the gap allows the event at `at`, which is in it or ends it.
    bool allowed(const word& gap, std::size_t at, bool first, const std::vector<std::uint32_t>& taken) const {
        return std::none_of(gap.begin(), gap.end(), [&](const token& each) {
            if (each.kind == token::what::absent) return met(each.condition, at, taken);
            if (each.kind == token::what::not_next) return first && met(each.condition, at, taken);
            return met(each.condition, at, taken) && (each.until == none || !met(each.until, at, taken));
        });
    }
    bool would_take(const token& take, std::size_t at, const std::vector<std::uint32_t>& taken) const {
        return met(take.condition, at, taken) && (take.until == none || !met(take.until, at, taken));
    }
    void go_on(const word& of, std::size_t from, std::vector<std::uint32_t>& taken, found& so_far) {
        std::size_t next = from;
        while (next < of.size() && of[next].kind != token::what::take) ++next;
        const word gap(of.begin() + static_cast<std::ptrdiff_t>(from), of.begin() + static_cast<std::ptrdiff_t>(next));
        if (next == of.size()) return finish(gap, taken, so_far);
        const token& take = of[next];
        const std::size_t begin = taken.empty() ? 0 : taken.back() + 1;
        for (std::size_t at = begin; at < events.size(); ++at) {
            if (taken.empty()) {
                word kept = gap;
                std::erase_if(kept, [](const token& each) { return each.kind != token::what::possessed; });
                if (would_take(take, at, taken) && allowed(kept, at, true, taken)) step(of, next, at, taken, so_far);
                continue;
            }
            if (within != 0 && events[at].at - events[taken.front()].at >= within) return;
            if (take.limit != 0 && events[at].at - events[taken.back()].at >= take.limit) return;
            if (!allowed(gap, at, at == begin, taken)) return;
            for (const std::uint32_t each : take.ends) {
                if (met(each, at, taken)) return;
            }
            if (would_take(take, at, taken)) step(of, next, at, taken, so_far);
            const bool passes = take.gap == contiguity::any ||
                                (take.gap == contiguity::relaxed && !met(take.condition, at, taken));
            if (!passes) return;
        }
    }
    void step(const word& of, std::size_t next, std::size_t at, std::vector<std::uint32_t>& taken, found& so_far) {
        taken.push_back(static_cast<std::uint32_t>(at));
        so_far.events[of[next].stage].push_back(static_cast<std::uint32_t>(at));
        go_on(of, next + 1, taken, so_far);
        so_far.events[of[next].stage].pop_back();
        if (so_far.events[of[next].stage].empty()) so_far.events.erase(of[next].stage);
        taken.pop_back();
    }
    void finish(const word& gap, const std::vector<std::uint32_t>& taken, found& so_far) {
        if (taken.empty()) return;
        const auto has = [&](token::what kind) {
            return std::any_of(gap.begin(), gap.end(), [&](const token& each) { return each.kind == kind; });
        };
        const bool needs_time = has(token::what::absent);
        // not_next looks at an event: without a next one there is none that is another.
        bool seen = needs_time || !has(token::what::not_next);
        for (std::size_t at = taken.back() + 1; ends_absent && at < events.size(); ++at) {
            if (within != 0 && events[at].at - events[taken.front()].at >= within) break;
            // Only what must be absent is waited for: a loop gives away what comes behind the match.
            if (!allowed(gap, at, at == taken.back() + 1U, taken)) return;
            seen = true;
            if (!needs_time) break;
        }
        if (ends_absent && !seen) return;
        so_far.first = taken.front();
        so_far.last = taken.back();
        all.insert(so_far);
    }
};

// Whether the last thing that the pattern says is that something must be absent.
bool ends_with_absence(const std::vector<pattern_part>& parts) {
    const pattern_part& last = parts.back();
    return must_be_absent(last) || (last.kind == part_kind::group && ends_with_absence(last.parts));
}

matches by_definition(const weir::pattern_tree& tree, const std::vector<event>& events) {
    trial tried{events, tree.within.count(), ends_with_absence(tree.parts)};
    for (const word& each : writer{events.size()}.sequence(tree.parts, nullptr)) {
        std::vector<std::uint32_t> taken;
        found so_far;
        tried.go_on(each, 0, taken, so_far);
    }
    return tried.all;
}

std::vector<found> by_engine(const weir::pattern_tree& tree, const std::vector<event>& events) {
    const random_pattern pattern(tree);
    const weir::pattern_image& image = *pattern.image();
    weir::detail::pattern_runs<event> runs(image);
    weir::detail::pattern_key key;
    std::vector<found> all;
    const auto report = [&] {
        runs.report_matches(key, [&](const weir::pattern_chain<event>& chain) {
            found one;
            for (std::uint32_t stage = 0; stage < image.stages.size(); ++stage) {
                for (const event& each : chain.events(stage)) one.events[image.stages[stage]].push_back(each.number);
            }
            one.first = static_cast<std::uint32_t>(events.size());
            for (const auto& [name, numbers] : one.events) {
                one.first = std::min(one.first, numbers.front());
                one.last = std::max(one.last, numbers.back());
            }
            all.push_back(one);
        });
        runs.report_timed_out(key, [](const weir::pattern_chain<event>&) {});
    };
    for (const event& each : events) {
        runs.expire(key, time_of(each.at));
        report();
        runs.take(key, pattern, each, time_of(each.at));
        report();
    }
    runs.expire(key, time_of(1'000'000));
    report();
    return all;
}

struct maker {
    weir::testing::seeded& choose;
    std::uint32_t stages = 0;

    bool one_in(std::uint64_t n) { return choose.below(n) == 0; }
    std::uint32_t condition() { return static_cast<std::uint32_t>(choose.below(conditions)); }
    contiguity gap() { return static_cast<contiguity>(choose.below(3)); }
    pattern_part part(int depth, bool may_be_absent) {
        pattern_part made;
        made.before = gap();
        if (may_be_absent && one_in(5)) {
            made.kind = one_in(2) ? part_kind::absent : part_kind::not_next;
        } else if (depth > 0 && one_in(5)) {
            made.kind = one_in(2) ? part_kind::group : part_kind::branches;
            for (std::uint64_t left = 1 + choose.below(2); left > 0 || made.parts.empty(); --left) {
                made.parts.push_back(part(depth - 1, made.kind == part_kind::group && !made.parts.empty()));
            }
        }
        if (made.kind == part_kind::stage || must_be_absent(made)) {
            made.name = std::string(1, static_cast<char>('a' + stages++));
            made.condition = condition();
        }
        if (must_be_absent(made)) return made;
        if (one_in(2)) {
            made.least = static_cast<std::uint32_t>(1 + choose.below(2));
            made.most = one_in(2) ? pattern_part::unbounded : made.least + static_cast<std::uint32_t>(choose.below(2));
            if (made.most == pattern_part::unbounded && one_in(3)) made.until = condition();
        }
        made.between = gap();
        made.optional = one_in(4);
        made.possessive = one_in(6);
        made.reluctant = one_in(6);
        if (one_in(8)) made.gap_limit = weir::duration{static_cast<std::int64_t>(1 + choose.below(4))};
        if (one_in(8)) made.repetition_limit = weir::duration{static_cast<std::int64_t>(1 + choose.below(4))};
        return made;
    }
    weir::pattern_tree tree() {
        weir::pattern_tree made;
        for (std::uint64_t left = 1 + choose.below(3); left > 0; --left) {
            made.parts.push_back(part(2, !made.parts.empty()));
        }
        made.within = weir::duration{static_cast<std::int64_t>(2 + choose.below(12))};
        made.skip.kind = one_in(2) ? weir::skip_kind::none
                         : one_in(2) ? weir::skip_kind::to_next
                                     : weir::skip_kind::past_last;
        return made;
    }
    std::vector<event> events() {
        std::vector<event> made;
        std::int64_t at = 0;
        for (std::uint64_t count = 1 + choose.below(7); made.size() < count;) {
            at += static_cast<std::int64_t>(choose.below(3));
            made.push_back({static_cast<std::uint32_t>(made.size()), static_cast<std::uint32_t>(choose.below(16)), at});
        }
        return made;
    }
};

void write(std::ostream& to, const std::vector<pattern_part>& parts) {
    static const char* const gaps[]{"next", "followed_by", "followed_by_any"};
    static const char* const kinds[]{"", " group", " branches", " absent", " not_next"};
    to << "(";
    for (const pattern_part& each : parts) {
        to << " " << gaps[static_cast<int>(each.before)] << kinds[static_cast<int>(each.kind)] << " " << each.name;
        if (each.condition != none) to << "?" << each.condition;
        if (!each.parts.empty()) write(to, each.parts);
        to << " {" << each.least << "," << each.most << " " << gaps[static_cast<int>(each.between)] << "}";
        if (each.optional) to << " optional";
        if (each.possessive) to << " possessive";
        if (each.reluctant) to << " reluctant";
        if (each.until != none) to << " until ?" << each.until;
        if (each.gap_limit.count() != 0) to << " gap<" << each.gap_limit.count();
        if (each.repetition_limit.count() != 0) to << " repeated<" << each.repetition_limit.count();
        to << ";";
    }
    to << " )";
}
template <class All> std::string text_of(const All& all) {
    std::ostringstream to;
    for (const found& each : all) {
        to << " [";
        for (const auto& [name, numbers] : each.events) {
            to << " " << name;
            for (const std::uint32_t number : numbers) to << number;
        }
        to << " ]";
    }
    return to.str();
}

// With a skip rule a match that starts below the floor is ruled out; of those that start alike, any may be preferred.
std::string wrong_after_skip(weir::skip_kind skip, const matches& expected, const std::vector<found>& reported) {
    std::uint32_t floor = 0;
    std::size_t at = 0;
    while (true) {
        const auto due = std::find_if(expected.begin(), expected.end(), [&](const found& each) {
            return each.first >= floor &&
                   std::none_of(expected.begin(), expected.end(), [&](const found& other) {
                       return other.first >= floor && other.first < each.first;
                   });
        });
        if (due == expected.end()) return at == reported.size() ? "" : "too many";
        if (at == reported.size()) return "too few";
        if (reported[at].first != due->first || !expected.contains(reported[at])) return "another one";
        floor = (skip == weir::skip_kind::to_next ? reported[at].first : reported[at].last) + 1;
        ++at;
    }
}

std::string difference(const weir::pattern_tree& tree, const std::vector<event>& events) {
    const matches expected = by_definition(tree, events);
    const std::vector<found> reported = by_engine(tree, events);
    std::string why;
    if (tree.skip.kind == weir::skip_kind::none) {
        if (expected != matches(reported.begin(), reported.end())) why = "another set";
    } else {
        why = wrong_after_skip(tree.skip.kind, expected, reported);
    }
    if (why.empty()) return why;
    std::ostringstream to;
    to << why << ": ";
    write(to, tree.parts);
    to << " within " << tree.within.count() << " skip " << static_cast<int>(tree.skip.kind) << "\nevents (time, bits)";
    for (const event& each : events) to << " (" << each.at << ", " << each.bits << ")";
    to << "\nby definition" << text_of(expected) << "\nreported" << text_of(reported);
    return to.str();
}

// Events that are not needed to show it are left out.
std::string smallest_difference(const weir::pattern_tree& tree, std::vector<event> events) {
    std::string why = difference(tree, events);
    for (std::size_t i = 0; !why.empty() && i < events.size();) {
        std::vector<event> fewer = events;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        for (std::size_t j = 0; j < fewer.size(); ++j) fewer[j].number = static_cast<std::uint32_t>(j);
        const std::string still = difference(tree, fewer);
        if (still.empty()) {
            ++i;
        } else {
            why = still;
            events = fewer;
        }
    }
    return why;
}

}  // namespace

TEST_CASE("what a random pattern finds is what the definition says", "[pattern][property]") {
    std::size_t checked = 0, with_matches = 0, failed = 0;
    for (std::uint64_t seed = 0; checked < 20'000; ++seed) {
        weir::testing::seeded choose(seed);
        maker make{choose};
        const weir::pattern_tree tree = make.tree();
        const std::vector<event> events = make.events();
        try {
            const std::string wrong = smallest_difference(tree, events);
            CAPTURE(seed);
            if (!wrong.empty() && ++failed <= 5) CHECK(wrong == "");
            with_matches += by_definition(tree, events).empty() ? 0 : 1;
            ++checked;
        } catch (const too_many&) {
            continue;
        }
    }
    CHECK(failed == 0);
    CHECK(with_matches > checked / 4);
}
