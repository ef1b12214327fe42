// SPDX-License-Identifier: Apache-2.0
// json_tail<T>("live.jsonl"): a file of JSON Lines that grows, as a log without an end: what is there, then what comes.
// What happens when the file is rotated, cut or removed is said in sources/tail.hpp. Further arguments, in any order:
//
//   json_options{...}     unit of bare numbers where times are expected, limits
//   tail_options{...}     when the log ends, who is told of changes
//   dead_letter(sink)     records that cannot be read go there, instead of ending the run
//
// It is not inflated: a packed file does not grow line by line. An add-on, for simdjson: link weir::json.
#pragma once
#include <string>

#include <weir/json/json_files.hpp>
#include <weir/sources/csv_tail.hpp>

namespace weir {
namespace detail {

template <class Option>
concept json_tail_option =
    std::same_as<Option, json_options> || std::same_as<Option, tail_options> || is_dead_letter<Option>;

}  // namespace detail

template <class T, class... Options> [[nodiscard]] auto json_tail(std::string path, Options... options) {
    if constexpr (!json_readable<T>) {
        static_assert(json_readable<T>,
                      "json_tail needs a described struct whose fields JSON can hold: describe it with "
                      "BOOST_DESCRIBE_STRUCT(T, (), (field, ...))");
        return rejected_stream{};
    } else if constexpr (!(detail::json_tail_option<Options> && ...)) {
        static_assert(detail::unsupported<T>, "json_tail takes weir::json_options{...}, weir::tail_options{...} and "
                                              "weir::dead_letter(sink) behind the path");
        return rejected_stream{};
    } else if constexpr (detail::times_given<json_options, Options...> > 1 ||
                         detail::times_given<tail_options, Options...> > 1 ||
                         detail::dead_letters_given<Options...> > 1) {
        static_assert(detail::unsupported<T>,
                      "json_tail takes one json_options, one tail_options and one dead_letter");
        return rejected_stream{};
    } else {
        detail::check_tail_path(path, "json_tail", "json_files");
        const tail_options how = detail::tail_options_among(options...);
        const auto open = [path, how](environment& where) {
            return std::make_unique<detail::line_follower>(where, path, how);
        };
        return detail::make_live_text<T, detail::json_format>("json_tail", path, open, !how.until, options...);
    }
}

}  // namespace weir
