// SPDX-License-Identifier: Apache-2.0
// A file that appears under its name whole or not at all: written aside, under a hidden name in the same folder, and
// published when it is complete. It is packed if its name says so (base/file_codec.hpp).
//
// In a run without checkpoints what was not published is removed. In one with checkpoints it stays, under a name that
// the next run finds: that cuts it to what the checkpoint says and goes on with it. Then it is published, and synced,
// by another thread than the one that writes: by those functions here that need no staged_file.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <weir/base/environment.hpp>
#include <weir/base/error.hpp>
#include <weir/base/file_codec.hpp>
#include <weir/record/binary_buffer.hpp>

namespace weir::detail {

// What a file on the disk is, as far as checkpoints know: its first bytes, whatever follows them.
struct file_extent {
    std::uint64_t bytes = 0;
    std::uint32_t crc32c = 0;  // of them, as they were written

    void save(binary_writer& writer) const {
        writer.write_fixed(bytes);
        writer.write_fixed(crc32c);
    }
    void load(binary_reader& reader) {
        bytes = reader.read_fixed<std::uint64_t>();
        crc32c = reader.read_fixed<std::uint32_t>();
    }
    friend bool operator==(const file_extent&, const file_extent&) = default;
};

// The sink that a file belongs to, as errors name it: "csv sink 'out/all.csv'".
[[nodiscard]] std::string title_of_file(std::string_view kind, const std::string& path);

// The folder of a file as environment::sync_folder takes it.
[[nodiscard]] std::string folder_of(const std::string& path);
// The name beside it that a file has until it is published, in a run with checkpoints.
[[nodiscard]] std::string lasting_name_beside(const std::string& path);

class staged_file {
  public:
    // Of a run without checkpoints. `kind` is that of the sink, for errors.
    staged_file(environment& where, std::string_view kind, std::string path, const file_codecs& codecs);
    // Of a run with checkpoints: the file goes on behind what is there already, or begins anew where that is nothing.
    // Throws weir::error of kind state if that is not there any more.
    staged_file(environment& where, std::string_view kind, std::string path, const file_codecs& codecs,
                const file_extent& there);
    staged_file(const staged_file&) = delete;
    staged_file& operator=(const staged_file&) = delete;
    ~staged_file();

    // Text to append to. Call write_full() now and then, at least once per chunk; it writes when a block is full.
    std::string pending;
    void write_full() {
        if (pending.size() >= block_bytes) write_pending();
    }
    // All bytes reach the disk.
    void prepare();
    // The name appears, and replaces what was there. Prepares first if that was not done.
    void publish();
    void discard();

    // All bytes are with the file system, and what is there is a whole that another run can go on with. Returns what.
    file_extent flush();
    // Nothing came since it was flushed.
    [[nodiscard]] bool flushed() const noexcept { return flushed_ && pending.empty(); }
    // To sync it, while it is written on.
    [[nodiscard]] std::shared_ptr<output_file> file() const noexcept { return file_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    class counting_output;
    static constexpr std::size_t block_bytes = std::size_t{1} << 17U;

    void begin(std::unique_ptr<output_file> raw, const file_extent& there, const file_codecs& codecs);
    void write_pending();

    environment& where_;
    std::string kind_;
    std::string path_;
    std::string staged_;
    bool lasting_ = false;
    std::shared_ptr<output_file> file_;
    std::shared_ptr<file_extent> extent_;  // of what has come out of the codec
    bool flushed_ = false;
    bool prepared_ = false;
};

// A file of a checkpoint that is not what it was: an error of kind state, with what to do about it.
[[noreturn]] void refuse_lost_file(std::string_view kind, const std::string& path, const std::string& what);

// Gives a file of a run with checkpoints its final name, and replaces what was there; if that was done before, it is
// only made sure of. Throws weir::error of kind state if there is no such file, under either name.
void publish_lasting_file(environment& where, std::string_view kind, const std::string& path, const file_extent& whole);

// Whoever reads an error of the environment knows the file by its final name.
template <class Action> void as_error_of_file(std::string_view kind, const std::string& path, Action&& action) {
    try {
        action();
    } catch (const error& problem) {
        throw error(problem.kind(), title_of_file(kind, path) + ": " + problem.what());
    }
}

}  // namespace weir::detail
