// SPDX-License-Identifier: Apache-2.0
#include "environment_streams.hpp"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include <weir/base/error.hpp>

namespace weir::detail {
namespace {

[[noreturn]] void fail(const std::string& what) { throw error(error_kind::io, what + ": " + std::strerror(errno)); }

// Two readers would take each other's bytes away.
std::atomic<bool> standard_input_taken{false};

class standard_input final : public live_input {
  public:
    standard_input() {
        if (standard_input_taken.exchange(true)) {
            throw error(error_kind::configuration, "standard input is read by another source: only one can");
        }
    }
    ~standard_input() override { standard_input_taken.store(false); }
    std::optional<std::size_t> read_now(std::span<char> block) override {
        for (;;) {
            pollfd asked{STDIN_FILENO, POLLIN, 0};
            const int ready = ::poll(&asked, 1, 0);
            if (ready < 0 && errno != EINTR) fail("cannot wait for standard input");
            if (ready == 0) return std::nullopt;
            if (ready < 0) continue;
            const ssize_t count = ::read(STDIN_FILENO, block.data(), block.size());
            if (count >= 0) return static_cast<std::size_t>(count);
            if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
            if (errno != EINTR) fail("cannot read standard input");
        }
    }
};

class standard_output final : public output_file {
  public:
    void write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
            if (count >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(count));
            } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
                pollfd asked{STDOUT_FILENO, POLLOUT, 0};
                static_cast<void>(::poll(&asked, 1, -1));
            } else if (errno != EINTR) {
                fail("cannot write standard output");
            }
        }
    }
    void sync() override {}  // a terminal or a pipe has nothing to sync
};

}  // namespace

std::unique_ptr<live_input> machine_standard_input() { return std::make_unique<standard_input>(); }
std::unique_ptr<output_file> machine_standard_output() { return std::make_unique<standard_output>(); }

}  // namespace weir::detail
