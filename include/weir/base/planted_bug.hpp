// SPDX-License-Identifier: Apache-2.0
// Bugs that can be planted, to see that the law tests find them. `planted(...)` is constant false, and costs nothing,
// unless weir is compiled with WEIR_PLANTED_BUGS, which only a test does.
#pragma once

namespace weir {

enum class planted_bug {
    none,
    no_merge_by_turn,          // a gate hands on what comes, as it comes
    late_by_merged_watermark, // lateness judged by the stage's watermark instead of the record's
    early_firing,             // windows fired by the watermark of a record that is not in turn
    stamped_by_batch,         // a result gets the watermark of the batch that made it due
    added_on_arrival,         // ordinary doubles added in whatever order they come
    lost_mark,                // a progress mark that had to wait for a full ring is dropped
    skipped_window,           // of several windows that become due at once, one is forgotten
    swapped_chunks,           // two chunks in a ring change places
    lost_chunk,               // the records of a chunk that had to wait for a full ring are dropped
    own_time_counts,          // a record's own time is in its watermark
    skip_folder_sync,         // names in the checkpoint folder are never made to last
    ignore_crc,               // blocks and headers are believed, whatever their CRC says
    retry_fsync,              // a sync that failed is tried again, and believed
    publish_manifest_first,   // a manifest gets its name before its segments are on the disk
    reuse_epoch_number,       // after a newer checkpoint was passed over, its number and its name are used again
    unsorted_merge,           // segments are read one behind the other, not merged
    stale_incarnation,        // no lock, and a manifest replaces another one of its name
    publish_before_manifest,  // a sink makes visible what it was only to prepare
    forget_staged_length,     // a sink goes on behind what no checkpoint knows
    forgotten_watermark,      // event_time begins anew after a restore
    lost_timer,               // of a key that is restored, timers are not
    publish_first,            // sinks make visible what the checkpoint has not decided yet
    record_before_files,      // a commit record is there before the files that it lists
    all_wait_at_first,        // with other threads, what waited before a stage goes on waiting at its first instance
    wait_out_of_turn,         // and there in the order of the channels that it had come on
    rows_wait_everywhere      // with other threads, what waits in a join goes on waiting at all its instances
};

#ifdef WEIR_PLANTED_BUGS
inline planted_bug planted_now = planted_bug::none;
[[nodiscard]] inline bool planted(planted_bug which) noexcept { return planted_now == which; }
#else
[[nodiscard]] constexpr bool planted(planted_bug) noexcept { return false; }
#endif

}  // namespace weir
