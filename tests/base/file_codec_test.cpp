// SPDX-License-Identifier: Apache-2.0
// Packed files as the bytes in them, and which files those are.
#include "packed_files.hpp"

namespace {

using namespace packed_files;
using weir::detail::gzip_codec;
using weir::detail::zstd_codec;

// Says only that it was asked.
weir::file_codec own_codec() {
    return {"own", ".own", [](std::string_view begin) { return begin.starts_with("OWN"); },
            [](std::unique_ptr<weir::input_file>, const std::string&) {
                return std::make_unique<bytes_to_read>("by my own codec");
            },
            nullptr};
}

std::string read_as(const std::string& path, const std::string& bytes, const weir::file_codecs& given = {}) {
    return rest_of(*weir::detail::unpacked(std::make_unique<bytes_to_read>(bytes, 1), path, given), 100);
}

std::string written_as(const std::string& path, std::string_view text, const weir::file_codecs& given = {}) {
    std::string bytes;
    const auto file = weir::detail::packed(std::make_unique<bytes_written>(bytes), path, given);
    file->write(text);
    file->flush();
    return bytes;
}

}  // namespace

TEST_CASE("what is packed is the same in any pieces, and comes back") {
    for (const auto& codec : {gzip_codec(), zstd_codec()}) {
        CAPTURE(codec.name);
        come_back_from_any_pieces(codec);
        come_back_in_any_size(codec);
    }
}

TEST_CASE("packed files that follow each other are read as one") {
    frames_follow_each_other(gzip_codec());
    frames_follow_each_other(zstd_codec());
}

TEST_CASE("places in packed files are places in what is in them") {
    places_can_be_sought(gzip_codec());
    places_can_be_sought(zstd_codec());
}

TEST_CASE("damage in packed files is noticed") {
    damage_is_noticed(gzip_codec());
    damage_is_noticed(zstd_codec());
}

TEST_CASE("gzip and zstd agree with the programs of their names") {
    agrees_with_program(gzip_codec(), "gzip", {"", "-1", "-9"});
    agrees_with_program(zstd_codec(), "zstd",
                        {"-q", "-q -1", "-q -19", "-q --fast=5", "-q --no-check", "-q --long=27", "-q -T2"});
}

TEST_CASE("zstd: a frame to be skipped, and a window that is too large") {
    const std::string skipped{"\x5A\x2A\x4D\x18\x03\0\0\0abc", 11};
    const std::string nothing{"\x50\x2A\x4D\x18\0\0\0\0", 8};
    const auto codec = zstd_codec();
    CHECK(unpack(codec, skipped + pack(codec, "one") + nothing + skipped + pack(codec, "two"), 1, 1) == "onetwo");
    CHECK(unpack(codec, skipped).empty());
    CHECK(codec.begins(skipped.substr(0, 4)));
    CHECK(failure(codec, skipped.substr(0, 9), "").find("cut short") != std::string::npos);
    CHECK(failure(codec, pack(codec, "one") + skipped.substr(0, 10), "").find("cut short") != std::string::npos);
    // A window of 2 GiB, a raw block of one byte.
    const std::string large{"\x28\xB5\x2F\xFD\x00\xA8\x09\0\0x", 10};
    CHECK(failure(codec, large, "x").find("a window of more than 128 MiB") != std::string::npos);
    const std::string usual{"\x28\xB5\x2F\xFD\x00\x58\x09\0\0x", 10};
    CHECK(unpack(codec, usual) == "x");
}

TEST_CASE("zstd: no frame of nothing is put behind what is packed") {
    std::mt19937_64 random(3);
    std::string noise;
    for (int i = 0; i != 200'000; ++i) noise += static_cast<char>(random());
    const auto codec = zstd_codec();
    CHECK(pack(codec, "").size() == 13);
    for (const std::size_t size : {1'000U, 65'500U, 65'528U, 65'600U, 131'000U, 131'072U, 200'000U}) {
        CHECK(pack(codec, noise.substr(0, size)).size() < size + 24);
    }
}

TEST_CASE("a file that is read is what it begins with, or else what its name says") {
    const std::string gzip = pack(gzip_codec(), "text");
    const std::string zstd = pack(zstd_codec(), "text");
    CHECK(read_as("a.csv", "text") == "text");
    CHECK(read_as("a.csv", "t") == "t");
    CHECK(read_as("a.csv", "").empty());
    CHECK(read_as("a.csv", gzip) == "text");
    CHECK(read_as("a.csv", zstd) == "text");
    CHECK(read_as("a.gz", gzip) == "text");
    CHECK(read_as("a.gz", zstd) == "text");
    CHECK(read_as("a.zst", gzip) == "text");
    CHECK_THROWS_WITH(read_as("a.zst", "text"), Catch::StartsWith("'a.zst' is damaged"));
    CHECK_THROWS_WITH(read_as("a.gz", "text"), Catch::StartsWith("'a.gz' is damaged"));
    CHECK_THROWS_WITH(read_as("a.zst", ""), Catch::StartsWith("'a.zst' is empty"));
    CHECK(read_as("a", "OWN") == "OWN");
    CHECK(read_as("a", "OWN", {own_codec()}) == "by my own codec");
    CHECK(read_as("a.own", "?", {own_codec()}) == "by my own codec");
    CHECK(read_as("a.own", gzip, {own_codec()}) == "text");
}

TEST_CASE("a file that is written is what its name says") {
    CHECK(written_as("a.csv", "text") == "text");
    CHECK(written_as("a.gz.csv", "text") == "text");
    CHECK(written_as("a.csv.gz", "text") == pack(gzip_codec(), "text"));
    CHECK(written_as("a.csv.zst", "text") == pack(zstd_codec(), "text"));
    CHECK(written_as("a.csv.own", "text") == "text");
}

TEST_CASE("lz4 is known by sight, and no file of it is read or written as text") {
    const std::string needed = "weir::lz4(), of the add-on weir::lz4";
    CHECK_THROWS_WITH(read_as("a.lz4", "text"), "'a.lz4' must be unpacked by lz4: give the source " + needed);
    CHECK_THROWS_WITH(read_as("a", "\x04\x22\x4D\x18"), "'a' must be unpacked by lz4: give the source " + needed);
    CHECK_THROWS_WITH(written_as("a.lz4", "text"), "'a.lz4' must be packed by lz4: give the sink " + needed);
    CHECK_THROWS_WITH(weir::detail::check_readable("csv_files", "*.lz4", {}),
                      "csv_files: '*.lz4' must be unpacked by lz4: give the source " + needed);
    CHECK_THROWS_WITH(weir::detail::check_writable("csv", "a.own", {own_codec()}),
                      "csv: 'a.own' must be packed by own, and the codec that the sink was given cannot do that");
    CHECK_NOTHROW(weir::detail::check_readable("csv_files", "a.own", {own_codec()}));
    CHECK_NOTHROW(weir::detail::check_writable("csv", "a.zst", {}));
}
