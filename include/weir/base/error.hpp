// SPDX-License-Identifier: Apache-2.0
// One error type: a kind to branch on and a sentence to read. Thrown when a graph is built wrongly or a run cannot go
// on; a value (`result`) where failing is part of operating.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

enum class error_kind {
    configuration,  // the graph or its options are wrong: mend the program
    input,          // a record could not be read: source, line, column, field and text are in the sentence
    io,             // a file or device failed
    user,           // a function given by the user threw
    state,          // a snapshot does not fit the graph
    internal        // a promise of weir was broken: report it
};

namespace detail {
// One byte that nobody could see as \n, \t or \x1b.
void append_escaped(std::string& out, char byte);
// The text, with its control bytes escaped so: names of files and columns hold whatever their makers liked, and end on
// terminals and in logs.
[[nodiscard]] std::string visible(std::string_view text);
}  // namespace detail

// The sentence is one line, without control bytes.
class error : public std::runtime_error {
  public:
    error(error_kind kind, const std::string& sentence)
        : std::runtime_error(detail::visible(sentence)), kind_(kind) {}
    [[nodiscard]] error_kind kind() const noexcept { return kind_; }

  private:
    error_kind kind_;
};

}  // namespace weir
