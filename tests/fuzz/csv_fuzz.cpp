// SPDX-License-Identifier: Apache-2.0
// CSV files through the source. Whatever stands in them, a run ends, or fails with an error that says where; each line
// is a record or a bad record, the same ones however the text is cut into pieces and whoever runs the graph; and what
// was read, written and read again is the same.
#include "fuzz.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <weir/base/file_codec.hpp>
#include <weir/operators/into.hpp>
#include <weir/record/csv_decoder.hpp>
#include <weir/record/csv_encoder.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/csv.hpp>
#include <weir/testing/simulation.hpp>

namespace {
using weir_fuzz::bytes_of;
using weir_fuzz::require;

enum class colour : std::uint8_t { red, green, blue = 200 };
BOOST_DESCRIBE_ENUM(colour, red, green, blue)

struct place {
    double latitude = 0;
    std::optional<float> longitude;
};
BOOST_DESCRIBE_STRUCT(place, (), (latitude, longitude))
struct row {
    std::int32_t id = 0;
    std::optional<std::string> note;
    std::optional<double> amount;
    std::optional<colour> paint;
    std::optional<weir::timestamp> at;
    std::optional<weir::duration> took;
    std::optional<bool> good;
    std::optional<char> letter;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, note, amount, paint, at, took, good, letter, name))
struct located {
    place where;
    std::array<std::uint8_t, 2> pair{};
};
BOOST_DESCRIBE_STRUCT(located, (), (where, pair))

template <class T>
struct outcome {
    std::vector<T> good;
    std::vector<weir::bad_record> bad;
};

// Numbers of equal value have equal text, so the text tells whether rows are the same.
template <class T>
std::string text_of(const std::vector<T>& rows, const weir::csv_options& options) {
    const weir::csv_encoder<T> encoder(options);
    std::string text;
    encoder.append_header(text);
    for (const T& each : rows) encoder.append(text, each);
    return text;
}

// The text in pieces, the first of which end where `cuts` says. Nothing if the header is refused.
template <class T>
std::optional<outcome<T>> decoded(std::string_view text, const weir::csv_options& options,
                                  const std::vector<std::size_t>& cuts) {
    outcome<T> seen;
    weir::csv_decoder<T> decoder("a.csv", options);
    std::size_t used = 0;
    try {
        for (std::size_t i = 0; i <= cuts.size(); ++i) {
            const bool last = i == cuts.size();
            const std::size_t end = last ? text.size() : std::min(used + cuts[i], text.size());
            for (std::size_t before = used + 1; before != used;) {
                before = used;
                used += decoder.decode(
                    text.substr(used, end - used), last, 1 + i, [&](T&& good) { seen.good.push_back(std::move(good)); },
                    [&](weir::bad_record&& bad) { seen.bad.push_back(std::move(bad)); });
            }
        }
    } catch (const weir::error& refused) {
        require(refused.kind() == weir::error_kind::input, "a bad header is an error of kind input", refused.what());
        return std::nullopt;
    }
    require(used == text.size(), "all of the text is used");
    require(decoder.records() == seen.good.size() && decoder.bad_records() == seen.bad.size(), "all are counted");
    return seen;
}

// Whether a file of this text is taken for one that is packed, and by what no source here unpacks.
constexpr std::string_view lz4_begin = "\x04\x22\x4D\x18";
bool is_packed(std::string_view text) {
    static const weir::file_codec gzip = weir::detail::gzip_codec();
    static const weir::file_codec zstd = weir::detail::zstd_codec();
    const std::string_view begin = text.substr(0, 4);
    return gzip.begins(begin) || zstd.begins(begin) || begin == lz4_begin;
}

