// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: choices and values out of the bytes the fuzzer makes up, and a check that ends the
// program, so that the fuzzer keeps the bytes that led there.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <weir/base/error.hpp>
#include <weir/record/binary.hpp>

namespace weir_fuzz {

inline void require(bool holds, std::string_view sentence, std::string_view detail = {}) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %.*s\n%.*s\n", static_cast<int>(sentence.size()), sentence.data(),
                 static_cast<int>(detail.size()), detail.data());
    std::abort();
}

// Choices first, the text behind them. Where no bytes are left there are zeros.
class input {
  public:
    input(const std::uint8_t* data, std::size_t size) : left_(reinterpret_cast<const char*>(data), size) {}

    [[nodiscard]] bool empty() const noexcept { return left_.empty(); }
    template <class T>
    [[nodiscard]] T take() {
        T value{};
        const std::size_t size = std::min(sizeof value, left_.size());
        std::memcpy(&value, left_.data(), size);
        left_.remove_prefix(size);
        return value;
    }
    // One of `count` choices.
    [[nodiscard]] unsigned below(unsigned count) { return take<std::uint8_t>() % count; }
    [[nodiscard]] bool flip() { return below(2) == 1; }
    [[nodiscard]] std::string_view rest() {
        const std::string_view all = left_;
        left_ = {};
        return all;
    }

  private:
    std::string_view left_;
};

template <class T>
[[nodiscard]] std::string bytes_of(const T& value) {
    weir::binary_writer writer;
    weir::save(writer, value);
    return std::string{writer.text()};
}

// Bytes that were read as a T are, written again, a T of the same bytes; whatever else they are, they are refused with
// an error of kind state.
template <class T>
void check_reading(std::string_view bytes) {
    T value{};
    try {
        weir::binary_reader reader(bytes);
        weir::load(reader, value);
    } catch (const weir::error& refused) {
        require(refused.kind() == weir::error_kind::state, "damaged bytes are an error of kind state", refused.what());
        return;
    }
    const std::string written = bytes_of(value);
    T again{};
    weir::binary_reader reader(written);
    weir::load(reader, again);
    require(reader.at_end(), "a value reads as many bytes as it wrote");
    require(bytes_of(again) == written, "a value read and written again has the same bytes");
}

}  // namespace weir_fuzz
