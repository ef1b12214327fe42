// SPDX-License-Identifier: Apache-2.0
// A .gz file as the bytes in it.
#pragma once
#include <memory>
#include <string>

#include <weir/base/environment.hpp>

namespace weir::detail {

// Members that follow each other are read as one. Bytes that are no gzip, a member cut short and a wrong checksum are
// weir::errors of kind io that name the file. Seeking reads on, or anew from the beginning: O(offset).
[[nodiscard]] std::unique_ptr<input_file> inflate(std::unique_ptr<input_file> packed, std::string path);

}  // namespace weir::detail
