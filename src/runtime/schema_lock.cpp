// SPDX-License-Identifier: Apache-2.0
// The text of a lock file: written, and read again.
#include <algorithm>
#include <charconv>
#include <set>

#include <weir/base/error.hpp>
#include <weir/record/type_tree.hpp>
#include <weir/runtime/schema_lock.hpp>

#include <fmt/format.h>

namespace weir {
namespace {

constexpr unsigned version = 1;

std::string quoted(std::string_view text) {
    std::string made = "\"";
    for (const char each : text) {
        const auto byte = static_cast<unsigned char>(each);
        if (each == '"' || each == '\\') {
            made += '\\';
            made += each;
        } else if (byte < 0x20 || byte == 0x7F) {
            made += fmt::format("\\x{:02x}", byte);
        } else {
            made += each;
        }
    }
    return made + "\"";
}

std::string_view trimmed(std::string_view line) {
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
    return line;
}

// A tag with a line for each field of its structs: struct{a:i32,b:list<struct{c:text}>} as
//   struct{
//     a: i32
//     b: list<struct{
//       c: text
//     }>
//   }
std::string spread_out(std::string_view tag, std::size_t margin) {
    std::string made;
    std::vector<bool> open;  // whether by a struct
    const auto new_line = [&] {
        made += '\n';
        made.append(margin + 2 * static_cast<std::size_t>(std::count(open.begin(), open.end(), true)), ' ');
    };
    bool in_name = false;
    for (std::size_t i = 0; i < tag.size(); ++i) {
        const char each = tag[i];
        const bool in_struct = !open.empty() && open.back();
        if (each == '{' || each == '<') {
            const bool fields = each == '{' && tag.substr(0, i).ends_with("struct") && i + 1 < tag.size() &&
                                tag[i + 1] != '}';
            made += each;
            open.push_back(fields);
            if (fields) new_line();
            in_name = fields;
        } else if (each == '}' || each == '>') {
            if (!open.empty()) open.pop_back();
            if (in_struct) new_line();
            made += each;
        } else if (each == ',' && in_struct) {
            new_line();
            in_name = true;
        } else if (each == ':' && in_struct && in_name) {
            made += ": ";
            in_name = false;
        } else {
            made += each;
        }
    }
    return made;
}

// The opposite, line by line.
class spread_tag {
  public:
    explicit spread_tag(std::string_view first) { add(first, false); }
    [[nodiscard]] bool complete() const noexcept { return depth_ <= 0; }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    void add(std::string_view line, bool inner = true) {
        line = trimmed(line);
        if (line.empty()) return;
        for (const char each : line) depth_ += each == '{' ? 1 : each == '}' ? -1 : 0;
        if (inner && line.front() != '}') {
            if (!text_.ends_with('{')) text_ += ',';
            const std::size_t colon = line.find(": ");
            if (colon != std::string_view::npos && line.find(':') == colon) {
                text_ += line.substr(0, colon + 1);
                line.remove_prefix(colon + 2);
            }
        }
        text_ += line;
    }

  private:
    std::string text_;
    std::int64_t depth_ = 0;
};

std::string put_together(std::string_view lines) {
    std::size_t end = lines.find('\n');
    spread_tag made(lines.substr(0, end));
    while (end != std::string_view::npos && !made.complete()) {
        lines.remove_prefix(end + 1);
        end = lines.find('\n');
        made.add(lines.substr(0, end));
    }
    return end == std::string_view::npos ? made.text() : std::string{};
}

// What is no tag, or a strange one, stands in quotes.
std::string schema_text(const std::string& schema, std::size_t margin) {
    if (!parse_type(schema)) return quoted(schema);
    std::string lines = spread_out(schema, margin);
    return schema.front() != '"' && put_together(lines) == schema ? lines : quoted(schema);
}

class parser {
  public:
    parser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

    kept_state parse() {
        read_version();
        kept_state kept;
        bool has_graph = false;
        std::set<std::string> names;
        while (next_line()) {
            const std::string_view word = first_word();
            if (word == "graph") {
                if (has_graph) refuse("the graph has two names");
                has_graph = true;
                kept.graph = quotation();
            } else if (word == "log" || word == "stage") {
                kept_stage& made = kept.stages.emplace_back(kept_stage{quotation(), {}});
                made.log = word == "log";
                if (!names.insert(made.name).second) refuse("'" + made.name + "' is there twice");
                read_stage(made);
            } else {
                refuse_line();
            }
        }
        if (!has_graph) refuse("it does not say of which graph it is");
        return kept;
    }

  private:
    [[noreturn]] void refuse(const std::string& why) const {
        throw error(error_kind::input, "'" + file_ + "' line " + std::to_string(line_number_) + ": " + why);
    }
    [[noreturn]] void refuse_line() const { refuse("'" + std::string(line_) + "' says nothing that is known here"); }

