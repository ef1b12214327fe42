// SPDX-License-Identifier: Apache-2.0
// Places where a test kills the program, as if the power went: kill_point("epoch durable"). They cost nothing unless
// weir is compiled with WEIR_KILL_POINTS. Then the environment variable WEIR_KILL_AT says where, and the how many-th
// time that the program comes there: WEIR_KILL_AT="epoch durable#3".
#pragma once

#ifdef WEIR_KILL_POINTS
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#endif

namespace weir::detail {

#ifdef WEIR_KILL_POINTS
inline void kill_point(std::string_view here) {
    static const std::string wanted = [] {
        const char* const said = std::getenv("WEIR_KILL_AT");
        return std::string{said == nullptr ? "" : said};
    }();
    static std::atomic<unsigned long> times{0};
    const std::size_t sign = wanted.rfind('#');
    if (sign == std::string::npos || std::string_view{wanted}.substr(0, sign) != here) return;
    if (++times == std::strtoul(wanted.c_str() + sign + 1, nullptr, 10)) std::raise(SIGKILL);
}
#else
constexpr void kill_point(const char*) noexcept {}
#endif

}  // namespace weir::detail
