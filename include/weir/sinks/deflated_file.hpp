// SPDX-License-Identifier: Apache-2.0
// A .gz file that is written as the bytes in it.
#pragma once
#include <memory>
#include <string>

#include <weir/base/environment.hpp>

namespace weir::detail {

// The same bytes in are the same bytes out, in whatever pieces they come: the file holds no time and no name. sync()
// ends the member of gzip; what is written after it begins another one. Memory: 256 KiB.
[[nodiscard]] std::unique_ptr<output_file> deflate(std::unique_ptr<output_file> packed, const std::string& path);

}  // namespace weir::detail
