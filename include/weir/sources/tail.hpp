// SPDX-License-Identifier: Apache-2.0
// How a file that grows is followed, whatever is in its lines: csv_tail<T>(path, tail_options{...}).
//
// The file is read to its end, and on as it grows; it need not be there yet. A line is read when its line break has
// come. What else may happen to the file:
//
//   replaced   Another file has the name (rotation). What was still written into the old one is read first; the new one
//              is gone over to when it holds something, and is read from its start. The end of the old one is the end
//              of a file: the line break behind its last line is optional there, as everywhere.
//   gone       Nobody has the name. The old file is read on, and a new one of that name continues the log.
//   cut        It is shorter than what was read of it, or the last bytes that were read are not there any more
//              (truncation, copytruncate). It is read again from its start. A line that was never ended is dropped.
//
// Each of them is counted in the run's report and told to `on_change`. The log is that of all lines in this order; what
// is cut off, or written into a file that was replaced twice, before anybody could look, is never seen.
//
// An engine that follows a file on this machine sleeps until the system tells it of one of these; where it does not
// tell (a file that another machine may write, one that is written through memory), and with `until`, it looks.
//
// A tail never ends by itself. An event loop or micro_batch waits for more; available_now, and batch, read what is
// there now and stop, which ends no window. With `until` the log ends as any other does.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace weir {

struct tail_change {
    enum class kind { opened, replaced, gone, cut };
    kind what = kind::opened;
    std::string path;
    std::uint64_t position = 0;  // how far the file had been read, in bytes
    std::string unfinished;      // of a file that was cut: the line that was never ended, at most 4096 bytes of it
};

struct tail_options {
    // Asked when there is nothing more to read now; the log ends when it says true.
    std::function<bool()> until = {};
    // Called in the worker's thread.
    std::function<void(const tail_change&)> on_change = {};
    // A pattern of names that replaced files get, where that is in another folder: a run that goes on from a snapshot
    // looks there, and in the folder of the path, for the file it had come to.
    std::string rotated_to = {};
    // A run that goes on from a snapshot and does not find that file, or finds it changed, goes on with the file that
    // has the name now, from its start. Otherwise it refuses to, because lines may be missing.
    bool resume_with_loss = false;
};

}  // namespace weir
