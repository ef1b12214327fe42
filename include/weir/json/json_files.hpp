// SPDX-License-Identifier: Apache-2.0
// json_files<T>("2025/*.jsonl"): the files a pattern names, in bytewise order of name, are one log: offsets, and the
// watermark of event_time, go on across their borders. json_files<T>({"b.jsonl", "a.jsonl"}): these, in this order.
// Further arguments, in any order:
//
//   json_options{...}     unit of bare numbers where times are expected, limits
//   as_partitions         each file is a log of its own
//   dead_letter(sink)     records that cannot be read go there, instead of ending the run
//   lz4()                 or another weir::file_codec: packed files of this kind are read, too
//
// One object per line: json/json_decoder.hpp says what a line may be, json/json_reading.hpp what becomes of it. A file
// that begins as gzip or zstd does, or whose name ends in .gz or .zst, is unpacked (base/file_codec.hpp). A missing
// file, or a pattern that names none, is a weir::error when the run starts; a damaged file is one when it is reached.
// An empty file has no records.
//
// The line break behind the last record is optional, and a blank line at the end of a file is part of it: it is no
// record, and the ledger does not count it.
//
// An add-on, for simdjson: link weir::json.
#pragma once
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <weir/json/json_decoder.hpp>
#include <weir/sources/text_reader.hpp>

namespace weir {
namespace detail {

struct json_format {
    static constexpr std::string_view name = "json_files";
    using options_type = json_options;
    template <class T>
    using decoder_type = json_decoder<T>;
    static void check(const json_options& options) { check_json_options(options); }
    // Every file can be used: there is no header.
    [[nodiscard]] static bad_record unusable(const std::string& path, std::string_view, const error& problem,
                                             std::size_t) {
        return {path, 1, 1, {}, {}, {}, problem.what()};
    }
};

template <class T, class... Options>
[[nodiscard]] auto checked_json_source(text_paths files, const Options&... options) {
    if constexpr (!json_readable<T>) {
        static_assert(json_readable<T>,
                      "json_files needs a described struct whose fields JSON can hold: describe it with "
                      "BOOST_DESCRIBE_STRUCT(T, (), (field, ...))");
        return rejected_stream{};
    } else if constexpr (!(text_source_option<Options, json_format> && ...)) {
        static_assert(unsupported<T>, "json_files takes weir::json_options{...}, weir::as_partitions, "
                                      "weir::dead_letter(sink) and weir::file_codec values behind the files");
        return rejected_stream{};
    } else if constexpr (!no_option_twice<json_format, Options...>) {
        static_assert(unsupported<T>, "json_files takes one json_options and one dead_letter");
        return rejected_stream{};
    } else {
        return make_text_source<T, json_format>(std::move(files), options...);
    }
}

}  // namespace detail

// A log of the files that the pattern names: * and ? in its last part; a path without them names itself.
template <class T, class... Options> [[nodiscard]] auto json_files(std::string pattern, Options... options) {
    return detail::checked_json_source<T>({{std::move(pattern)}, true}, options...);
}
// A log of these files in this order.
template <class T, class... Options>
[[nodiscard]] auto json_files(std::vector<std::string> paths, Options... options) {
    return detail::checked_json_source<T>({std::move(paths), false}, options...);
}
template <class T, class... Options>
[[nodiscard]] auto json_files(std::initializer_list<std::string> paths, Options... options) {
    return detail::checked_json_source<T>({paths, false}, options...);
}

}  // namespace weir
