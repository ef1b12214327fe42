// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include <weir/record/type_tree.hpp>

namespace weir {
namespace {

constexpr unsigned deepest = 200;  // what nests deeper is no type of a person's

struct named_kind {
    std::string_view head;
    type_kind kind;
    std::size_t parts;
};
constexpr std::array<named_kind, 11> kinds{{{"bool", type_kind::boolean, 0},
                                            {"char", type_kind::character, 0},
                                            {"text", type_kind::text, 0},
                                            {"time", type_kind::time, 0},
                                            {"duration", type_kind::span, 0},
                                            {"time", type_kind::time, 1},
                                            {"duration", type_kind::span, 1},
                                            {"optional", type_kind::optional, 1},
                                            {"list", type_kind::list, 1},
                                            {"map", type_kind::map, 2},
                                            {"set", type_kind::set, 1}}};
constexpr std::array<std::string_view, 10> numbers{"i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64"};

std::optional<number_type> number_named(std::string_view head) {
    const auto found = std::find(numbers.begin(), numbers.end(), head);
    if (found == numbers.end()) return std::nullopt;
    return static_cast<number_type>(found - numbers.begin());
}

template <class Number>
bool parse_number(std::string_view text, Number& value) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc{} && end == text.data() + text.size();
}

class parser {
  public:
    explicit parser(std::string_view text) : text_(text) {}

    bool parse(type_tree& made, bool named, unsigned depth) {
        if (named) {
            const std::size_t colon = text_.find(':', at_);
            if (colon == std::string_view::npos || colon == at_ || colon > text_.find_first_of("<>{},", at_)) {
                return false;
            }
            made.name = text_.substr(at_, colon - at_);
            at_ = colon + 1;
        }
        const std::size_t begin = at_;
        at_ = std::min(text_.find_first_of("<>{},", at_), text_.size());
        const std::string_view head = text_.substr(begin, at_ - begin);
        const char open = at_ < text_.size() ? text_[at_] : '\0';
        const bool has_parts = open == '<' || open == '{';
        if (has_parts && (depth == deepest || !parse_parts(made, open, head == "struct" && open == '{', depth))) {
            return false;
        }
        made.text = text_.substr(begin, at_ - begin);
        if (made.text.empty()) return false;
        classify(made, head, open);
        return true;
    }
    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

  private:
    bool parse_parts(type_tree& of, char open, bool named, unsigned depth) {
        const char close = open == '<' ? '>' : '}';
        if (++at_ < text_.size() && text_[at_] == close) {
            ++at_;
            return true;
        }
        while (true) {
            if (!parse(of.parts.emplace_back(), named, depth + 1) || at_ == text_.size()) return false;
            const char next = text_[at_++];
            if (next == close) return true;
            if (next != ',') return false;
        }
    }

    static void classify(type_tree& made, std::string_view head, char open) {
        if (open != '<' && open != '{') {
            if (const auto number = number_named(head)) {
                made.kind = type_kind::number;
                made.number = *number;
                return;
            }
            if (const auto number = number_named(head.substr(std::min<std::size_t>(head.size(), 5)));
                number && head.starts_with("enum:")) {
                made.kind = type_kind::enumeration;
                made.number = *number;
                return;
            }
        }
        if (open == '{') {
            if (head == "struct") made.kind = type_kind::structure;
            if (head == "enum" && !made.parts.empty() && number_enumerators(made)) made.kind = type_kind::enumeration;
            return;
        }
        if (head == "tuple" && open == '<') made.kind = type_kind::tuple;
        if (head == "array" && made.parts.size() == 2 && parse_number(made.parts[1].text, made.length)) {
            made.kind = type_kind::array;
            made.parts.pop_back();
        }
        for (const named_kind& each : kinds) {
            if (each.head == head && each.parts == made.parts.size() && (open == '<') == (each.parts != 0)) {
                made.kind = each.kind;
            }
        }
    }

    static bool number_enumerators(type_tree& made) {
        std::int64_t next = 0;
        for (type_tree& each : made.parts) {
            const std::size_t equals = each.text.find('=');
            each.name = each.text.substr(0, equals);
            each.value = next;
            if (!each.parts.empty()) return false;
            if (equals != std::string::npos && !parse_number(each.text.substr(equals + 1), each.value)) {
                return false;
            }
            next = static_cast<std::int64_t>(static_cast<std::uint64_t>(each.value) + 1);
        }
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::size_t bytes_of(number_type number) {
    constexpr std::array<std::size_t, 10> bytes{1, 2, 4, 8, 1, 2, 4, 8, 4, 8};
    return bytes[static_cast<std::size_t>(number)];
}

// Whoever has no content writes a zero.
void skip_nothing(binary_reader& reader) {
    if (reader.read_fixed<std::uint8_t>() != 0) {
        detail::refuse_snapshot("the snapshot is damaged: a value without content is not written as zero");
    }
}

}  // namespace

std::optional<type_tree> parse_type(std::string_view tag) {
    type_tree made;
    parser parsing(tag);
    if (!parsing.parse(made, false, 0) || !parsing.at_end()) return std::nullopt;
    return made;
}

const type_tree* part_named(const type_tree& type, std::string_view name) {
    const auto found = std::find_if(type.parts.begin(), type.parts.end(),
                                    [&](const type_tree& each) { return each.name == name; });
    return found == type.parts.end() ? nullptr : &*found;
}

bool can_skip(const type_tree& type, std::string& own) {
    if (type.kind == type_kind::own) {
        own = type.text;
        return false;
    }
    if (type.kind == type_kind::enumeration || type.kind == type_kind::time || type.kind == type_kind::span) {
        return true;
    }
    return std::all_of(type.parts.begin(), type.parts.end(),
                       [&](const type_tree& each) { return can_skip(each, own); });
}

void skip_value(binary_reader& reader, const type_tree& type) {
    const auto skip_parts = [&] {
        for (const type_tree& each : type.parts) skip_value(reader, each);
    };
    switch (type.kind) {
        case type_kind::boolean: static_cast<void>(reader.read_bool()); return;
        case type_kind::character: static_cast<void>(reader.read_bytes(1)); return;
        case type_kind::number: static_cast<void>(reader.read_bytes(bytes_of(type.number))); return;
        case type_kind::time:
        case type_kind::span:
        case type_kind::enumeration: static_cast<void>(reader.read_bytes(8)); return;
        case type_kind::text: static_cast<void>(reader.read_bytes(reader.read_count())); return;
        case type_kind::optional:
            if (reader.read_bool()) skip_parts();
            return;
        case type_kind::array:
            if (type.length == 0) skip_nothing(reader);
            for (std::uint64_t i = 0; i < type.length; ++i) skip_parts();
            return;
        case type_kind::list:
        case type_kind::map:
        case type_kind::set:
            for (std::size_t count = reader.read_count(); count > 0; --count) skip_parts();
            return;
        case type_kind::tuple:
        case type_kind::structure:
            if (type.parts.empty()) skip_nothing(reader);
            skip_parts();
            return;
        case type_kind::own: break;
    }
    throw error(error_kind::internal, "a value of type " + type.text + " has an encoding of its own");
}

}  // namespace weir
