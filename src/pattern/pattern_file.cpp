// SPDX-License-Identifier: Apache-2.0
#include <weir/pattern/pattern_file.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include <weir/record/time_text.hpp>

#include "located_json.hpp"

namespace weir::detail {
namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 20U;
constexpr std::size_t most_conditions = 64;
constexpr std::uint64_t most_positions = 256;

[[noreturn]] void refuse_at(std::string_view text, std::size_t at, const std::string& path, const std::string& why) {
    throw error(error_kind::configuration,
                "pattern: " + line_and_column(text, at) + (path.empty() ? "" : ", " + path) + ": " + why);
}
[[noreturn]] void refuse(const located_json& where, const std::string& why) {
    refuse_at(where.text, where.at, where.path, why);
}

void must_be_object(const located_json& given, std::string_view what) {
    if (!given.value->is_object()) refuse(given, std::string(what) + " is an object, in { and }");
    if (given.has_twin_members()) refuse(given, "a name stands twice in this object");
}
void must_be_array(const located_json& given) {
    if (!given.value->is_array()) refuse(given, "this is a list of stages, in [ and ]");
}
template <std::size_t Count>
void must_know_members(const located_json& given, const std::array<std::string_view, Count>& known) {
    for (const auto& each : given.value->as_object()) {
        if (std::find(known.begin(), known.end(), std::string_view(each.key())) != known.end()) continue;
        std::string all;
        for (const std::string_view one : known) all += (all.empty() ? "" : ", ") + std::string(one);
        located_json its = given.member(each.key());
        its.path = given.path;
        refuse(its, "'" + std::string(each.key()) + "' is nothing that can be said here: there are " + all);
    }
}
std::string text_of(const located_json& given) {
    if (!given.value->is_string()) refuse(given, "this is a text, in quotes");
    return std::string(given.value->as_string());
}
bool flag_of(const located_json& given) {
    if (given.value == nullptr) return false;
    if (!given.value->is_bool()) refuse(given, "this is true or false");
    return given.value->as_bool();
}
std::uint32_t count_of(const located_json& given) {
    boost::system::error_code wrong;
    const auto count = given.value->to_number<std::uint32_t>(wrong);
    if (wrong || given.value->is_double() || count == 0) refuse(given, "this is a whole number above zero");
    return count;
}
duration limit_of(const located_json& given) {
    if (given.value == nullptr) return {};
    duration limit{};
    if (parse_duration(text_of(given), limit) != text_error::none || limit <= duration::zero()) {
        refuse(given, "this is a span of time above zero: say \"10s\", \"5m\", \"250ms\"");
    }
    return limit;
}

constexpr std::array<std::string_view, 5> top_members{"description", "stages", "within", "skip", "allow_unbounded"};
constexpr std::array<std::string_view, 18> part_members{
    "stage", "absent", "group", "one_of", "where", "follows", "times", "times_or_more", "one_or_more", "optional",
    "consecutive", "allow_combinations", "until", "possessive", "reluctant", "within_gap", "repeated_within",
    "description"};

struct fold_word {
    std::string_view written;
    fold_kind means;
};
constexpr std::array<fold_word, 6> fold_words{{{"first", fold_kind::first}, {"last", fold_kind::last},
                                               {"sum", fold_kind::sum}, {"min", fold_kind::least},
                                               {"max", fold_kind::greatest}, {"count", fold_kind::count}}};

class reader {
  public:
    explicit reader(std::span<const expression_field> fields) : fields_(fields) {}

    pattern_file read(const located_json& given) {
        must_be_object(given, "a pattern");
        must_know_members(given, top_members);
        pattern_tree tree;
        tree.within = limit_of(given.member("within"));
        tree.unbounded = flag_of(given.member("allow_unbounded"));
        check_description(given);
        tree.parts = parts_of(given, "stages");
        tree.skip = skip_of(given.member("skip"));
        if (positions_of(tree.parts) > most_positions) {
            refuse(given.member("stages"), "stages are counted one by one: all repetitions together are at most " +
                                               std::to_string(most_positions));
        }
        pattern_image image = compiled(tree, given);
        for (const located_json& each : conditions_) add_condition(each, image);
        for (const expression& each : made_.conditions) image.conditions_say += "\n" + each.canonical();
        made_.image = std::make_shared<const pattern_image>(std::move(image));
        return std::move(made_);
    }

  private:
    static void check_description(const located_json& given) {
        const located_json found = given.member("description");
        if (found.value != nullptr) static_cast<void>(text_of(found));
    }
    // What the automaton says of a pattern that makes no sense has no place but the whole.
    pattern_image compiled(const pattern_tree& tree, const located_json& given) const {
        try {
            return compile_pattern(tree, static_cast<std::uint32_t>(conditions_.size()));
        } catch (const error& why) {
            std::string sentence = why.what();
            if (sentence.starts_with("pattern: ")) sentence.erase(0, 9);
            refuse(given.member("stages"), sentence);
        }
    }
    static std::uint64_t positions_of(const std::vector<pattern_part>& parts) {
        std::uint64_t all = 0;
        for (const pattern_part& each : parts) {
            const std::uint64_t times = std::max<std::uint64_t>(each.least, each.most);
            const std::uint64_t inner = each.parts.empty() ? 1 : positions_of(each.parts);
            all += std::min<std::uint64_t>(times, most_positions + 1) * std::min(inner, most_positions + 1);
        }
        return std::min(all, most_positions + 1);
    }

