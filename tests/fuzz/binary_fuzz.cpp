// SPDX-License-Identifier: Apache-2.0
// Bytes of a snapshot as values of every kind: read, or refused with an error, and never more memory than the bytes
// could fill.
#include "fuzz.hpp"

#include <array>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/first.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/mean.hpp>
#include <weir/operators/rolled.hpp>
#include <weir/operators/windowed.hpp>
#include <weir/record/csv_decoder.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/time/stamp.hpp>

namespace {
using weir_fuzz::check_reading;

enum class colour : std::uint8_t { red, green, blue = 200 };
BOOST_DESCRIBE_ENUM(colour, red, green, blue)
enum class plain : std::uint16_t {};

struct place {
    double latitude = 0;
    std::optional<float> longitude;
};
BOOST_DESCRIBE_STRUCT(place, (), (latitude, longitude))
struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())
struct row {
    std::uint32_t id = 0;
    std::string note;
    colour paint = colour::red;
    weir::timestamp at{};
    place where;
    std::optional<bool> good;
    nothing empty;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, note, paint, at, where, good, empty))

using text_count = decltype(weir::distinct(&row::note))::state_type;
using number_count = decltype(weir::distinct(&place::latitude))::state_type;
using first_note = decltype(weir::first(&row::note))::state_type;
using greatest = decltype(weir::max(&place::latitude))::state_type;
using average = decltype(weir::mean(&place::latitude))::state_type;

// A decoder that takes up anywhere reads on, or refuses.
void check_decoder(std::string_view bytes) {
    weir::csv_decoder<row> decoder("read.csv");
    try {
        weir::binary_reader reader(bytes);
        decoder.load(reader);
        static_cast<void>(decoder.decode(
            "id,note\n1,a,b\n\"", true, 5, [](row&&) {}, [](weir::bad_record&& bad) { (void)bad.sentence(); }));
    } catch (const weir::error& refused) {
        weir_fuzz::require(
            refused.kind() == weir::error_kind::state || refused.kind() == weir::error_kind::input,
            "a damaged place is an error", refused.what());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir_fuzz::input from(data, size);
    const unsigned which = from.below(22);
    const std::string_view bytes = from.rest();
    switch (which) {
        case 0: check_reading<row>(bytes); break;
        case 1: check_reading<std::vector<row>>(bytes); break;
        case 2: check_reading<std::vector<double>>(bytes); break;
        case 3: check_reading<std::vector<std::vector<nothing>>>(bytes); break;
        case 4: check_reading<std::map<std::string, std::optional<std::int16_t>>>(bytes); break;
        case 5: check_reading<std::set<std::tuple<bool, char, plain>>>(bytes); break;
        case 6: check_reading<std::array<place, 3>>(bytes); break;
        case 7: check_reading<std::list<std::string>>(bytes); break;
        case 8: check_reading<std::optional<std::vector<bool>>>(bytes); break;
        case 9: check_reading<weir::stamp>(bytes); break;
        case 10: check_reading<weir::stamped<row>>(bytes); break;
        case 11: check_reading<weir::ledger>(bytes); break;
        case 12: check_reading<text_count>(bytes); break;
        case 13: check_reading<number_count>(bytes); break;
        case 14: check_reading<first_note>(bytes); break;
        case 15: check_reading<greatest>(bytes); break;
        case 16: check_reading<average>(bytes); break;
        case 17: check_reading<weir::windowed<std::string, std::uint64_t, std::optional<double>>>(bytes); break;
        case 18: check_reading<weir::rolled<row, std::array<double, 2>>>(bytes); break;
        case 19: check_reading<weir::bad_record>(bytes); break;
        case 20: check_reading<std::chrono::sys_time<std::chrono::duration<std::int32_t>>>(bytes); break;
        default: check_decoder(bytes); break;
    }
    return 0;
}
