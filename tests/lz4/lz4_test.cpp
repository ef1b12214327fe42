// SPDX-License-Identifier: Apache-2.0
#include <weir/lz4/lz4.hpp>

#include "packed_runs.hpp"
#include "sinks/file_subjects.hpp"

using namespace packed_files;

TEST_CASE("what lz4 packs is the same in any pieces, and comes back") {
    come_back_from_any_pieces(weir::lz4());
    come_back_in_any_size(weir::lz4());
}

TEST_CASE("frames of lz4 that follow each other are read as one") {
    frames_follow_each_other(weir::lz4());
    const std::string skipped{"\x5A\x2A\x4D\x18\x03\0\0\0abc", 11};
    const auto codec = weir::lz4();
    CHECK(unpack(codec, skipped + pack(codec, "one") + skipped + skipped + pack(codec, "two"), 1, 1) == "onetwo");
    // Such frames are of zstd, too: the name tells.
    const std::string bytes = skipped + pack(codec, "one");
    const auto file = weir::detail::unpacked(std::make_unique<bytes_to_read>(bytes), "a.lz4", {codec});
    CHECK(rest_of(*file, 100) == "one");
}

TEST_CASE("places in files of lz4 are places in what is in them") { places_can_be_sought(weir::lz4()); }

TEST_CASE("damage in files of lz4 is noticed") { damage_is_noticed(weir::lz4()); }

TEST_CASE("lz4 agrees with the program of its name") {
    agrees_with_program(weir::lz4(), "lz4", {"-q", "-q -9", "-q -B4 -BD", "-q -B5 -BX", "-q --no-frame-crc"});
}

TEST_CASE("sinks and sources that are given lz4 write and read it, the same in all modes") {
    runs_write_and_read(weir::lz4(), weir::lz4());
    jobs_go_on_in_the_middle(weir::lz4(), weir::lz4());
    damage_ends_a_run(weir::lz4(), weir::lz4());
}

TEST_CASE("who is given lz4 still goes by what a file is") {
    const temporary_folder folder;
    const auto some = items(3);
    folder.write("1.csv", csv_text({some[0]}));
    folder.write("2.csv.lz4", pack(weir::lz4(), csv_text({some[1]})));
    folder.write("3.csv.zst", pack(weir::detail::zstd_codec(), csv_text({some[2]})));
    CHECK(read_items(weir::csv_files<item>(folder / "*", weir::lz4())) == some);
    weir::run(weir::graph("g", weir::memory(some) | weir::into(weir::csv(folder / "plain.csv", weir::lz4()))),
              weir::batch{});
    CHECK(folder.read("plain.csv") == csv_text(some));
}

TEST_CASE("sinks that are given lz4 are exactly once") {
    using namespace file_subjects;
    codecs().push_back(weir::lz4());
    const weir::roll_options how{.bytes = 60, .every_epoch = true};
    const auto single_file = single("a.csv.lz4", [](const std::string& path) { return weir::csv(path, weir::lz4()); });
    const auto roll = [&](const std::string& path) { return weir::json_lines_rolling(path, how, weir::lz4()); };
    const auto by_epoch = by_records(
        of_any_files(rolling("*.jsonl.lz4", roll, [](std::size_t decided) { return decided; })));
    sink_contract::tally counts;
    CHECK(sink_contract::broken_promise(single_file, 1, counts) == "");
    CHECK(sink_contract::broken_promise(by_epoch, 1, counts) == "");
}
