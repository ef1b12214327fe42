// SPDX-License-Identifier: Apache-2.0
// What all files of a checkpoint have in common: a header, blocks, a footer, each with its CRC. What the blocks hold
// together, the content, is the business of checkpoint_manifest.hpp and checkpoint_segment.hpp. The bytes are described
// in checkpoint_format.md.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <weir/base/environment.hpp>
#include <weir/base/error.hpp>

namespace weir::detail {

inline constexpr std::uint32_t checkpoint_version = 1;
// More than there will ever be: names with greater numbers are none of weir's.
inline constexpr std::uint64_t highest_epoch = std::uint64_t{1} << 62U;
inline constexpr std::size_t checkpoint_header_bytes = 64;
inline constexpr std::size_t checkpoint_block_bytes = 64 * 1024;  // the most that a block takes, its head included
inline constexpr std::size_t checkpoint_block_head_bytes = 8;
inline constexpr std::size_t checkpoint_block_content = checkpoint_block_bytes - checkpoint_block_head_bytes;
inline constexpr std::size_t checkpoint_footer_bytes = checkpoint_block_head_bytes + 24;

enum class checkpoint_file_kind : char { manifest = 'M', segment = 'S' };

struct checkpoint_header {
    checkpoint_file_kind kind = checkpoint_file_kind::segment;
    std::uint64_t job = 0;   // of the folder: the same in all its files
    std::uint64_t file = 0;  // of this file: no two have the same
    std::uint64_t incarnation = 0;
    std::uint64_t epoch = 0;  // the first one whose manifest lists the file, or is it
};

// A file of a later format: nothing is wrong with it, but it is not for this weir.
class newer_checkpoint final : public error {
  public:
    explicit newer_checkpoint(const std::string& sentence) : error(error_kind::state, sentence) {}
};

[[noreturn]] void refuse_damaged(const std::string& path, const std::string& what);

// Opens, reads and checks the header alone. An error of kind state if it is not sound.
[[nodiscard]] checkpoint_header read_checkpoint_header(environment& where, const std::string& path,
                                                       checkpoint_file_kind kind);

// Writes a file that is not there yet.
class checkpoint_file_writer {
  public:
    checkpoint_file_writer(environment& where, std::string path, const checkpoint_header& header);
    void append(std::string_view content);
    // The last block and the footer; `items` is a number that the footer keeps for the reader.
    void finish(std::uint64_t items);
    // Everything is on the disk. Once: after a failure nobody knows what is.
    void sync();
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  private:
    void end_block();
    void write_pending();

    std::string path_;
    std::uint64_t file_;
    std::unique_ptr<output_file> out_;
    std::string pending_;  // the block being filled, behind what was not written yet
    std::size_t block_ = 0;  // where it begins
    std::uint64_t blocks_ = 0;
    std::uint64_t content_ = 0;
    std::uint64_t bytes_ = 0;
};

// Reads a file from its beginning to its end, a block at a time. Whatever is not as it was written is an error of kind
// state that names the file.
class checkpoint_file_reader {
  public:
    checkpoint_file_reader(environment& where, std::string path, checkpoint_file_kind kind);
    [[nodiscard]] const checkpoint_header& header() const noexcept { return header_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    // The content of the next block, valid until the next call; empty at the end, which is then known to be the right
    // one.
    [[nodiscard]] std::string_view next_block();
    // What finish() was given; known at the end.
    [[nodiscard]] std::uint64_t items() const noexcept { return items_; }

  private:
    [[nodiscard]] std::string_view have() const noexcept { return {buffer_.get() + first_, last_ - first_}; }
    [[nodiscard]] bool fill(std::size_t wanted);
    void check_footer(std::string_view content);

    std::string path_;
    std::unique_ptr<input_file> in_;
    checkpoint_header header_;
    std::unique_ptr<char[]> buffer_;
    std::size_t first_ = 0, last_ = 0;  // of what was read and not consumed
    std::uint64_t blocks_ = 0;
    std::uint64_t content_ = 0;
    std::uint64_t items_ = 0;
    bool last_block_seen_ = false;  // only the last one is not full
    bool ended_ = false;
};

}  // namespace weir::detail
