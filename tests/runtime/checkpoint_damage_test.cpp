// SPDX-License-Identifier: Apache-2.0
// Files of checkpoints that are not as they were written: bits that flipped, ends that are missing, files that are gone
// or another's. Whatever it is, it is said, nothing wrong is read, and nothing is removed.
#include <weir/runtime/checkpoint_store.hpp>

#include <filesystem>
#include <memory>
#include <random>

#include <weir/base/crc32c.hpp>

#include "checkpoint_support.hpp"

namespace fs = std::filesystem;
using namespace checkpoint_test;
using Catch::Matchers::Contains;
using weir::checkpoint_store;
using weir::error_kind;

namespace {

// Three checkpoints, the last of several segments, and the state of each.
class three_epochs {
  public:
    explicit three_epochs(std::size_t value_bytes) {
        checkpoint_store store(where, {path(), "g", 10});
        std::mt19937_64 random(5);
        state now;
        for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
            changes changed{{{0, 0, ""}, std::to_string(epoch)}};
            for (std::size_t i = 0; i < std::size_t{24} >> epoch; ++i) {
                std::string value;
                while (value.size() < value_bytes) value += static_cast<char>(random());
                changed[{1, static_cast<std::uint16_t>(i % 2), std::to_string(random() % 9)}] = value;
            }
            change(changed, now);
            write(store, changed, epoch == 1);
            states[epoch] = now;
        }
        files = folder.names_in("s");
    }
    [[nodiscard]] std::string path() const { return folder / "s"; }
    [[nodiscard]] std::string operator/(const std::string& name) const { return path() + "/" + name; }
    [[nodiscard]] std::string bytes(const std::string& name) const { return folder.read("s/" + name); }
    void put(const std::string& name, const std::string& bytes) const { folder.write("s/" + name, bytes); }
    [[nodiscard]] std::string segment_of(std::uint64_t epoch) const {
        for (const auto& each : files) {
            if (each.starts_with("segment-" + padded(epoch))) return each;
        }
        return {};
    }

    hasty_machine where;
    std::map<std::uint64_t, state> states;
    std::vector<std::string> files;
    struct folder_of_state : temporary_folder {
        [[nodiscard]] std::vector<std::string> names_in(const std::string& inner) const {
            std::vector<std::string> found;
            for (const auto& each : fs::directory_iterator(*this / inner)) {
                if (each.path().filename() != "lock") found.push_back(each.path().filename().string());
            }
            std::sort(found.begin(), found.end());
            return found;
        }
    } folder;
};

// What a job that goes on from the folder gets: the epoch, or 0 if it was refused. Never what was not written.
std::uint64_t resume(three_epochs& base) {
    std::uint64_t epoch = 0;
    try {
        checkpoint_store store(base.where, {base.path(), "g", 10});
        if (store.latest() == nullptr) FAIL("started from nothing");
        collecting to;
        store.read(std::ref(to));
        epoch = store.latest()->epoch;
        if (to.found != base.states[epoch]) FAIL("read what was not written");
        if (epoch != 3 && store.passed_over().size() != 3 - epoch) FAIL("passed over without a word");
        if (store.next_epoch() < 4) FAIL("the number of an epoch is used again");
    } catch (const weir::error& refused) {
        if (refused.kind() != error_kind::state) FAIL("refused as no damage is: " << refused.what());
        if (std::string_view{refused.what()}.find(base.path()) == std::string_view::npos) FAIL("names no file");
        epoch = 0;
    }
    return epoch;
}

// Whether whoever looks at all there is notices something.
bool noticed(three_epochs& base) {
    std::vector<std::string> problems;
    bool found = false;
    for (const auto& each : weir::list_checkpoints(base.where, base.path(), problems)) {
        try {
            if (read(base.path(), each) != base.states[each.epoch]) FAIL("read what was not written");
        } catch (const weir::error& refused) {
            if (refused.kind() != error_kind::state) FAIL("refused as no damage is: " << refused.what());
            found = true;
        }
    }
    return found || !problems.empty();
}

void must_be_noticed(three_epochs& base) {
    if (!noticed(base)) FAIL("nothing was noticed");
    resume(base);
    if (base.folder.names_in("s") != base.files) FAIL("something was removed");
}

void flip(const std::string& path, std::size_t bit) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(bit / 8));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(bit / 8));
    file.put(static_cast<char>(byte ^ (1 << (bit % 8))));
}

// The header with another format, as a later version would write it.
std::string of_format(std::string bytes, std::size_t at, char value) {
    bytes[at] = value;
    const std::uint32_t crc = weir::crc32c(std::string_view{bytes}.substr(0, 60));
    for (std::size_t i = 0; i < 4; ++i) bytes[60 + i] = static_cast<char>(crc >> (8 * i));
    return bytes;
}

}  // namespace

