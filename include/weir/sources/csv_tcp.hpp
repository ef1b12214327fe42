// SPDX-License-Identifier: Apache-2.0
// csv_tcp<T>("feed.local", 7000): CSV lines, the header first, from a TCP server. The run connects when it starts; the
// log ends when the server closes the connection, and a lost connection is a weir::error of kind io. csv_options{...},
// whose max_line_bytes bounds what a server that never ends a line makes the run hold, and dead_letter(sink) may be
// given. What comes, comes once: no run goes on in its middle from a snapshot. With checkpoints, what came after the
// last one is lost at a restart, which checkpointing::at_most_once_sources allows: the log goes on with the connection
// of then, from its header on.
#pragma once
#include <cstdint>

#include <weir/sources/live_csv.hpp>
#include <weir/sources/live_lines.hpp>

namespace weir {
namespace detail {

// Throws weir::error of kind configuration if nothing can be there.
void check_tcp_peer(const std::string& host, std::uint16_t port);

}  // namespace detail

template <class T, class... Options>
[[nodiscard]] auto csv_tcp(std::string host, std::uint16_t port, Options... options) {
    if constexpr (!csv_readable<T>) {
        static_assert(csv_readable<T>,
                      "csv_tcp needs a described struct whose fields CSV can hold: describe it with "
                      "BOOST_DESCRIBE_STRUCT(T, (), (field, ...))");
        return rejected_stream{};
    } else if constexpr (!(detail::live_csv_option<Options> && ...) ||
                         detail::times_given<csv_options, Options...> > 1 ||
                         detail::dead_letters_given<Options...> > 1) {
        static_assert(detail::unsupported<T>,
                      "csv_tcp takes one weir::csv_options{...} and one weir::dead_letter(sink) behind host and port");
        return rejected_stream{};
    } else {
        detail::check_tcp_peer(host, port);
        const std::string peer = host + ":" + std::to_string(port);
        const auto open = [host = std::move(host), port, peer](environment& where) {
            return std::make_unique<detail::live_lines>(where.connect(host, port), peer);
        };
        return detail::make_live_csv<T>("csv_tcp", peer, open, false, options...);
    }
}

}  // namespace weir
