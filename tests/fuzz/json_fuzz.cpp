// SPDX-License-Identifier: Apache-2.0
// JSON Lines through the decoder. Whatever stands in them, each line is a record or a bad record with its place, the
// same ones however the text is cut into pieces; and what was read, written and read again is the same.
#include "fuzz.hpp"

#include <array>
#include <map>
#include <optional>
#include <vector>

#include <weir/json/json_decoder.hpp>
#include <weir/record/json_encoder.hpp>

namespace {
using weir_fuzz::require;

enum class colour : std::uint8_t { red, green, blue = 200 };
BOOST_DESCRIBE_ENUM(colour, red, green, blue)
struct place {
    double lat = 0;
    std::optional<float> lon;
};
BOOST_DESCRIBE_STRUCT(place, (), (lat, lon))
struct row {
    std::optional<std::int32_t> id;
    std::optional<std::string> note;
    std::optional<double> amount;
    std::optional<colour> paint;
    std::optional<weir::timestamp> at;
    std::optional<weir::duration> took;
    std::optional<bool> good;
    std::optional<char> letter;
    std::optional<place> where;
    std::optional<std::vector<place>> legs;
    std::optional<std::array<std::uint8_t, 2>> pair;
    std::optional<std::map<std::string, std::vector<bool>>> flags;
    std::optional<std::map<std::uint64_t, std::tuple<int, std::string>>> table;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, note, amount, paint, at, took, good, letter, where, legs, pair, flags, table))

struct outcome {
    std::string good;  // as lines
    std::vector<weir::bad_record> bad;
};

// The text in pieces, the first of which end where `cuts` says, each in memory of its own.
outcome decoded(std::string_view text, const weir::json_options& options, const std::vector<std::size_t>& cuts) {
    outcome seen;
    weir::json_decoder<row> decoder("a.jsonl", options);
    const weir::json_encoder<row> encoder(options);
    std::size_t used = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const bool last = i == cuts.size();
        const std::size_t end = last ? text.size() : std::min(used + cuts[i], text.size());
        for (std::size_t before = used + 1; before != used;) {
            before = used;
            const std::vector<char> piece(text.begin() + static_cast<std::ptrdiff_t>(used),
                                          text.begin() + static_cast<std::ptrdiff_t>(end));
            used += decoder.decode(
                {piece.data(), piece.size()}, last, 1 + i, [&](row&& good) { encoder.append(seen.good, good); },
                [&](weir::bad_record&& bad) { seen.bad.push_back(std::move(bad)); });
        }
    }
    require(used == text.size(), "all of the text is used");
    require(decoder.bad_records() == seen.bad.size(), "all are counted");
    for (const weir::bad_record& each : seen.bad) {
        require(each.column >= 1 && each.column <= text.size() + 1, "a bad place is in the text", each.sentence());
        require(!each.reason.empty(), "a bad record has a reason");
        for (const char byte : each.sentence()) {
            require(static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7F, "errors hold no control bytes");
        }
    }
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::array<std::size_t, 4> limits{1U << 20U, 60, 20, 8};
    weir_fuzz::input from(data, size);
    weir::json_options options;
    options.epoch = static_cast<weir::time_unit>(from.below(4));
    options.allow_nan = from.flip();
    options.max_line_bytes = limits[from.below(4)];
    options.max_raw_bytes = from.flip() ? 4096 : 10;
    std::vector<std::size_t> cuts;
    for (unsigned i = 0; i < 4; ++i) cuts.push_back(from.take<std::uint8_t>());
    const std::string text{from.rest()};

    const outcome whole = decoded(text, options, {});
    const outcome pieces = decoded(text, options, cuts);
    require(whole.good == pieces.good, "text in pieces is the same rows");
    require(whole.bad == pieces.bad, "text in pieces is the same bad lines");
    // A line that cannot be made makes all of them be read exactly.
    weir::json_options generous = options;
    generous.max_line_bytes = 1U << 20U;
    const outcome again = decoded(whole.good, generous, cuts);
    require(again.bad.empty(), "what was written is read", whole.good);
    require(again.good == whole.good, "what was written is read as the same", whole.good);
    const outcome exactly = decoded(whole.good + "\"\n", generous, {});
    require(exactly.bad.size() == 1, "a bad line leaves those before it alone", whole.good);
    require(exactly.good == whole.good, "the exact way reads the same", whole.good);
    return 0;
}