TEST_CASE("without damage there is nothing to notice", "[runtime]") {
    three_epochs base(40);
    CHECK_FALSE(noticed(base));
    CHECK(resume(base) == 3);
    CHECK(base.folder.names_in("s") == base.files);
}

TEST_CASE("every bit of manifests, headers and footers counts", "[runtime]") {
    three_epochs base(20);
    std::size_t bits = 0;
    for (const std::string& name : base.files) {
        const std::size_t size = base.bytes(name).size();
        for (std::size_t bit = 0; bit < size * 8; ++bit) {
            if (name.starts_with("segment") && bit == 64 * 8) bit = (size - 32) * 8;
            CAPTURE(name, bit);
            flip(base / name, bit);
            must_be_noticed(base);
            if (name == manifest_of(3) && resume(base) != 2) FAIL("the checkpoint before it was not found");
            flip(base / name, bit);
            ++bits;
        }
    }
    CHECK(resume(base) == 3);
    WARN(bits << " bits flipped");
}

TEST_CASE("10,000 bits anywhere", "[runtime]") {
    three_epochs base(6'000);
    std::mt19937_64 random(20);
    std::vector<std::uint64_t> ends;
    for (const std::string& name : base.files) {
        ends.push_back(fs::file_size(base / name) * 8 + (ends.empty() ? 0 : ends.back()));
    }
    CHECK(ends.back() > 8 * 100'000);
    for (int trial = 0; trial < 10'000; ++trial) {
        const std::uint64_t bit = random() % ends.back();
        const auto file = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), bit) - ends.begin());
        const auto at = static_cast<std::size_t>(bit - (file == 0 ? 0 : ends[file - 1]));
        CAPTURE(trial, base.files[file], at);
        flip(base / base.files[file], at);
        must_be_noticed(base);
        flip(base / base.files[file], at);
    }
    CHECK(resume(base) == 3);
}

