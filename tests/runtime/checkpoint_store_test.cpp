// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/checkpoint_store.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <rapidcheck.h>

#include "checkpoint_support.hpp"

namespace fs = std::filesystem;
using namespace checkpoint_test;
using Catch::Matchers::Contains;
using weir::checkpoint_store;
using weir::error_kind;
using weir::machine;

namespace {

std::size_t count_of(const temporary_folder& folder, const std::string& inner, const std::string& head) {
    std::size_t count = 0;
    for (const auto& each : fs::directory_iterator(folder / inner)) {
        count += each.path().filename().string().starts_with(head) ? 1 : 0;
    }
    return count;
}

}  // namespace

TEST_CASE("a new folder has no checkpoint, and the first one written is found again", "[runtime]") {
    const temporary_folder folder;
    const std::string path = folder / "deep/er/state/";
    state wanted;
    weir::checkpoint_info first;
    {
        checkpoint_store store(machine(), {path, "g"});
        CHECK(store.latest() == nullptr);
        CHECK(store.passed_over().empty());
        CHECK(store.next_epoch() == 1);
        CHECK(store.incarnation() == 1);
        CHECK(read(store).empty());
        const changes changed{
            {{0, 0, ""}, "place"}, {{1, 3, "a"}, "1"}, {{1, 3, "ab"}, ""}, {{1, 2, "z"}, std::nullopt}};
        change(changed, wanted);
        auto about = three_stages();
        about.ended = true;
        about.savepoint = true;
        first = write(store, changed, true, about);
        CHECK(first.epoch == 1);
        CHECK(first.graph == "g");
        CHECK(first.segments.size() == 1);
        CHECK(first.segments[0].entries == 3);
        CHECK(read(store) == wanted);
        CHECK(store.next_epoch() == 2);
    }
    checkpoint_store store(machine(), {folder / "deep/er/state", "g"});
    REQUIRE(store.latest() != nullptr);
    const weir::checkpoint_info& found = *store.latest();
    CHECK((found.graph == "g" && found.epoch == 1 && found.incarnation == 1 && found.job == first.job));
    CHECK((found.threads == 2 && found.ended && found.savepoint && found.taken_at == three_stages().taken_at));
    CHECK(found.stages == three_stages().stages);
    CHECK(found.segments == first.segments);
    CHECK(read(store) == wanted);
    CHECK(store.incarnation() == 2);
    CHECK(store.job() == first.job);
    CHECK(write(store, {}).incarnation == 2);
    CHECK(read(store) == wanted);
    CHECK(folder.names() == std::vector<std::string>{"deep"});
}

TEST_CASE("epochs without entries, and entries without bytes", "[runtime]") {
    const temporary_folder folder;
    checkpoint_store store(machine(), {folder / "s", "g"});
    CHECK(write(store, {}, true).segments.empty());
    CHECK(write(store, {{{0, 0, "x"}, std::nullopt}}).segments.empty());
    CHECK(read(store).empty());
    write(store, {{{0, 0, ""}, ""}});
    CHECK(read(store) == state{{{0, 0, ""}, ""}});
    write(store, {{{0, 0, ""}, std::nullopt}});
    CHECK(read(store).empty());
    store.tidy();
    CHECK(write(store, {}).segments.empty());
}

