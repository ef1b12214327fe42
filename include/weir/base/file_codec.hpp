// SPDX-License-Identifier: Apache-2.0
// How the bytes of a file are packed. Sources and sinks know gzip (.gz) and zstd (.zst); what else there is they are
// given, behind their own options:
//
//   weir::csv_files<T>("2025/*", weir::lz4())      weir::csv("cold/all.csv.lz4", weir::lz4())
//
// A codec only says what is possible. A file that is read is of the codec whose files begin so, whatever it is called;
// if there is none, of that which its name ends in; else it is not packed. A file that is written is of the codec that
// its name ends in, or not packed. Codecs that are given come before those that are known.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/environment.hpp>

namespace weir {

struct file_codec {
    std::string name;    // for errors: "lz4"
    std::string ending;  // of the names of its files: ".lz4"
    // Whether a file of it can have these first four bytes; there are fewer if the file is shorter. No text that
    // somebody means to read begins so.
    std::function<bool(std::string_view begin)> begins;
    // The file as the bytes in it. What is damaged, cut short or no such file is a weir::error of kind io that names
    // the path. detail::unpacked_file is how the codecs of weir do it.
    std::function<std::unique_ptr<input_file>(std::unique_ptr<input_file> packed, const std::string& path)> unpack;
    // Packs what is written to it: the same bytes in are the same bytes out, in whatever pieces they come. flush()
    // makes of what was written a whole that can be read; of nothing, too. What is written after it, even by another
    // one that goes on with the file, is read behind it. sync() only syncs the packed file: other threads call it.
    std::function<std::unique_ptr<output_file>(std::unique_ptr<output_file> packed, const std::string& path)> pack;
};

using file_codecs = std::vector<file_codec>;

namespace detail {

[[nodiscard]] file_codec gzip_codec();
[[nodiscard]] file_codec zstd_codec();

// Frames that readers of zstd and of lz4 pass over begin so.
[[nodiscard]] bool begins_with_skipped_frame(std::string_view begin);

// Of a file of this name: one that is given, or known. Null if it is not packed.
[[nodiscard]] const file_codec* codec_of_name(std::string_view path, const file_codecs& given);
// Throws weir::error of kind configuration if files of such names are packed in a way that is known to weir only when
// it is given, and was not. `user` is whom it must be given to: "csv_files".
void check_readable(std::string_view user, const std::string& path, const file_codecs& given);
void check_writable(std::string_view user, const std::string& path, const file_codecs& given);
// The file as the bytes in it. The same error, if only the first bytes tell.
[[nodiscard]] std::unique_ptr<input_file> unpacked(std::unique_ptr<input_file> file, const std::string& path,
                                                   const file_codecs& given);
// Packed if its name says so.
[[nodiscard]] std::unique_ptr<output_file> packed(std::unique_ptr<output_file> file, const std::string& path,
                                                  const file_codecs& given);

}  // namespace detail
}  // namespace weir