    std::vector<pattern_part> parts_of(const located_json& of, std::string_view name) {
        const located_json given = of.member(name);
        if (given.value == nullptr) refuse(of, "there is no '" + std::string(name) + "', which is needed");
        must_be_array(given);
        std::vector<pattern_part> parts;
        for (std::size_t i = 0; i < given.value->as_array().size(); ++i) parts.push_back(part_of(given.element(i)));
        return parts;
    }
    pattern_part part_of(const located_json& given) {
        must_be_object(given, "a stage");
        must_know_members(given, part_members);
        check_description(given);
        pattern_part part;
        const std::string_view kind = kind_of(given);
        const std::string follows = follows_of(given);
        if (kind == "group" || kind == "one_of") {
            part.kind = kind == "group" ? part_kind::group : part_kind::branches;
            if (given.member("where").value != nullptr) {
                refuse(given.member("where"), "conditions belong to the stages of a " + std::string(kind));
            }
            part.parts = parts_of(given, kind);
        } else {
            part.name = text_of(given.member(kind));
            part.condition = condition_at(given, "where", "a stage has a condition: \"where\"");
        }
        part.before = follows == "next" ? contiguity::strict
                      : follows == "followed_by_any" ? contiguity::any
                                                     : contiguity::relaxed;
        if (kind == "absent") {
            if (part.before == contiguity::any) {
                refuse(given.member("follows"), "what is absent follows by next or followed_by");
            }
            part.kind = part.before == contiguity::strict ? part_kind::not_next : part_kind::absent;
        }
        set_repetitions(part, given, kind == "absent");
        part.gap_limit = limit_of(given.member("within_gap"));
        return part;
    }
    static std::string_view kind_of(const located_json& given) {
        std::string_view kind;
        for (const std::string_view each : {"stage", "absent", "group", "one_of"}) {
            if (given.member(each).value == nullptr) continue;
            if (!kind.empty()) {
                refuse(given, "this is both '" + std::string(kind) + "' and '" + std::string(each) + "'");
            }
            kind = each;
        }
        if (kind.empty()) refuse(given, "this has no 'stage', 'absent', 'group' or 'one_of'");
        return kind;
    }
    static std::string follows_of(const located_json& given) {
        const located_json found = given.member("follows");
        if (found.value == nullptr) return "followed_by";
        std::string how = text_of(found);
        if (how != "next" && how != "followed_by" && how != "followed_by_any") {
            refuse(found, "'" + how + "' is no way to follow: there are next, followed_by, followed_by_any");
        }
        return how;
    }
    void set_repetitions(pattern_part& part, const located_json& given, bool absent) {
        if (absent) {
            for (const std::string_view each : {"times", "times_or_more", "one_or_more", "optional", "consecutive",
                                                "allow_combinations", "until", "possessive", "reluctant",
                                                "repeated_within"}) {
                if (given.member(each).value == nullptr) continue;
                refuse(given.member(each), "what is absent is neither optional nor repeated");
            }
            return;
        }
        const located_json times = given.member("times");
        const located_json or_more = given.member("times_or_more");
        const bool one_or_more = flag_of(given.member("one_or_more"));
        if ((times.value != nullptr) + (or_more.value != nullptr) + (one_or_more ? 1 : 0) > 1) {
            refuse(given, "of 'times', 'times_or_more' and 'one_or_more' there is one");
        }
        if (times.value != nullptr && times.value->is_array()) {
            if (times.value->as_array().size() != 2) refuse(times, "times is a number, or a list of least and most");
            part.least = count_of(times.element(0));
            part.most = count_of(times.element(1));
        } else if (times.value != nullptr) {
            part.least = part.most = count_of(times);
        } else if (or_more.value != nullptr || one_or_more) {
            part.least = one_or_more ? 1 : count_of(or_more);
            part.most = pattern_part::unbounded;
        }
        part.optional = flag_of(given.member("optional"));
        part.possessive = flag_of(given.member("possessive"));
        part.reluctant = flag_of(given.member("reluctant"));
        const bool consecutive = flag_of(given.member("consecutive"));
        const bool combinations = flag_of(given.member("allow_combinations"));
        if (consecutive && combinations) refuse(given, "of 'consecutive' and 'allow_combinations' there is one");
        if (consecutive) part.between = contiguity::strict;
        if (combinations) part.between = contiguity::any;
        part.repetition_limit = limit_of(given.member("repeated_within"));
        if (given.member("until").value != nullptr) part.until = condition_at(given, "until", "");
    }
    std::uint32_t condition_at(const located_json& given, std::string_view name, const char* if_missing) {
        located_json found = given.member(name);
        if (found.value == nullptr) refuse(given, if_missing);
        static_cast<void>(text_of(found));
        if (conditions_.size() == most_conditions) {
            refuse(found, "a pattern has at most " + std::to_string(most_conditions) + " conditions");
        }
        conditions_.push_back(std::move(found));
        return static_cast<std::uint32_t>(conditions_.size() - 1);
    }
    static skip_rule skip_of(const located_json& given) {
        if (given.value == nullptr) return {};
        if (given.value->is_string()) {
            const std::string how = text_of(given);
            if (how == "to_next") return {skip_kind::to_next, {}, false};
            if (how == "past_last") return {skip_kind::past_last, {}, false};
        } else if (given.value->is_object() && given.value->as_object().size() == 1) {
            const located_json first = given.member("to_first");
            const located_json last = given.member("to_last");
            if (first.value != nullptr) return {skip_kind::to_first, text_of(first), false};
            if (last.value != nullptr) return {skip_kind::to_last, text_of(last), false};
        }
        refuse(given, "skip is \"to_next\", \"past_last\", {\"to_first\": stage} or {\"to_last\": stage}");
    }