    // False at the end. Empty lines, and those for people, are passed over.
    bool next_line() {
        while (!text_.empty()) {
            take_line();
            if (!line_.empty() && line_.front() != '#') return true;
        }
        return false;
    }
    void take_line() {
        const std::size_t end = std::min(text_.find('\n'), text_.size());
        line_ = trimmed(text_.substr(0, end));
        text_.remove_prefix(std::min(end + 1, text_.size()));
        ++line_number_;
    }
    [[nodiscard]] std::string_view first_word() const { return line_.substr(0, line_.find(' ')); }
    // What follows the first word.
    [[nodiscard]] std::string_view rest() const { return trimmed(line_.substr(first_word().size())); }
    [[nodiscard]] std::string quotation() const {
        const std::string_view all = rest();
        std::string made;
        std::size_t at = 1;
        if (!all.starts_with('"')) refuse("behind '" + std::string(first_word()) + "' there must be a text in quotes");
        for (; at < all.size() && all[at] != '"'; ++at) made += all[at] == '\\' ? escaped(all, at) : all[at];
        if (at + 1 != all.size()) refuse("the text in quotes must end with the line");
        return made;
    }
    [[nodiscard]] char escaped(std::string_view all, std::size_t& at) const {
        const std::string_view behind = all.substr(at + 1);
        if (behind.starts_with('"') || behind.starts_with('\\')) return all[++at];
        unsigned byte = 0;
        if (behind.size() < 3 || behind[0] != 'x' || !number(behind.substr(1, 2), byte, 16)) {
            refuse("behind a backslash there must be a quote, a backslash, or x and two hexadecimal digits");
        }
        at += 3;
        return static_cast<char>(static_cast<unsigned char>(byte));
    }
    [[nodiscard]] static bool number(std::string_view text, unsigned& value, int base = 10) {
        const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value, base);
        return wrong == std::errc{} && end == text.data() + text.size();
    }

    void read_version() {
        unsigned found = 0;
        if (!next_line() || first_word() != "weir-schema" || !number(rest(), found) || found == 0) {
            refuse("it is no lock file: that begins with 'weir-schema 1'");
        }
        if (found > version) {
            refuse("it was written by a newer version of weir: its format is " + std::to_string(found) +
                   ", and this one knows " + std::to_string(version));
        }
    }

    void read_stage(kept_stage& made) {
        const unsigned began = line_number_;
        bool has_kind = false;
        bool has_schema = false;
        for (auto before = *this; next_line(); before = *this) {
            const std::string_view word = first_word();
            if (word == "graph" || word == "log" || word == "stage") {
                *this = before;
                break;
            }
            if (word == "kind" && !has_kind) {
                has_kind = true;
                made.kind = quotation();
            } else if (word == "keeps" && !has_schema) {
                has_schema = true;
                made.schema = read_schema();
            } else if (word == "from" && !made.log) {
                made.inputs.push_back(quotation());
            } else if (word == "partitions" && made.log && made.partitions == 0) {
                if (!number(rest(), made.partitions) || made.partitions == 0) {
                    refuse("'" + std::string(rest()) + "' is no number of partitions");
                }
            } else {
                refuse_line();
            }
        }
        if (has_kind) return;
        line_number_ = began;
        refuse("'" + made.name + "' has no kind");
    }
    [[nodiscard]] std::string read_schema() {
        if (rest().starts_with('"')) return quotation();
        const unsigned began = line_number_;
        spread_tag made(rest());
        while (!made.complete() && !text_.empty()) {
            take_line();
            made.add(line_);
        }
        line_number_ = made.complete() ? line_number_ : began;
        if (!made.complete()) refuse("what begins here with 'keeps' has no end");
        if (made.text().empty()) refuse("behind 'keeps' there must be a type");
        return made.text();
    }

    std::string_view text_;
    std::string file_;
    std::string_view line_;
    unsigned line_number_ = 0;
};

}  // namespace

std::string schema_lock(const kept_state& kept) {
    std::string text = fmt::format("weir-schema {}\ngraph {}\n", version, quoted(kept.graph));
    for (const kept_stage& each : kept.stages) {
        text += fmt::format("\n{} {}\n  kind {}\n", each.log ? "log" : "stage", quoted(each.name), quoted(each.kind));
        if (each.partitions != 0) text += fmt::format("  partitions {}\n", each.partitions);
        for (const std::string& input : each.inputs) text += fmt::format("  from {}\n", quoted(input));
        if (!each.schema.empty()) text += fmt::format("  keeps {}\n", schema_text(each.schema, 2));
    }
    return text;
}

kept_state parse_schema_lock(std::string_view text, const std::string& file) { return parser(text, file).parse(); }

}  // namespace weir
