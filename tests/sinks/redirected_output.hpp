// SPDX-License-Identifier: Apache-2.0
// For tests of what is written on standard output.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <string>

// Another file in the place of standard output, for as long as it lives. Nothing may be checked meanwhile: the test
// library writes there, too.
class redirected_output {
  public:
    explicit redirected_output(const std::string& path) : before_(::dup(STDOUT_FILENO)) {
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(file, STDOUT_FILENO);
        ::close(file);
    }
    redirected_output(const redirected_output&) = delete;
    redirected_output& operator=(const redirected_output&) = delete;
    ~redirected_output() {
        ::dup2(before_, STDOUT_FILENO);
        ::close(before_);
    }

  private:
    int before_;
};
