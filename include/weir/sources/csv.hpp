// SPDX-License-Identifier: Apache-2.0
// csv_files<T>("2025/*.csv"): the files a pattern names, in bytewise order of name, are one log: offsets, and the
// watermark of event_time, go on across their borders. csv_files<T>({"b.csv", "a.csv"}): these, in this order. Further
// arguments, in any order:
//
//   csv_options{...}      separator, unit of bare numbers in columns of times, limits
//   as_partitions         each file is a log of its own
//   dead_letter(sink)     records that cannot be read go there, instead of ending the run
//   lz4()                 or another weir::file_codec: packed files of this kind are read, too
//
// Every file has its own header. A file that begins as gzip or zstd does, or whose name ends in .gz or .zst, is
// unpacked (base/file_codec.hpp). A missing file, or a pattern that names none, is a weir::error when the run starts; a
// damaged file is one when it is reached.
//
// The line break behind the last record is optional, and an empty line at the end of a file is part of it: it is no
// record, and the ledger does not count it.
#pragma once
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <weir/record/csv_decoder.hpp>
#include <weir/sources/text_reader.hpp>

namespace weir {
namespace detail {

struct csv_format {
    static constexpr std::string_view name = "csv_files";
    using options_type = csv_options;
    template <class T>
    using decoder_type = csv_decoder<T>;
    static void check(const csv_options& options) { check_csv_options(options); }
    // Of a file whose header cannot be used.
    [[nodiscard]] static bad_record unusable(const std::string& path, std::string_view text, const error& problem,
                                             std::size_t max_raw_bytes);
};

template <class T, class... Options>
[[nodiscard]] auto checked_csv_source(text_paths files, const Options&... options) {
    if constexpr (!csv_readable<T>) {
        static_assert(csv_readable<T>,
                      "csv_files needs a described struct whose fields CSV can hold: describe it with "
                      "BOOST_DESCRIBE_STRUCT(T, (), (field, ...))");
        return rejected_stream{};
    } else if constexpr (!(text_source_option<Options, csv_format> && ...)) {
        static_assert(unsupported<T>, "csv_files takes weir::csv_options{...}, weir::as_partitions, "
                                      "weir::dead_letter(sink) and weir::file_codec values behind the files");
        return rejected_stream{};
    } else if constexpr (!no_option_twice<csv_format, Options...>) {
        static_assert(unsupported<T>, "csv_files takes one csv_options and one dead_letter");
        return rejected_stream{};
    } else {
        return make_text_source<T, csv_format>(std::move(files), options...);
    }
}

}  // namespace detail

// A log of the files that the pattern names: * and ? in its last part; a path without them names itself.
template <class T, class... Options> [[nodiscard]] auto csv_files(std::string pattern, Options... options) {
    return detail::checked_csv_source<T>({{std::move(pattern)}, true}, options...);
}
// A log of these files in this order.
template <class T, class... Options> [[nodiscard]] auto csv_files(std::vector<std::string> paths, Options... options) {
    return detail::checked_csv_source<T>({std::move(paths), false}, options...);
}
template <class T, class... Options>
[[nodiscard]] auto csv_files(std::initializer_list<std::string> paths, Options... options) {
    return detail::checked_csv_source<T>({paths, false}, options...);
}

}  // namespace weir
