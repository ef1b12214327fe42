// SPDX-License-Identifier: Apache-2.0
// csv_tail<T>("live.csv"): a CSV file that grows, as a log without an end: what is there, then what comes. What happens
// when the file is rotated, cut or removed is said in sources/tail.hpp. Further arguments, in any order:
//
//   csv_options{...}      separator, unit of bare numbers in columns of times, limits
//   tail_options{...}     when the log ends, who is told of changes
//   dead_letter(sink)     records that cannot be read go there, instead of ending the run
//
// Every file has its own header. It is not inflated: a packed file does not grow line by line.
#pragma once
#include <weir/sources/line_follower.hpp>
#include <weir/sources/live_csv.hpp>

namespace weir {
namespace detail {

// Throws weir::error of kind configuration if no file of this name can be followed. Sentences begin with the source's
// name, and name the one that reads files which do not grow.
void check_tail_path(const std::string& path, const std::string& source, const std::string& of_files);

template <class Option>
concept csv_tail_option = live_csv_option<Option> || std::same_as<Option, tail_options>;

template <class... Options> [[nodiscard]] tail_options tail_options_among(const Options&... options) {
    tail_options found;
    [[maybe_unused]] const auto take = [&]<class Option>(const Option& option) {
        if constexpr (std::same_as<Option, tail_options>) found = option;
    };
    (take(options), ...);
    return found;
}

}  // namespace detail

template <class T, class... Options> [[nodiscard]] auto csv_tail(std::string path, Options... options) {
    if constexpr (!csv_readable<T>) {
        static_assert(csv_readable<T>,
                      "csv_tail needs a described struct whose fields CSV can hold: describe it with "
                      "BOOST_DESCRIBE_STRUCT(T, (), (field, ...))");
        return rejected_stream{};
    } else if constexpr (!(detail::csv_tail_option<Options> && ...)) {
        static_assert(detail::unsupported<T>, "csv_tail takes weir::csv_options{...}, weir::tail_options{...} and "
                                              "weir::dead_letter(sink) behind the path");
        return rejected_stream{};
    } else if constexpr (detail::times_given<csv_options, Options...> > 1 ||
                         detail::times_given<tail_options, Options...> > 1 ||
                         detail::dead_letters_given<Options...> > 1) {
        static_assert(detail::unsupported<T>, "csv_tail takes one csv_options, one tail_options and one dead_letter");
        return rejected_stream{};
    } else {
        detail::check_tail_path(path, "csv_tail", "csv_files");
        const tail_options how = detail::tail_options_among(options...);
        const auto open = [path, how](environment& where) {
            return std::make_unique<detail::line_follower>(where, path, how);
        };
        return detail::make_live_csv<T>("csv_tail", path, open, !how.until, options...);
    }
}

}  // namespace weir
