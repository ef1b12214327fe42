// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/csv_tcp.hpp>

namespace weir::detail {

void check_tcp_peer(const std::string& host, std::uint16_t port) {
    if (host.empty()) throw error(error_kind::configuration, "csv_tcp: the name of the host is empty");
    if (port == 0) throw error(error_kind::configuration, "csv_tcp: nobody can be reached at port 0 of " + host);
}

}  // namespace weir::detail
