// SPDX-License-Identifier: Apache-2.0
// What is asked of every codec of files: tests of gzip, zstd and lz4 share it.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <weir/base/error.hpp>
#include <weir/base/file_codec.hpp>

#include "temporary_folder.hpp"

namespace packed_files {

// Reads hand out at most so many bytes, as pipes do.
class bytes_to_read final : public weir::input_file {
  public:
    explicit bytes_to_read(std::string bytes, std::size_t most = ~std::size_t{0})
        : bytes_(std::move(bytes)), most_(most) {}
    std::size_t read(std::span<char> block) override {
        const std::size_t count = bytes_.copy(block.data(), std::min(block.size(), most_), at_);
        at_ += count;
        return count;
    }
    void seek(std::uint64_t offset) override { at_ = std::min(bytes_.size(), static_cast<std::size_t>(offset)); }

  private:
    std::string bytes_;
    std::size_t most_;
    std::size_t at_ = 0;
};

class bytes_written final : public weir::output_file {
  public:
    explicit bytes_written(std::string& bytes) : bytes_(bytes) {}
    void write(std::string_view more) override { bytes_ += more; }
    void sync() override {}

  private:
    std::string& bytes_;
};

// Letters that repeat, noise, runs of one byte: whatever blocks can be made of.
inline std::string text_of(std::uint64_t seed, std::size_t size) {
    std::mt19937_64 random(seed);
    std::string text;
    while (text.size() < size) {
        const std::size_t count = 1 + random() % 40'000;
        const std::uint64_t kind = random() % 3;
        const auto one = static_cast<char>(random());
        for (std::size_t i = 0; i < count; ++i) {
            text += kind == 0 ? static_cast<char>(random()) : kind == 1 ? static_cast<char>('a' + random() % 4) : one;
        }
    }
    text.resize(size);
    return text;
}

// Written in pieces of 1 to `most` bytes.
inline std::string pack(const weir::file_codec& codec, std::string_view text, std::size_t most, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::string bytes;
    const auto file = codec.pack(std::make_unique<bytes_written>(bytes), "a" + codec.ending);
    while (!text.empty()) {
        const std::size_t size = std::min<std::size_t>(text.size(), 1 + random() % most);
        file->write(text.substr(0, size));
        text.remove_prefix(size);
    }
    file->flush();
    return bytes;
}
inline std::string pack(const weir::file_codec& codec, std::string_view text) {
    return pack(codec, text, text.size() + 1, 1);
}

inline std::string rest_of(weir::input_file& file, std::size_t block_size) {
    std::string text;
    std::string block(block_size, '\0');
    for (std::size_t count = 1; count != 0;) {
        count = file.read(block);
        text.append(block, 0, count);
    }
    return text;
}
inline std::string unpack(const weir::file_codec& codec, const std::string& bytes, std::size_t most_packed = 100'000,
                          std::size_t block_size = 10'000) {
    return rest_of(*codec.unpack(std::make_unique<bytes_to_read>(bytes, most_packed), "a" + codec.ending), block_size);
}

// The sentence if it cannot be unpacked; it must name the file. Empty if it can, then it must be the text.
inline std::string failure(const weir::file_codec& codec, const std::string& bytes, const std::string& text,
                           bool checked = true) {
    try {
        const std::string found = unpack(codec, bytes);
        if (checked) CHECK(found == text);
        return {};
    } catch (const weir::error& problem) {
        CHECK(problem.kind() == weir::error_kind::io);
        const std::string sentence = problem.what();
        CHECK(sentence.starts_with("'a" + codec.ending + "' "));
        return sentence;
    }
}

inline void come_back_from_any_pieces(const weir::file_codec& codec) {
    CHECK(rc::check("what is packed is the same in any pieces, and comes back in any pieces", [&] {
        const auto size = *rc::gen::inRange<std::size_t>(0, 700'000);
        const std::string text = text_of(*rc::gen::arbitrary<std::uint64_t>(), size);
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        const std::string packed = pack(codec, text);
        RC_ASSERT(pack(codec, text, *rc::gen::element<std::size_t>(100, 5'000, 131'072, 300'000), seed) == packed);
        RC_ASSERT(unpack(codec, packed, *rc::gen::element<std::size_t>(7, 1'000, 65'536, 1'000'000),
                         *rc::gen::element<std::size_t>(13, 4'096, 262'144, 2'000'000)) == text);
    }));
    const std::string text = text_of(3, 300'000);
    CHECK(pack(codec, text, 1, 1) == pack(codec, text));
    CHECK(unpack(codec, pack(codec, text), 1, 1) == text);
}

// Every size near that of a block: what is left over at the end goes ways of its own.
inline void come_back_in_any_size(const weir::file_codec& codec) {
    const std::string noise = [] {
        std::mt19937_64 random(5);
        std::string made(600'000, '\0');
        for (char& each : made) each = static_cast<char>(random());
        return made;
    }();
    for (const std::size_t near : {0U, 65'536U, 131'072U, 262'144U, 524'288U}) {
        for (std::size_t more = 0; more != 40; ++more) {
            const std::string text = noise.substr(0, near + more < 20 ? more : near + more - 20);
            if (unpack(codec, pack(codec, text)) != text) FAIL("of " << text.size() << " bytes");
        }
    }
}

inline void frames_follow_each_other(const weir::file_codec& codec) {
    std::string bytes;
    const auto file = codec.pack(std::make_unique<bytes_written>(bytes), "a");
    file->flush();
    CHECK(!bytes.empty());
    CHECK(unpack(codec, bytes).empty());
    file->write("");
    file->write("one ");
    file->flush();
    const std::string one = bytes;
    file->flush();
    CHECK(bytes == one);
    file->write("two");
    file->flush();
    CHECK(unpack(codec, bytes) == "one two");
    CHECK(bytes == pack(codec, "") + pack(codec, "one ") + pack(codec, "two"));
    CHECK(unpack(codec, pack(codec, "") + pack(codec, "a") + pack(codec, "") + pack(codec, "b"), 1, 1) == "ab");
    CHECK(codec.begins(bytes.substr(0, 4)));
    CHECK_FALSE(codec.begins(""));
    CHECK_FALSE(codec.begins("id,a"));
}

inline void places_can_be_sought(const weir::file_codec& codec) {
    const std::string text = text_of(9, 400'000);
    const std::string packed = pack(codec, text.substr(0, 150'000)) + pack(codec, text.substr(150'000));
    const auto file = codec.unpack(std::make_unique<bytes_to_read>(packed, 5'000), "a");
    std::mt19937_64 random(2);
    std::string block(3'000, '\0');
    for (int i = 0; i != 60; ++i) {
        const std::size_t place = random() % (text.size() + 1);
        file->seek(place);
        const std::size_t count = file->read(block);
        CHECK(count <= block.size());
        CHECK((count != 0) == (place != text.size()));
        if (block.substr(0, count) != text.substr(place, count)) FAIL("at " << place);
        if (i % 10 == 0) CHECK(rest_of(*file, 70'000) == text.substr(place + count));
    }
    file->seek(text.size() + 5);
    CHECK(file->read(block) == 0);
    file->seek(0);
    CHECK(rest_of(*file, 100'000) == text);
}

// Of files with a checksum: damage is noticed, or does no harm.
inline void damage_is_noticed(const weir::file_codec& codec) {
    const std::string text = text_of(4, 30'000);
    const std::string whole = pack(codec, text.substr(0, 20'000)) + pack(codec, text.substr(20'000));
    const std::size_t border = pack(codec, text.substr(0, 20'000)).size();
    std::mt19937_64 random(7);
    for (int i = 0; i != 400; ++i) {
        std::string bytes = whole;
        for (std::uint64_t flips = 1 + random() % 3; flips != 0; --flips) {
            bytes[random() % (i % 2 == 0 ? 40 : bytes.size())] ^= static_cast<char>(1U << random() % 8);
        }
        static_cast<void>(failure(codec, bytes, text));
        const std::size_t cut = random() % whole.size();
        if (cut == border) continue;
        const std::string sentence = failure(codec, whole.substr(0, cut), text);
        CHECK(sentence.find(cut == 0 ? "is empty" : "is cut short") != std::string::npos);
    }
    // A block's worth of another file in the middle.
    std::string mixed = whole;
    mixed.replace(border / 2, 100, 100, 'x');
    CHECK(failure(codec, mixed, text).find("is damaged") != std::string::npos);
    CHECK(failure(codec, "id,at,note\n", text).find("is damaged") != std::string::npos);
    CHECK(failure(codec, whole + "rubbish behind it", text).find("is damaged") != std::string::npos);
    CHECK(failure(codec, whole.substr(0, whole.size() - 1), text).find("is cut short") != std::string::npos);
    std::string wrong_sum = pack(codec, text);
    wrong_sum[wrong_sum.size() - 8 + (codec.name == "gzip" ? 0 : 5)] ^= 1;
    CHECK(failure(codec, wrong_sum, text).find("is damaged") != std::string::npos);
}

// Files of a program are read, and it reads ours. `options` are of packing: the file may have no checksum then.
inline void agrees_with_program(const weir::file_codec& codec, const std::string& program,
                                const std::vector<std::string>& options) {
    if (std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) != 0) {
        WARN("skipped: the program " << program << " is not installed");
        return;
    }
    const temporary_folder folder;
    const auto run = [&](const std::string& command) {
        INFO(command);
        REQUIRE(std::system(("cd '" + folder / "" + "' && " + command).c_str()) == 0);
    };
    std::mt19937_64 random(11);
    for (const std::size_t size : {0U, 1U, 1'000U, 65'528U, 700'000U}) {
        const std::string text = text_of(size, size);
        folder.write("text", text);
        folder.write("ours" + codec.ending, pack(codec, text) + pack(codec, text));
        run(program + " -dc ours" + codec.ending + " >back");
        CHECK(folder.read("back") == text + text);
        for (const std::string& how : options) {
            INFO(program << " " << how << ", " << size << " bytes");
            run(program + " " + how + " -c <text >theirs");
            const std::string bytes = folder.read("theirs");
            CHECK(codec.begins(bytes.substr(0, 4)));
            CHECK(unpack(codec, bytes, 50'000) == text);
            CHECK(unpack(codec, bytes + pack(codec, text) + bytes, 333) == text + text + text);
            for (int i = 0; i != 20; ++i) {
                const std::size_t cut = 1 + random() % (bytes.size() - 1);
                CHECK(failure(codec, bytes.substr(0, cut), text).find("is cut short") != std::string::npos);
                std::string damaged = bytes;
                damaged[random() % (i % 2 == 0 ? std::min<std::size_t>(bytes.size(), 20) : bytes.size())] ^=
                    static_cast<char>(1U << random() % 8);
                static_cast<void>(failure(codec, damaged, text, false));
            }
        }
    }
}

}  // namespace packed_files
