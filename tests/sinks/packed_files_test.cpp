// SPDX-License-Identifier: Apache-2.0
// Files of sinks whose names say so are packed, and sources read them back.
#include <catch2/catch.hpp>

#include "packed_runs.hpp"

using namespace packed_files;
using weir::detail::gzip_codec;
using weir::detail::zstd_codec;

TEST_CASE("sinks pack files whose names say so, the same in all modes, and sources read them") {
    runs_write_and_read(gzip_codec());
    runs_write_and_read(zstd_codec());
}

TEST_CASE("a job goes on in the middle of a packed file") {
    jobs_go_on_in_the_middle(gzip_codec());
    jobs_go_on_in_the_middle(zstd_codec());
}

TEST_CASE("a damaged packed file ends the run") {
    damage_ends_a_run(gzip_codec());
    damage_ends_a_run(zstd_codec());
}

TEST_CASE("sources and sinks of .lz4 files need the codec, and say so when the graph is built") {
    const temporary_folder folder;
    const auto refused = Catch::Contains("lz4(), of the add-on weir::lz4");
    CHECK_THROWS_WITH(weir::csv("a.csv.lz4"), Catch::StartsWith("csv: 'a.csv.lz4' must be packed by lz4") && refused);
    CHECK_THROWS_WITH(weir::json_lines("a.lz4"), refused);
    CHECK_THROWS_WITH(weir::csv_rolling("a*.lz4", {.bytes = 1}), refused);
    CHECK_THROWS_WITH(weir::json_lines_rolling("a*.lz4", {.bytes = 1}), refused);
    CHECK_THROWS_WITH(weir::csv_files<item>("*.csv.lz4"),
                      Catch::StartsWith("csv_files: '*.csv.lz4' must be unpacked by lz4") && refused);
    folder.write("a.csv", "id,note\n");
    folder.write("b.csv.lz4", "\x04\x22\x4D\x18");
    CHECK_THROWS_WITH(read_items(weir::csv_files<item>(folder / "*")), Catch::StartsWith("csv_files: ") && refused);
    folder.write("c.csv", "\x04\x22\x4D\x18");
    CHECK_THROWS_WITH(read_items(weir::csv_files<item>(folder / "c.csv")), refused);
}
