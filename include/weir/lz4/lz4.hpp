// SPDX-License-Identifier: Apache-2.0
// weir::lz4(): .lz4 files, read and written by sources and sinks of files that are given it.
//
//   weir::csv_files<T>("2025/*.csv.lz4", weir::lz4())      weir::csv("cold/all.csv.lz4", weir::lz4())
//
// The LZ4 frame format, which the program lz4 writes (not its legacy format, `lz4 -l`). Frames that follow each other
// are read as one. What is written has a checksum; the same bytes in are the same bytes out. base/file_codec.hpp says
// which files are packed.
//
// An add-on, for liblz4: link weir::lz4.
#pragma once
#include <weir/base/file_codec.hpp>

namespace weir {

[[nodiscard]] file_codec lz4();

}  // namespace weir
