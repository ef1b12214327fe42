// SPDX-License-Identifier: Apache-2.0
// Where the tokens of JSON text begin, found by simdjson many bytes at a time. The only place that knows simdjson.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::detail {

class json_index {
  public:
    json_index();
    ~json_index();
    json_index(json_index&&) noexcept;
    json_index& operator=(json_index&&) noexcept;

    enum class verdict {
        sound,         // every text in it is closed, valid UTF-8 and without raw control characters
        invalid_utf8,  // somewhere; the tokens are found all the same
        broken         // a text is not closed or holds a control character; there are no tokens
    };
    // Finds the tokens of a text that ends with a line feed and has less than 4 GiB. Sound text has no line feed inside
    // of a text, so each of its lines stands for itself. O(text), no allocation for texts no longer than before.
    [[nodiscard]] verdict read(std::string_view text);

    // The places of { } [ ] : , and where texts and other runs of characters begin, in order; behind them, three times,
    // the place of the last line feed. Valid until the next read().
    [[nodiscard]] const std::uint32_t* tokens() const noexcept { return tokens_; }

  private:
    struct implementation;
    std::unique_ptr<implementation> implementation_;
    const std::uint32_t* tokens_ = nullptr;
};

}  // namespace weir::detail