    void add_condition(const located_json& given, const pattern_image& image) {
        const std::string text = text_of(given);
        const expression_scope scope{
            fields_, [&](std::string_view function, std::string_view name) { return fold_of(function, name, image); }};
        try {
            made_.conditions.push_back(expression::compile(text, scope));
        } catch (const expression_mistake& why) {
            refuse_at(given.text, given.place_in_string(why.at()), given.path, why.what());
        }
    }
    resolved_call fold_of(std::string_view function, std::string_view name, const pattern_image& image) {
        const auto* const word = std::find_if(fold_words.begin(), fold_words.end(),
                                              [&](const fold_word& each) { return each.written == function; });
        if (word == fold_words.end()) return "no function is named '" + std::string(function) + "'";
        const std::size_t dot = std::min(name.find('.'), name.size());
        const std::string stage(name.substr(0, dot));
        stage_fold made{word->means, image.stage_named(stage), 0, expression_type::whole};
        if (made.stage == pattern_image::none) return "no stage that takes events is named '" + stage + "'";
        if (made.kind == fold_kind::count) {
            if (dot != name.size()) return std::string("count(...) takes a stage, without a field");
            return numbered(made);
        }
        if (dot == name.size()) return std::string(function) + "(...) takes a field of a stage: say stage.field";
        const std::string_view field = name.substr(dot + 1);
        const auto found = std::find_if(fields_.begin(), fields_.end(),
                                        [&](const expression_field& each) { return each.name == field; });
        if (found == fields_.end()) return "no field is named '" + std::string(field) + "'";
        if (found->read == nullptr) {
            return "field '" + std::string(field) + "' has a type that conditions cannot use";
        }
        made.field = static_cast<std::uint32_t>(found - fields_.begin());
        made.type = found->type;
        const bool summed = made.type == expression_type::whole || made.type == expression_type::natural ||
                            made.type == expression_type::real || made.type == expression_type::span;
        if (made.kind == fold_kind::sum && !summed) {
            return "sum(...) takes numbers or spans of time, and this is " + std::string(to_text(made.type));
        }
        return numbered(made);
    }
    expression_call numbered(const stage_fold& fold) {
        made_.folds.push_back(fold);
        return {fold.type, static_cast<std::uint32_t>(made_.folds.size() - 1)};
    }

    std::span<const expression_field> fields_;
    std::vector<located_json> conditions_;
    pattern_file made_;
};

}  // namespace

pattern_file read_pattern_file(std::string_view json, std::span<const expression_field> fields,
                               std::initializer_list<std::string_view> needed) {
    if (json.size() > most_bytes) refuse_at({}, 0, {}, "a pattern is at most 1 MiB of text");
    boost::json::stream_parser parser;
    boost::system::error_code wrong;
    const std::size_t read = parser.write_some(json.data(), json.size(), wrong);
    if (!wrong && read == json.size()) parser.finish(wrong);
    const std::size_t rest = json.find_first_not_of(" \t\r\n", read);
    if (wrong) refuse_at(json, read, {}, "this is no JSON: " + wrong.message());
    if (rest != std::string_view::npos) refuse_at(json, rest, {}, "this is no JSON: something stands behind its end");
    const boost::json::value whole = parser.release();
    const std::size_t begin = std::min(json.find_first_not_of(" \t\r\n"), json.size());
    const located_json given{json, &whole, begin, {}};
    pattern_file made = reader(fields).read(given);
    for (const std::string_view each : needed) {
        if (made.image->stage_named(std::string(each)) != pattern_image::none) continue;
        refuse(given.member("stages"), "no stage that takes events is named '" + std::string(each) +
                                           "', which the program asks for");
    }
    return made;
}

std::uint32_t stage_asked_for(const pattern_image& image, std::string_view name) {
    for (std::size_t i = 0; i < image.stages.size(); ++i) {
        if (image.stages[i] == name) return static_cast<std::uint32_t>(i);
    }
    throw error(error_kind::user, "match: this pattern has no stage named '" + std::string(name) +
                                      "' that takes events: load_pattern<Event>(text, {\"" + std::string(name) +
                                      "\"}) says so when it is read");
}

}  // namespace weir::detail
