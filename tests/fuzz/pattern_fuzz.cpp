// SPDX-License-Identifier: Apache-2.0
// Patterns from files: any text is read, or a sentence says why not; what was read is evaluated, whatever the record
// holds, and its clauses together say what the whole says. Read again it is the same pattern.
#include "fuzz.hpp"

#include <optional>

#include <weir/pattern/pattern_file.hpp>

namespace {
using weir_fuzz::require;

enum class colour : std::uint8_t { red, green };
BOOST_DESCRIBE_ENUM(colour, red, green)

struct event {
    std::int64_t amount = 0;
    std::uint64_t id = 0;
    double rate = 0;
    std::string name;
    colour of{};
    bool flag = false;
    weir::timestamp at{};
    weir::duration wait{};
    std::optional<std::int64_t> limit;
};
BOOST_DESCRIBE_STRUCT(event, (), (amount, id, rate, name, of, flag, at, wait, limit))

event some_event(weir_fuzz::input& from) {
    event made;
    made.amount = from.take<std::int64_t>();
    made.id = from.take<std::uint64_t>();
    made.rate = from.take<double>();
    made.of = static_cast<colour>(from.below(3));
    made.flag = from.flip();
    made.at = weir::timestamp{weir::duration{from.take<std::int64_t>()}};
    made.wait = weir::duration{from.take<std::int64_t>()};
    if (from.flip()) made.limit = from.take<std::int64_t>();
    made.name = std::string(from.rest().substr(0, 8));
    return made;
}
std::optional<weir::pattern_file> read(std::string_view text) {
    try {
        return weir::detail::read_pattern_file(text, weir::expression_fields<event>, {});
    } catch (const weir::error& refused) {
        require(refused.kind() == weir::error_kind::configuration, "what cannot be read is a wrong configuration");
        require(std::string_view(refused.what()).starts_with("pattern: line "), "it says where", refused.what());
        return std::nullopt;
    }
}
// Answers that differ from call to call in what they hold, and have no text.
weir::expression_value answer(const void*, std::uint32_t) { return {}; }

void check_expression(std::string_view text, const event& of) {
    try {
        const auto resolve = [](std::string_view, std::string_view) {
            return weir::resolved_call{weir::expression_call{weir::expression_type::whole, 0}};
        };
        const auto made = weir::expression::compile(text, {weir::expression_fields<event>, resolve});
        const weir::expression_input input{&of, weir::expression_fields<event>.data(), answer, nullptr};
        const weir::expression_value whole = made.evaluate(input);
        require((whole.known && whole.truth()) == (made.holds_alone(input) && made.holds_behind(input)),
                "a condition holds if its clauses do", text);
    } catch (const weir::expression_mistake& wrong) {
        require(wrong.at() <= text.size(), "a mistake has a place in the text", text);
    }
}

}  // namespace

// The text up to a zero byte; behind it, an event.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all{reinterpret_cast<const char*>(data), size};
    const std::string_view text = all.substr(0, all.find('\0'));
    weir_fuzz::input from(data + text.size(), size - text.size());
    const event one = some_event(from);
    check_expression(text, one);
    const auto first = read(text);
    if (!first) return 0;
    const weir::expression_input input{&one, weir::expression_fields<event>.data(), answer, nullptr};
    for (const weir::expression& each : first->conditions) {
        const weir::expression_value whole = each.evaluate(input);
        require((whole.known && whole.truth()) == (each.holds_alone(input) && each.holds_behind(input)),
                "a condition holds if its clauses do", each.canonical());
    }
    const auto again = read(text);
    require(again && again->image->fingerprint() == first->image->fingerprint(), "a text is always the same pattern");
    return 0;
}
