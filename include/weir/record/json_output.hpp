// SPDX-License-Identifier: Apache-2.0
// Where JSON is written to: a string, by way of a block on the stack, so that the many short pieces of a record cost
// one append.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir::detail {

class json_output {
  public:
    json_output(std::string& out, bool allow_nan) noexcept : out_(out), allow_nan_(allow_nan) {}
    json_output(const json_output&) = delete;
    json_output& operator=(const json_output&) = delete;

    // Room for so many bytes, at most most_room. What was written there ends where wrote() says.
    static constexpr std::size_t most_room = 512;
    [[nodiscard]] char* room(std::size_t bytes) {
        if (bytes > static_cast<std::size_t>(block_ + sizeof block_ - at_)) [[unlikely]] flush();
        return at_;
    }
    void wrote(char* end) noexcept { at_ = end; }

    void put(char character) {
        *room(1) = character;
        ++at_;
    }
    // Text that is JSON already.
    void put(std::string_view json) {
        if (json.size() > most_room) {
            string() += json;
        } else {
            std::memcpy(room(json.size()), json.data(), json.size());
            at_ += json.size();
        }
    }
    // Any text, in quotes and escaped. Text that is no UTF-8 is refused.
    void put_text(std::string_view text) {
        if (text.size() < 8 || text.size() > most_room - 8 || !put_plain(text)) put_any_text(text);
    }

    // The whole of the output, to append to.
    [[nodiscard]] std::string& string() {
        flush();
        return out_;
    }
    void flush() {
        out_.append(block_, static_cast<std::size_t>(at_ - block_));
        at_ = block_;
    }
    // Puts what stands behind `begin` of string() in quotes, escaped.
    void quote(std::size_t begin);

    [[nodiscard]] bool allow_nan() const noexcept { return allow_nan_; }
    // Throws weir::error of kind `input` that names the field about to be written, which the output tells.
    [[noreturn]] void refuse(std::string_view reason);

  private:
    // Eight bytes at once, of which none is above ASCII, a control byte, a quote or a backslash: these need nothing.
    [[nodiscard]] static bool special(std::uint64_t bytes) noexcept {
        constexpr std::uint64_t each = 0x0101'0101'0101'0101U;
        const std::uint64_t below_blank = bytes - each * 0x20U;
        const std::uint64_t quote = (bytes ^ (each * 0x22U)) - each;
        const std::uint64_t backslash = (bytes ^ (each * 0x5CU)) - each;
        return ((bytes | below_blank | quote | backslash) & (each * 0x80U)) != 0;
    }
    // False, with nothing written, if the text needs more than quotes. Of 8 to most_room - 8 bytes.
    [[nodiscard]] bool put_plain(std::string_view text) {
        char* const to = room(text.size() + 2);
        const auto copy = [&](std::size_t place) {
            std::uint64_t bytes = 0;
            std::memcpy(&bytes, text.data() + place, 8);
            std::memcpy(to + 1 + place, &bytes, 8);
            return special(bytes);
        };
        for (std::size_t place = 0; place + 8 < text.size(); place += 8) {
            if (copy(place)) return false;
        }
        if (copy(text.size() - 8)) return false;
        *to = '"';
        to[text.size() + 1] = '"';
        at_ = to + text.size() + 2;
        return true;
    }
    void put_any_text(std::string_view text);

    std::string& out_;
    char* at_ = block_;
    bool allow_nan_;
    char block_[2 * most_room];
};

}  // namespace weir::detail
