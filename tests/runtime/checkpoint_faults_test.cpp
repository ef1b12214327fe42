// SPDX-License-Identifier: Apache-2.0
// Operations on files that fail, one after the other: after each, the folder holds what was written before, or after,
// and nothing between.
#include <weir/runtime/checkpoint_store.hpp>

#include <filesystem>
#include <memory>

#include "checkpoint_support.hpp"

namespace fs = std::filesystem;
using namespace checkpoint_test;
using Catch::Matchers::Contains;
using weir::checkpoint_store;
using weir::error_kind;

namespace {

// Lets so many operations pass; then one fails, or all that follow do.
class fault {
  public:
    fault(hasty_machine& where, std::uint64_t passes, bool for_good) {
        where.before = [this, passes, for_good](std::string_view operation, const std::string& path) {
            const bool fails = for_good ? seen_ >= passes : seen_ == passes;
            ++seen_;
            if (!fails) return;
            happened_ = true;
            throw weir::error(error_kind::io, "cannot " + std::string{operation} + " '" + path + "': made to fail");
        };
    }
    [[nodiscard]] bool happened() const { return happened_; }

  private:
    std::uint64_t seen_ = 0;
    bool happened_ = false;
};

changes changes_of(std::uint64_t epoch) {
    changes made;
    for (std::uint64_t i = 0; i < 5; ++i) made[{1, 0, std::to_string(epoch + i)}] = std::to_string(epoch);
    made[{1, 0, std::to_string(epoch)}] = std::nullopt;
    return made;
}

// What a process does: goes on from the folder, writes four epochs, tidies up in between. Counts what write() returned.
void run_process(hasty_machine& where, const std::string& folder, std::uint64_t& attempted, std::uint64_t& written) {
    checkpoint_store store(where, {folder, "g", 2});
    for (int i = 0; i < 4; ++i) {
        attempted = store.next_epoch();
        try {
            written = write(store, changes_of(attempted)).epoch;
        } catch (const weir::error&) {
            CHECK(store.next_epoch() == attempted);
            CHECK_THAT(refusal(error_kind::state, [&] { write(store, {}); }), Contains("nothing more is written"));
            throw;
        }
        store.tidy();
    }
}

// The state after so many epochs.
state after(std::uint64_t epochs) {
    state made;
    for (std::uint64_t i = 1; i <= epochs; ++i) change(changes_of(i), made);
    return made;
}

void enumerate(bool for_good) {
    std::uint64_t faults = 0;
    for (bool happened = true; happened; ++faults) {
        const temporary_folder folder;
        hasty_machine where;
        std::uint64_t attempted = 0;
        std::uint64_t written = 0;
        run_process(where, folder / "s", attempted, written);
        fault planted(where, faults, for_good);
        std::string said;
        try {
            run_process(where, folder / "s", attempted, written);
        } catch (const weir::error& thrown) {
            CHECK(thrown.kind() == error_kind::io);
            said = thrown.what();
        }
        happened = planted.happened();
        where.before = [](auto, const auto&) {};
        CAPTURE(faults, said);
        checkpoint_store store(where, {folder / "s", "g", 2});
        REQUIRE(store.latest() != nullptr);
        CHECK(store.passed_over().empty());
        const std::uint64_t found = store.latest()->epoch;
        CHECK((found == written || found == attempted));
        CHECK(read(store) == after(found));
        write(store, changes_of(found + 1));
        store.tidy();
        CHECK(read(store) == after(found + 1));
    }
    CHECK(faults > 60);
    WARN(faults << " operations failed, " << (for_good ? "and all after them" : "each alone"));
}

}  // namespace

TEST_CASE("any operation on files may fail", "[runtime]") { enumerate(false); }
TEST_CASE("from any operation on files on, all may fail", "[runtime]") { enumerate(true); }

TEST_CASE("a sync that failed is not tried again, and ends the writing", "[runtime]") {
    for (const std::string_view kind : {"sync", "sync folder"}) {
        for (unsigned which = 1; which <= 2; ++which) {
            CAPTURE(kind, which);
            const temporary_folder folder;
            hasty_machine where;
            checkpoint_store store(where, {folder / "s", "g"});
            write(store, changes_of(1));
            unsigned seen = 0;
            unsigned after_it = 0;
            where.before = [&](std::string_view operation, const std::string&) {
                if (seen >= which) ++after_it;
                if (operation == kind && ++seen == which) throw weir::error(error_kind::io, "the disk is gone");
            };
            CHECK_THAT(refusal(error_kind::io, [&] { write(store, changes_of(2)); }), Contains("the disk is gone"));
            CHECK_THAT(refusal(error_kind::state, [&] { write(store, changes_of(2)); }), Contains("the disk is gone"));
            CHECK(after_it == 0);
            CHECK(read(store) == after(1));
        }
    }
}

TEST_CASE("a merge that finds no room ends, and the writing goes on", "[runtime]") {
    const temporary_folder folder;
    hasty_machine where;
    checkpoint_store store(where, {folder / "s", "g"});
    write(store, changes_of(1));
    write(store, changes_of(2));
    where.before = [](std::string_view operation, const std::string&) {
        if (operation == "write") throw weir::error(error_kind::io, "no space left");
    };
    CHECK_THAT(refusal(error_kind::io, [&] { store.tidy(); }), Contains("no space left"));
    where.before = [](auto, const auto&) {};
    CHECK(write(store, changes_of(3)).epoch == 3);
    store.tidy();
    CHECK(write(store, changes_of(4)).segments.size() < 4);
    CHECK(read(store) == after(4));
}

TEST_CASE("what is gone on from is made to last before anything is removed", "[runtime]") {
    const temporary_folder folder;
    hasty_machine where;
    for (std::uint64_t epoch = 1; epoch <= 2; ++epoch) {
        checkpoint_store store(where, {folder / "s", "g", 2});
        write(store, changes_of(epoch));
    }
    std::vector<std::string> done;
    where.before = [&](std::string_view operation, const std::string& path) {
        const std::string name = path.substr(path.rfind('/') + 1);
        if (operation == "remove" || operation == "sync folder") done.push_back(std::string{operation} + " " + name);
    };
    { const checkpoint_store store(where, {folder / "s", "g", 1}); }
    CHECK(done == std::vector<std::string>{"sync folder s", "remove " + manifest_of(1), "sync folder s"});
    done.clear();
    fs::create_directory(folder / "made");
    { const checkpoint_store store(where, {folder / "made", "g", 1}); }
    // Those above may have been made by one that was killed, too.
    REQUIRE(done.size() > 1);
    CHECK(done.front().starts_with("sync folder weir_test_"));
    CHECK(done.back() == "sync folder ");
}

TEST_CASE("an epoch is written in this order", "[runtime]") {
    const temporary_folder folder;
    hasty_machine where;
    checkpoint_store store(where, {folder / "s", "g"});
    write(store, changes_of(1));
    std::vector<std::string> done;
    where.before = [&](std::string_view operation, const std::string& path) {
        const std::string name = path.substr(path.rfind('/') + 1);
        if (operation != "status") done.push_back(std::string{operation} + " " + name.substr(0, name.find('-')));
    };
    write(store, changes_of(2));
    CHECK(done == std::vector<std::string>{"create segment", "write segment", "sync segment", "sync folder s",
                                           "create unfinished", "write unfinished", "sync unfinished", "link manifest",
                                           "sync folder s", "list manifest", "remove unfinished"});
}