template <class T>
std::optional<outcome<T>> ran(const std::string& text, const weir::csv_options& options, std::size_t chunk) {
    weir::testing::simulation where;
    where.put_file("a.csv", text);
    auto good = weir::collect<T>();
    auto bad = weir::collect<weir::bad_record>();
    const weir::graph what("read", weir::csv_files<T>("a.csv", options, weir::dead_letter(bad)) | weir::into(good));
    weir::detail::run_plan how;
    how.chunk = chunk;
    try {
        weir::job running(what, how, where);
        running.run_to_end();
        const weir::run_report report = running.finish();
        outcome<T> seen{report.output(good), report.output(bad)};
        require(report.balanced(), "the ledger balances", report.to_text());
        const weir::ledger& counts = report.stages.front().counts;
        require(report.records == seen.good.size() + seen.bad.size() && counts.accepted == seen.good.size() &&
                    counts.dead_letter == seen.bad.size(),
                "each record is accepted or a dead letter", report.to_text());
        return seen;
    } catch (const weir::error& failed) {
        const auto kind = text.starts_with(lz4_begin) ? weir::error_kind::configuration : weir::error_kind::io;
        require(is_packed(text) && failed.kind() == kind, "with a dead-letter sink bad input is no error",
                failed.what());
        return std::nullopt;
    }
}

template <class T>
void check_failing(const std::string& text, const weir::csv_options& options, const outcome<T>& seen) {
    weir::testing::simulation where;
    where.put_file("a.csv", text);
    auto good = weir::collect<T>();
    const weir::graph what("read", weir::csv_files<T>("a.csv", options) | weir::into(good));
    try {
        const auto report = weir::detail::run_graph(what, {}, where);
        require(seen.bad.empty() && report.output(good).size() == seen.good.size(), "nothing bad is skipped");
    } catch (const weir::error& failed) {
        require(!seen.bad.empty() && failed.kind() == weir::error_kind::input, "only bad input fails", failed.what());
        for (const char each : std::string_view{failed.what()}) {
            require(static_cast<unsigned char>(each) >= 0x20 && each != 0x7F, "errors hold no control bytes",
                    failed.what());
        }
    }
}

template <class T>
void check(const std::string& text, const weir::csv_options& options, const std::vector<std::size_t>& cuts) {
    const auto in_batch = ran<T>(text, options, 1024);
    const auto one_by_one = ran<T>(text, options, 1);
    require(in_batch.has_value() == one_by_one.has_value(), "all runs fail, or none");
    if (!in_batch) return;
    require(text_of(in_batch->good, options) == text_of(one_by_one->good, options), "all runs read the same rows");
    require(in_batch->bad == one_by_one->bad, "all runs refuse the same lines");
    check_failing(text, options, *in_batch);

    if (!is_packed(text)) {
        const auto whole = decoded<T>(text, options, {});
        const auto in_pieces = decoded<T>(text, options, cuts);
        require(whole.has_value() == in_pieces.has_value(), "a header is refused whole or in pieces");
        require(whole || in_batch->good.empty(), "a refused header has no rows");
        if (whole) {
            require(text_of(whole->good, options) == text_of(in_pieces->good, options),
                    "text in pieces is the same rows");
            require(whole->bad == in_pieces->bad, "text in pieces is the same bad lines");
            require(whole->bad == in_batch->bad, "a run refuses what the decoder refuses");
        }
    }

    weir::csv_options generous = options;
    generous.max_line_bytes = 1U << 20U;
    const std::string written = text_of(in_batch->good, options);
    const auto again = decoded<T>(written, generous, cuts);
    require(again && again->bad.empty(), "what was written is read", written);
    require(text_of(again->good, options) == written, "what was written is read as the same", written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::array separators{',', ';', '\t', '|', ' '};
    static constexpr std::array<std::size_t, 4> limits{1U << 20U, 60, 20, 8};
    weir_fuzz::input from(data, size);
    weir::csv_options options;
    options.separator = separators[from.below(5)];
    options.epoch = static_cast<weir::time_unit>(from.below(4));
    options.allow_nan = from.flip();
    options.max_line_bytes = limits[from.below(4)];
    options.max_raw_bytes = from.flip() ? 4096 : 10;
    const bool is_row = !from.flip();
    std::vector<std::size_t> cuts;
    for (unsigned i = 0; i < 4; ++i) cuts.push_back(from.take<std::uint8_t>());
    const std::string text{from.rest()};
    if (is_row) {
        check<row>(text, options, cuts);
    } else {
        check<located>(text, options, cuts);
    }
    return 0;
}
