// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <weir/record/schema.hpp>

namespace weir {
namespace {

constexpr std::string_view separators = "<>{},";
constexpr unsigned deepest = 200;  // what nests deeper is no type of a person's

// A tag, taken apart: struct{x:f64,y:list<text>} has the head "struct" and the parts x and y.
struct taken_apart {
    std::string_view name;  // within a struct; else empty
    std::string_view text;
    std::string_view head;
    std::vector<taken_apart> parts;

    [[nodiscard]] bool is_struct() const { return head == "struct"; }
};

class parser {
  public:
    explicit parser(std::string_view text) : text_(text) {}

    taken_apart parse(bool named, unsigned depth = 0) {
        taken_apart made;
        if (named) {
            const std::size_t colon = text_.find(':', at_);
            const std::size_t other = text_.find_first_of(separators, at_);
            if (colon < other) {
                made.name = text_.substr(at_, colon - at_);
                at_ = colon + 1;
            }
        }
        const std::size_t begin = at_;
        at_ = std::min(text_.find_first_of(separators, at_), text_.size());
        made.head = text_.substr(begin, at_ - begin);
        if (depth < deepest && at_ < text_.size() && (text_[at_] == '<' || text_[at_] == '{')) {
            const bool fields = text_[at_] == '{' && made.is_struct();
            do {
                ++at_;
                made.parts.push_back(parse(fields, depth + 1));
            } while (at_ < text_.size() && text_[at_] == ',');
            if (at_ < text_.size()) ++at_;  // what closes it
        }
        made.text = text_.substr(begin, at_ - begin);
        return made;
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

std::string subject(const std::string& path) { return path.empty() ? "it" : path; }

const taken_apart* field(const taken_apart& of, std::string_view name) {
    const auto found = std::find_if(of.parts.begin(), of.parts.end(),
                                    [&](const taken_apart& each) { return each.name == name; });
    return found == of.parts.end() ? nullptr : &*found;
}

std::string difference(const std::string& path, const taken_apart& was, const taken_apart& is);

std::string difference_of_structs(const std::string& path, const taken_apart& was, const taken_apart& is) {
    std::string all;
    const auto say = [&all](const std::string& sentence) {
        if (!sentence.empty()) all += (all.empty() ? "" : "; ") + sentence;
    };
    for (const taken_apart& each : was.parts) {
        const taken_apart* const now = field(is, each.name);
        const std::string name(each.name);
        if (now == nullptr) {
            say(subject(path) + " has no field '" + name + "' any more, which was " + std::string(each.text));
        } else {
            say(difference(path.empty() ? name : path + "." + name, each, *now));
        }
    }
    for (const taken_apart& each : is.parts) {
        if (field(was, each.name) != nullptr) continue;
        say(subject(path) + " has a new field '" + std::string(each.name) + "', which is " + std::string(each.text));
    }
    if (!all.empty()) return all;
    for (std::size_t i = 0; i < std::min(was.parts.size(), is.parts.size()); ++i) {
        if (was.parts[i].name == is.parts[i].name) continue;
        return subject(path) + " has its fields in another order: '" + std::string(was.parts[i].name) +
               "' was where '" + std::string(is.parts[i].name) + "' is";
    }
    return subject(path) + " has another number of fields";  // of one name
}

std::string other_text(const std::string& path, std::string_view was, std::string_view is) {
    const auto text = [](std::string_view each) {
        return each.empty() ? std::string("nothing known") : std::string(each);
    };
    return subject(path) + " was " + text(was) + " and is " + text(is);
}

std::string difference(const std::string& path, const taken_apart& was, const taken_apart& is) {
    if (was.text == is.text) return {};
    if (was.is_struct() && is.is_struct()) return difference_of_structs(path, was, is);
    if (was.head == is.head && was.head != "enum" && was.parts.size() == is.parts.size()) {
        for (std::size_t i = 0; i < was.parts.size(); ++i) {
            if (was.parts[i].text == is.parts[i].text) continue;
            if (was.parts[i].parts.empty() || is.parts[i].parts.empty()) break;
            const std::string place = was.parts.size() == 1 ? "[]" : "[" + std::to_string(i) + "]";
            return difference(path + place, was.parts[i], is.parts[i]);
        }
    }
    return other_text(path, was.text, is.text);
}

}  // namespace

std::string word_in_tag(std::string_view text) {
    std::string made(text);
    for (char& each : made) {
        if (separators.find(each) != std::string_view::npos || each == ':') each = '_';
    }
    return made;
}

std::string tag_difference(std::string_view was, std::string_view is) {
    if (was == is) return {};
    const std::string found = difference({}, parser(was).parse(false), parser(is).parse(false));
    return found.empty() ? other_text({}, was, is) : found;  // one of them is no tag
}

}  // namespace weir
