// SPDX-License-Identifier: Apache-2.0
// What a test writes to standard input.
#pragma once
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <catch2/catch.hpp>

// A pipe in the place of standard input, for as long as it lives.
class piped_input {
  public:
    piped_input() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        before_ = ::dup(STDIN_FILENO);
        ::dup2(ends[0], STDIN_FILENO);
        ::close(ends[0]);
        writing_ = ends[1];
    }
    piped_input(const piped_input&) = delete;
    piped_input& operator=(const piped_input&) = delete;
    ~piped_input() {
        close();
        ::dup2(before_, STDIN_FILENO);
        ::close(before_);
    }
    void write(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t count = ::write(writing_, text.data(), text.size());
            if (count < 0) throw std::runtime_error("cannot write into the pipe");
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void close() {
        if (writing_ >= 0) ::close(std::exchange(writing_, -1));
    }

  private:
    int before_ = -1;
    int writing_ = -1;
};
