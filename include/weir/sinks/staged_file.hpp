// SPDX-License-Identifier: Apache-2.0
// A file that appears under its name whole or not at all: written aside, under a hidden name in the same folder, and
// published when it is complete. It is packed if its name says so (base/file_codec.hpp).
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include <weir/base/environment.hpp>
#include <weir/base/file_codec.hpp>

namespace weir::detail {

class staged_file {
  public:
    // `kind` is that of the sink, for errors.
    staged_file(environment& where, std::string_view kind, std::string path, const file_codecs& codecs);
    staged_file(const staged_file&) = delete;
    staged_file& operator=(const staged_file&) = delete;
    // What was not published is removed.
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

  private:
    static constexpr std::size_t block_bytes = std::size_t{1} << 17U;

    void write_pending();
    template <class Action> void guarded(Action&& action);

    environment& where_;
    std::string kind_;
    std::string path_;
    std::string staged_;
    std::unique_ptr<output_file> file_;
    bool prepared_ = false;
};

}  // namespace weir::detail
