// SPDX-License-Identifier: Apache-2.0
// csv_stdin<T>(): CSV from standard input, a log that ends when the input does; available_now reads what is there.
// csv_options{...} and dead_letter(sink) may be given. It comes once: one source of one run reads it, and no run goes
// on in its middle from a snapshot. With checkpoints, what came after the last one is lost at a restart, which
// checkpointing::at_most_once_sources allows: the log goes on with the standard input of then, from its header on.
#pragma once
#include <weir/sources/live_csv.hpp>
#include <weir/sources/live_lines.hpp>

namespace weir {

template <class T, class... Options> [[nodiscard]] auto csv_stdin(Options... options) {
    if constexpr (!csv_readable<T>) {
        static_assert(csv_readable<T>,
                      "csv_stdin needs a described struct whose fields CSV can hold: describe it with "
                      "BOOST_DESCRIBE_STRUCT(T, (), (field, ...))");
        return rejected_stream{};
    } else if constexpr (!(detail::live_csv_option<Options> && ...) ||
                         detail::times_given<csv_options, Options...> > 1 ||
                         detail::dead_letters_given<Options...> > 1) {
        static_assert(detail::unsupported<T>,
                      "csv_stdin takes one weir::csv_options{...} and one weir::dead_letter(sink)");
        return rejected_stream{};
    } else {
        const auto open = [](environment& where) {
            return std::make_unique<detail::live_lines>(where.standard_input(), "standard input");
        };
        return detail::make_live_csv<T>("csv_stdin", "standard input", open, false, options...);
    }
}

}  // namespace weir