TEST_CASE("a file that ends anywhere but at its end, or goes on behind it", "[runtime]") {
    three_epochs base(20);
    for (const std::string& name : base.files) {
        const std::string whole = base.bytes(name);
        for (std::size_t size = whole.size(); size-- > 0;) {
            CAPTURE(name, size);
            fs::resize_file(base / name, size);
            must_be_noticed(base);
        }
        for (const std::string& more : {std::string(1, '\0'), std::string(70'000, '\0'), whole}) {
            CAPTURE(name, more.size());
            base.put(name, whole + more);
            must_be_noticed(base);
        }
        base.put(name, whole);
    }
    CHECK(resume(base) == 3);
}

TEST_CASE("pages that were lost", "[runtime]") {
    three_epochs base(6'000);
    for (const std::string& name : base.files) {
        const std::string whole = base.bytes(name);
        for (std::size_t at = 0; at < whole.size(); at += 512) {
            const std::size_t bytes = std::min<std::size_t>(512, whole.size() - at);
            std::string torn = whole;
            torn.replace(at, bytes, bytes, '\0');
            if (torn == whole) continue;
            CAPTURE(name, at);
            base.put(name, torn);
            must_be_noticed(base);
        }
        base.put(name, whole);
    }
    CHECK(resume(base) == 3);
}

TEST_CASE("files, and parts of files, that are in the place of others", "[runtime]") {
    three_epochs base(6'000);
    for (const std::string& one : base.files) {
        for (const std::string& other : base.files) {
            if (one == other) continue;
            CAPTURE(one, other);
            const std::string whole = base.bytes(one);
            base.put(one, base.bytes(other));
            must_be_noticed(base);
            base.put(one, whole);
        }
    }
    // Blocks that are whole, of the right length, and somewhere else.
    constexpr std::size_t block = 64 * 1024;
    const std::string first = base.segment_of(1);
    const std::string whole = base.bytes(first);
    REQUIRE(whole.size() < 64 + 2 * block);
    three_epochs big(30'000);
    const std::string long_name = big.segment_of(1);
    const std::string long_one = big.bytes(long_name);
    REQUIRE(long_one.size() > 64 + 3 * block);
    big.put(long_name, long_one.substr(0, 64) + long_one.substr(64 + block, block) + long_one.substr(64, block) +
                           long_one.substr(64 + 2 * block));
    must_be_noticed(big);
    big.put(long_name, long_one.substr(0, 64) + long_one.substr(64 + block));
    must_be_noticed(big);
}

TEST_CASE("a newest checkpoint that is damaged is passed over, and its number with it", "[runtime]") {
    three_epochs base(40);
    flip(base / manifest_of(3), 700);
    const std::string damaged = base.bytes(manifest_of(3));
    state now = base.states[2];
    {
        checkpoint_store store(base.where, {base.path(), "g", 1});
        REQUIRE(store.latest()->epoch == 2);
        REQUIRE(store.passed_over().size() == 1);
        CHECK_THAT(store.passed_over()[0], Contains("checkpoint 3 in '" + base.path() + "' cannot be used") &&
                                               Contains(manifest_of(3)) && Contains("CRC"));
        CHECK(store.next_epoch() == 4);
        for (int i = 0; i < 6; ++i) {
            const changes changed{{{1, 0, std::to_string(i)}, std::to_string(i)}};
            change(changed, now);
            write(store, changed);
            store.tidy();
        }
        CHECK(read(store) == now);
    }
    checkpoint_store store(base.where, {base.path(), "g", 1});
    CHECK(store.latest()->epoch == 9);
    CHECK(store.incarnation() == 3);
    CHECK(store.passed_over().empty());
    CHECK(read(store) == now);
    // What the damaged one may name is still there.
    CHECK(base.bytes(manifest_of(3)) == damaged);
    for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) CHECK(fs::exists(base / base.segment_of(epoch)));
}

TEST_CASE("a checkpoint whose segment is missing is passed over", "[runtime]") {
    three_epochs base(40);
    const std::string missing = base.segment_of(3);
    fs::rename(base / missing, base.folder / "aside");
    checkpoint_store store(base.where, {base.path(), "g"});
    CHECK(store.latest()->epoch == 2);
    CHECK(read(store) == base.states[2]);
    REQUIRE(store.passed_over().size() == 1);
    CHECK_THAT(store.passed_over()[0], Contains(missing + "' is missing"));
    fs::rename(base.folder / "aside", base / missing);
    std::vector<std::string> problems;
    const auto listed = weir::list_checkpoints(base.where, base.path(), problems);
    CHECK(problems.empty());
    CHECK(read(base.path(), listed.front()) == base.states[3]);
}

TEST_CASE("a checkpoint that is removed while somebody looks is no problem", "[runtime]") {
    three_epochs base(40);
    const std::string segment = base.segment_of(1);
    base.where.before = [&](std::string_view operation, const std::string& path) {
        if (operation != "status" || !path.ends_with(segment)) return;
        for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) fs::remove(base / manifest_of(epoch));
        fs::remove(base / segment);
    };
    std::vector<std::string> problems;
    CHECK(weir::list_checkpoints(base.where, base.path(), problems).empty());
    CHECK(problems.empty());
}

TEST_CASE("where no checkpoint is sound, nothing begins", "[runtime]") {
    three_epochs base(40);
    const std::string segment = base.segment_of(1);
    fs::rename(base / segment, base.folder / "aside");
    CHECK_THAT(refusal(error_kind::state, [&] { checkpoint_store(base.where, {base.path(), "g"}); }),
               Contains("no checkpoint in '" + base.path() + "' is sound") && Contains(segment + "' is missing"));
    fs::rename(base.folder / "aside", base / segment);
    CHECK(resume(base) == 3);
    for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) fs::remove(base / manifest_of(epoch));
    CHECK_THAT(refusal(error_kind::state, [&] { checkpoint_store(base.where, {base.path(), "g"}); }),
               Contains("has lost its manifests") && Contains("epoch 3"));
    CHECK(base.folder.names_in("s").size() == 3);
}

TEST_CASE("files of a newer format are refused, whatever else there is", "[runtime]") {
    three_epochs base(40);
    for (const std::string& name : {manifest_of(3), manifest_of(1), base.segment_of(2)}) {
        for (const std::size_t at : {8U, 12U, 15U}) {  // version, features
            CAPTURE(name, at);
            const std::string whole = base.bytes(name);
            base.put(name, of_format(whole, at, 2));
            CHECK_THAT(refusal(error_kind::state, [&] { checkpoint_store(base.where, {base.path(), "g"}); }),
                       Contains("newer version of weir") && Contains(name));
            std::vector<std::string> problems;
            static_cast<void>(weir::list_checkpoints(base.where, base.path(), problems));
            REQUIRE(!problems.empty());
            CHECK_THAT(problems[0], Contains("newer version of weir"));
            base.put(name, whole);
        }
    }
    CHECK(base.folder.names_in("s") == base.files);
}

TEST_CASE("state that is damaged after all is refused where it is read or merged", "[runtime]") {
    three_epochs base(40);
    checkpoint_store store(base.where, {base.path(), "g"});
    const std::string name = base.segment_of(3);
    flip(base / name, 100 * 8);
    const auto refused_by = [&](const std::function<void()>& act) {
        CHECK_THAT(refusal(error_kind::state, act), Contains(name + "' is damaged") && Contains("CRC of its block 0"));
    };
    refused_by([&] { static_cast<void>(read(store)); });
    write(store, {{{1, 0, "x"}, std::string(1'000, 'x')}});
    refused_by([&] { store.tidy(); });
    // What is written as a whole needs no older segment.
    write(store, {{{1, 0, "x"}, "y"}}, true);
    CHECK(read(store) == state{{{1, 0, "x"}, "y"}});
    store.tidy();
}