TEST_CASE("whatever is written, in whatever order, is read again", "[runtime]") {
    const bool holds = rc::check([] {
        const temporary_folder folder;
        hasty_machine where;
        const auto keep = *rc::gen::inRange<unsigned>(1, 4);
        const auto open = [&] {
            return std::make_unique<checkpoint_store>(where, weir::checkpoint_folder{folder / "s", "g", keep});
        };
        auto store = open();
        std::map<std::uint64_t, state> written;
        state now;
        std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
        const auto below = [&random](std::uint64_t count) { return random() % count; };
        const auto steps = *rc::gen::inRange(1, 40);
        for (int step = 0; step < steps; ++step) {
            switch (below(6)) {
                case 0: store->tidy(); break;
                case 1:
                    store.reset();
                    store = open();
                    RC_ASSERT(store->passed_over().empty());
                    break;
                default: {
                    changes changed;
                    const bool whole = now.empty() || below(8) == 0;
                    if (whole) now.clear();
                    for (auto left = below(2) == 0 ? below(4) : below(200); left > 0; --left) {
                        const std::string key(below(6), static_cast<char>("ab\xff"[below(3)]));
                        const std::size_t bytes = below(50) == 0 ? below(300'000) : below(30);
                        auto& value = changed[{static_cast<std::uint32_t>(below(3)),
                                               static_cast<std::uint16_t>(below(4)), key}];
                        if (below(3) != 0) value = std::string(bytes, static_cast<char>(below(256)));
                    }
                    change(changed, now);
                    const std::uint64_t epoch = store->next_epoch();
                    RC_ASSERT(write(*store, changed, whole).epoch == epoch);
                    written[epoch] = now;
                }
            }
            RC_ASSERT(read(*store) == now);
        }
        std::vector<std::string> problems;
        const auto listed = weir::list_checkpoints(machine(), folder / "s", problems);
        RC_ASSERT(problems.empty());
        RC_ASSERT(listed.size() >= std::min<std::size_t>(keep, written.size()));
        for (const auto& each : listed) RC_ASSERT(read(folder / "s", each) == written[each.epoch]);
    });
    CHECK(holds);
}

TEST_CASE("segments are merged so that there are few, and no byte is written often", "[runtime]") {
    const temporary_folder folder;
    hasty_machine where;
    checkpoint_store store(where, {folder / "s", "g", 1});
    state wanted;
    std::uint64_t changed_bytes = 0;
    std::uint64_t merged_bytes = 0;
    std::size_t most = 0;
    for (std::uint64_t epoch = 1; epoch <= 256; ++epoch) {
        changes changed;
        for (std::uint64_t i = 0; i < 20; ++i) {
            changed[{1, static_cast<std::uint16_t>(i % 7), std::to_string(epoch * 20 + i)}] = std::string(80, 'v');
        }
        change(changed, wanted);
        const auto info = write(store, changed);
        changed_bytes += info.segments.back().bytes;
        std::set<std::string> before;
        for (const auto& each : fs::directory_iterator(folder / "s")) before.insert(each.path().filename().string());
        store.tidy();
        for (const auto& each : fs::directory_iterator(folder / "s")) {
            if (!before.contains(each.path().filename().string())) merged_bytes += each.file_size();
        }
        most = std::max(most, info.segments.size());
    }
    CHECK(read(store) == wanted);
    CHECK(most <= 10);  // log2(256) + what is new
    CHECK(merged_bytes <= 8 * changed_bytes);
    CHECK(count_of(folder, "s", "segment-") <= 20);
    CHECK(count_of(folder, "s", "unfinished-") == 0);
    CHECK(count_of(folder, "s", "manifest-") == 1);
}

TEST_CASE("the same keys again and again take no more room", "[runtime]") {
    const temporary_folder folder;
    hasty_machine where;
    checkpoint_store store(where, {folder / "s", "g", 1});
    changes first;
    for (int i = 0; i < 1000; ++i) first[{1, 0, std::to_string(i)}] = std::string(100, 'a');
    write(store, first, true);
    state wanted;
    change(first, wanted);
    for (int epoch = 0; epoch < 50; ++epoch) {
        changes changed;
        const std::string value(100, static_cast<char>('b' + epoch % 9));
        for (int i = 0; i < 10; ++i) changed[{1, 0, std::to_string(i)}] = value;
        changed[{1, 0, std::to_string(20 + epoch)}] = std::nullopt;
        change(changed, wanted);
        write(store, changed);
        store.tidy();
    }
    const auto info = write(store, {});
    store.tidy();
    CHECK(info.segments.size() <= 3);
    std::uint64_t bytes = 0;
    for (const auto& each : fs::directory_iterator(folder / "s")) bytes += each.file_size();
    CHECK(bytes < 2 * 130'000);
    CHECK(read(store) == wanted);
}

TEST_CASE("as many checkpoints are kept as asked for, and every savepoint", "[runtime]") {
    const temporary_folder folder;
    state wanted;
    {
        checkpoint_store store(machine(), {folder / "s", "g", 2});
        for (int i = 1; i <= 12; ++i) {
            auto about = three_stages();
            about.savepoint = i == 3 || i == 5;
            const changes changed{{{1, 0, std::to_string(i % 4)}, std::to_string(i)}};
            if (i <= 3) change(changed, wanted);
            write(store, changed, false, about);
            store.tidy();
        }
    }
    std::vector<std::string> problems;
    const auto epochs = [&] {
        std::vector<std::uint64_t> found;
        for (const auto& each : weir::list_checkpoints(machine(), folder / "s", problems)) found.push_back(each.epoch);
        return found;
    };
    CHECK(epochs() == std::vector<std::uint64_t>{12, 11, 5, 3});
    { const checkpoint_store store(machine(), {folder / "s", "g", 1}); }
    CHECK(epochs() == std::vector<std::uint64_t>{12, 5, 3});
    CHECK(problems.empty());
    CHECK(read(folder / "s", weir::list_checkpoints(machine(), folder / "s", problems).back()) == wanted);
}

TEST_CASE("a folder is held by one at a time", "[runtime]") {
    const temporary_folder folder;
    auto holder = std::make_unique<checkpoint_store>(machine(), weir::checkpoint_folder{folder / "s", "g"});
    write(*holder, {{{0, 0, ""}, "x"}});
    const auto said = refusal(error_kind::state, [&] { checkpoint_store(machine(), {folder / "s", "g"}); });
    CHECK_THAT(said, Contains("another process has the checkpoint folder '" + folder / "s" + "'"));
    std::vector<std::string> problems;
    CHECK(weir::list_checkpoints(machine(), folder / "s", problems).size() == 1);  // looking needs no lock
    holder.reset();
    CHECK(checkpoint_store(machine(), {folder / "s", "g"}).latest()->epoch == 1);
}

TEST_CASE("a folder of another graph is refused, with both names", "[runtime]") {
    const temporary_folder folder;
    {
        checkpoint_store store(machine(), {folder / "s", "spending"});
        write(store, {});
    }
    const auto said = refusal(error_kind::state, [&] { checkpoint_store(machine(), {folder / "s", "decisions"}); });
    CHECK_THAT(said, Contains("'spending'") && Contains("'decisions'"));
}

TEST_CASE("a folder with the checkpoints of two jobs is refused", "[runtime]") {
    const temporary_folder folder;
    for (const auto* name : {"one", "two"}) {
        checkpoint_store store(machine(), {folder / name, "g"});
        write(store, {});
        write(store, {});
    }
    fs::copy_file(folder / "one/" + manifest_of(1), folder / "two/" + manifest_of(1),
                  fs::copy_options::overwrite_existing);
    const auto said = refusal(error_kind::state, [&] { checkpoint_store(machine(), {folder / "two", "g"}); });
    CHECK_THAT(said, Contains("two jobs"));
}

TEST_CASE("what no folder can be is refused with a sentence", "[runtime]") {
    const temporary_folder folder;
    CHECK_THAT(refusal(error_kind::configuration, [&] { checkpoint_store(machine(), {"", "g"}); }),
               Contains("its path is empty"));
    const std::string file = folder.write("file", "text");
    CHECK_THAT(refusal(error_kind::io, [&] { checkpoint_store(machine(), {file, "g"}); }),
               Contains("cannot use the checkpoint folder '" + file + "'") && Contains("it is a file"));
    CHECK_THAT(refusal(error_kind::io, [&] { checkpoint_store(machine(), {file + "/s", "g"}); }),
               Contains("cannot use the checkpoint folder"));
    std::vector<std::string> problems;
    CHECK_THAT(refusal(error_kind::io,
                       [&] { static_cast<void>(weir::list_checkpoints(machine(), folder / "none", problems)); }),
               Contains("none"));
}

TEST_CASE("a folder that may not be written or read is refused with a sentence", "[runtime]") {
    const temporary_folder folder;
    {
        checkpoint_store store(machine(), {folder / "s", "g"});
        write(store, {});
    }
    const bool root = ::geteuid() == 0;
    const auto forbidden = [&](fs::perms allowed) {
        fs::permissions(folder / "s", allowed);
        if (root) REQUIRE(::seteuid(65534) == 0);
        std::string said;
        try {
            checkpoint_store store(machine(), {folder / "s", "g"});
        } catch (const weir::error& thrown) {
            said = (thrown.kind() == error_kind::io ? "io: " : "other: ") + std::string{thrown.what()};
        }
        if (root) REQUIRE(::seteuid(0) == 0);
        fs::permissions(folder / "s", fs::perms::owner_all);
        return said;
    };
    fs::permissions(folder / "s/lock", fs::perms::owner_read | fs::perms::others_read);
    const auto read_only = fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                           fs::perms::others_exec;
    CHECK_THAT(forbidden(read_only), Contains("io: cannot use the checkpoint folder") && Contains("Permission denied"));
    fs::remove(folder / "s/lock");
    CHECK_THAT(forbidden(read_only), Contains("io: cannot use the checkpoint folder") && Contains("Permission denied"));
    CHECK_THAT(forbidden(fs::perms::none), Contains("io: cannot use the checkpoint folder"));
    CHECK(checkpoint_store(machine(), {folder / "s", "g"}).latest()->epoch == 1);
}

TEST_CASE("a manifest whose name is taken meanwhile is never written over, and its writer gives up", "[runtime]") {
    const temporary_folder folder;
    checkpoint_store store(machine(), {folder / "s", "g"});
    write(store, {{{0, 0, ""}, "old"}});
    folder.write("s/" + manifest_of(2), "another's");
    const auto said = refusal(error_kind::state, [&] { write(store, {{{0, 0, ""}, "new"}}); });
    CHECK_THAT(said, Contains("another process has written checkpoint 2"));
    CHECK(folder.read("s/" + manifest_of(2)) == "another's");
    CHECK(store.latest()->epoch == 1);
    CHECK(read(store) == state{{{0, 0, ""}, "old"}});
    CHECK_THAT(refusal(error_kind::state, [&] { write(store, {}); }), Contains("nothing more is written"));
    CHECK_THAT(refusal(error_kind::state, [&] { store.tidy(); }), Contains("nothing more is written"));
}

TEST_CASE("a writer that another one has overtaken by more than it kept is stopped as well", "[runtime]") {
    const temporary_folder folder;
    checkpoint_store store(machine(), {folder / "s", "g"});
    write(store, {});
    folder.write("s/" + manifest_of(9), "another's");
    CHECK_THAT(refusal(error_kind::state, [&] { write(store, {}); }),
               Contains("another process has written checkpoint 9"));
    CHECK_THAT(refusal(error_kind::state, [&] { write(store, {}); }), Contains("nothing more is written"));
}

TEST_CASE("changes do not go on from other stages", "[runtime]") {
    const temporary_folder folder;
    checkpoint_store store(machine(), {folder / "s", "g"});
    write(store, {{{2, 0, ""}, "x"}});
    auto other = three_stages();
    std::swap(other.stages[0], other.stages[2]);
    CHECK_THAT(refusal(error_kind::internal, [&] { write(store, {}, false, other); }), Contains("as a whole"));
    CHECK_THAT(refusal(error_kind::internal, [&] { write(store, {{{3, 0, ""}, "x"}}); }), Contains("does not name"));
    auto more = three_stages();
    more.stages.push_back({"later", "process", "", 0});
    CHECK(write(store, {{{3, 0, ""}, "y"}}, false, more).epoch == 2);
    CHECK(write(store, {{{0, 0, ""}, "x"}}, true, other).epoch == 3);
    CHECK(read(store).size() == 1);
}

TEST_CASE("what a crash left behind is removed, and what is not weir's stays", "[runtime]") {
    const temporary_folder folder;
    {
        checkpoint_store store(machine(), {folder / "s", "g"});
        write(store, {{{0, 0, ""}, "x"}});
    }
    const auto before = count_of(folder, "s", "");
    folder.write("s/segment-" + padded(2) + "-0123456789abcdef", "half");
    folder.write("s/unfinished-" + padded(2) + "-0123456789abcdef", "half");
    folder.write("s/notes.txt", "mine");
    folder.write("s/segment-of-mine", "mine");
    folder.write("s/" + manifest_of(7) + ".bak", "mine");
    checkpoint_store store(machine(), {folder / "s", "g"});
    CHECK(store.next_epoch() == 2);
    CHECK(store.passed_over().empty());
    CHECK(count_of(folder, "s", "") == before + 3);
    CHECK(folder.read("s/notes.txt") == "mine");
}
