// SPDX-License-Identifier: Apache-2.0
// What is done with a checkpoint store while the disk crashes and fails, and what must be found then: the newest epoch
// that was told to be safe, or a later one that is whole. Used by checkpoint_crash_test.cpp, and, with bugs planted, by
// checkpoint_planted_bugs.cpp.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <weir/base/error.hpp>

#include "crash/for_each_crash.hpp"
#include "crash/for_each_fault.hpp"
#include "runtime/checkpoint_support.hpp"

namespace checkpoint_crash {

using checkpoint_test::change;
using checkpoint_test::changes;
using checkpoint_test::state;
using crash::expect;
using crash::simulation;
using weir::checkpoint_info;
using weir::checkpoint_store;
using weir::testing::seeded;

inline const std::string folder = "/var/lib/state";

// What was tried, and what was told to be safe.
struct known {
    std::map<std::uint64_t, std::vector<state>> tried;  // by epoch: an epoch that was not safe may be tried anew
    std::map<std::uint64_t, state> safe;
    std::uint64_t highest = 0;           // number that was safe once, whatever became of it
    std::set<std::uint64_t> savepoints;  // of those that are safe
    std::uint64_t incarnation = 0;       // of the last of them
    state now;                           // of the one that is written on
};

inline state read_all(const std::function<void(const std::function<void(const weir::state_batch::entry&)>&)>& read) {
    state found;
    read([&](const weir::state_batch::entry& entry) {
        const checkpoint_test::place at{entry.stage, entry.shard, std::string{entry.key}};
        expect(!entry.gone, "an entry that is gone is read");
        expect(found.empty() || found.rbegin()->first < at, "entries are read out of order, or twice");
        found.emplace(at, entry.value);
    });
    return found;
}
inline state read(checkpoint_store& store) {
    return read_all([&](const auto& visit) { store.read(visit); });
}

// Values that tell what they are of, so that no mixture looks right.
inline changes some_changes(std::uint64_t epoch, std::uint64_t salt, std::size_t count, std::size_t value_bytes) {
    seeded random(epoch * 1000 + salt);
    changes made;
    for (std::size_t i = 0; i < count; ++i) {
        auto& value = made[{static_cast<std::uint32_t>(random.below(3)), static_cast<std::uint16_t>(random.below(2)),
                            "key" + std::to_string(random.below(2 * count))}];
        if (random.one_in(5)) continue;
        value = std::to_string(epoch) + "/" + std::to_string(salt);
        value->resize(value->size() + random.below(value_bytes), static_cast<char>('a' + salt % 26));
    }
    made[{0, 0, ""}] = std::to_string(epoch) + "/" + std::to_string(salt);
    return made;
}

// A process that has the folder, for as long as it lives.
class process {
  public:
    process(simulation& where, known& facts, unsigned keep = 2) : facts_(facts), store_(where, {folder, "g", keep}) {
        expect(store_.incarnation() > facts_.incarnation, "an incarnation is not a new one");
        facts_.now = store_.latest() == nullptr ? state{} : read(store_);
        // Sinks act on what is found: it is as safe from now on as if it had been written now.
        if (store_.latest() != nullptr) note_safe(store_.latest()->epoch);
    }
    checkpoint_store& store() { return store_; }

    struct how {
        std::uint64_t salt = 0;
        bool whole = false;
        bool savepoint = false;
        std::size_t count = 6;
        std::size_t value_bytes = 40;
    };
    void write(const how& asked) {
        const std::uint64_t epoch = store_.next_epoch();
        expect(epoch > facts_.highest, "an epoch's number is used again");
        const changes made = some_changes(epoch, asked.salt, asked.count, asked.value_bytes);
        state next = asked.whole ? state{} : facts_.now;
        change(made, next);
        facts_.tried[epoch].push_back(next);
        checkpoint_info about = checkpoint_test::three_stages();
        about.savepoint = asked.savepoint;
        const checkpoint_info written = checkpoint_test::write(store_, made, asked.whole, about);
        expect(written.epoch == epoch, "an epoch has another number than was said");
        facts_.incarnation = store_.incarnation();
        facts_.now = next;
        note_safe(epoch);
        if (asked.savepoint) facts_.savepoints.insert(epoch);
    }
    void write(std::uint64_t salt) { write({.salt = salt}); }
    void tidy() { store_.tidy(); }

  private:
    void note_safe(std::uint64_t epoch) {
        facts_.safe[epoch] = facts_.now;
        facts_.highest = std::max(facts_.highest, epoch);
    }

    known& facts_;
    checkpoint_store store_;
};

// Opens, and compares what is found with what is known.
inline std::unique_ptr<process> found_again(simulation& where, known& facts) {
    const known before = facts;
    auto store = std::make_unique<process>(where, facts);
    const checkpoint_info* const latest = store->store().latest();
    const std::uint64_t safe = before.safe.empty() ? 0 : before.safe.rbegin()->first;
    const std::uint64_t epoch = latest == nullptr ? 0 : latest->epoch;
    expect(epoch >= safe,
           "epoch " + std::to_string(safe) + " was safe, and " + std::to_string(epoch) + " is found");
    if (latest == nullptr) return store;
    expect(latest->stages == checkpoint_test::three_stages().stages, "the stages are others");
    const auto exactly = before.safe.find(epoch);
    const auto tried = before.tried.find(epoch);
    if (exactly != before.safe.end()) {
        expect(facts.now == exactly->second, "epoch " + std::to_string(epoch) + " was safe, and is another");
    } else {
        expect(tried != before.tried.end(), "an epoch is found that nobody wrote");
        expect(std::find(tried->second.begin(), tried->second.end(), facts.now) != tried->second.end(),
               "epoch " + std::to_string(epoch) + " is found, and is a mixture");
    }
    return store;
}

inline void check_savepoints(simulation& where, const known& facts) {
    std::vector<std::string> problems;
    std::set<std::uint64_t> missing = facts.savepoints;
    for (const checkpoint_info& each : weir::list_checkpoints(where, folder, problems)) {
        if (missing.erase(each.epoch) == 0) continue;
        expect(each.savepoint, "a savepoint is none any more");
        const state found = read_all([&](const auto& visit) { weir::read_checkpoint(where, folder, each, visit); });
        expect(found == facts.safe.at(each.epoch), "a savepoint is another");
    }
    expect(missing.empty(), "a savepoint is gone");
}

// Whatever is found is whole, and can be gone on from.
inline void check_found(simulation& where, known& facts, bool to_stay) {
    auto store = found_again(where, facts);
    check_savepoints(where, facts);
    if (to_stay) {
        simulation later(where.seed() + 1, where.disk().after_power_loss({crash::unsynced::lost, 0}));
        known then = facts;
        static_cast<void>(found_again(later, then));
    }
    store->write(77);
    store->tidy();
    store->write(78);
    store.reset();
    static_cast<void>(found_again(where, facts));
    check_savepoints(where, facts);
}

// It is there to stay, too, if the power goes as soon as it was found.
inline void check(simulation& where, known& facts) { check_found(where, facts, true); }
// A process was killed after something had failed. If that was a sync of the folder, the next one sees names that it
// cannot make last by syncing it again.
inline void check_killed(simulation& where, known& facts) { check_found(where, facts, false); }

using scenario = std::function<void(simulation&, known&)>;
struct named_scenario {
    std::string name;
    scenario run;
};

inline crash::outcome for_each_store_fault(const std::string& name, const scenario& run, bool print = true) {
    crash::fault_options options;
    options.print = print;
    options.policies = {{crash::unsynced::lost, 0}, {crash::unsynced::mixed, 1}, {crash::unsynced::mixed, 2}};
    if (crash::sanitized) options.policies.resize(1);
    crash::outcome result = crash::for_each_fault<known>(name, run, check, options);
    options.policies = {{crash::unsynced::kept, 0}};
    result += crash::for_each_fault<known>(name + ", killed", run, check_killed, options);
    return result;
}

inline void write_some(process& store, std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) store.write({.salt = first + i, .whole = first + i == 0});
}

inline std::vector<named_scenario> scenarios() {
    std::vector<named_scenario> all;
    all.push_back({"first checkpoint", [](simulation& where, known& facts) {
                       process store(where, facts);
                       store.write({.salt = 0, .whole = true});
                   }});
    all.push_back({"whole, then changes", [](simulation& where, known& facts) {
                       process store(where, facts);
                       write_some(store, 0, 6);
                       store.write({.salt = 6, .whole = true});
                       store.write(7);
                   }});
    all.push_back({"tidied with merges", [](simulation& where, known& facts) {
                       process store(where, facts, 1);
                       for (std::uint64_t i = 0; i < 8; ++i) {
                           store.write({.salt = i, .whole = i == 0, .count = 4 + 4 * (i % 3)});
                           store.tidy();
                       }
                   }});
    all.push_back({"large segments", [](simulation& where, known& facts) {
                       process store(where, facts);
                       store.write({.salt = 0, .whole = true, .count = 40, .value_bytes = 6'000});
                       store.write({.salt = 1, .count = 30, .value_bytes = 6'000});
                       store.tidy();
                       store.write(2);
                   }});
    all.push_back({"reopened, and gone on", [](simulation& where, known& facts) {
                       for (std::uint64_t life = 0; life < 4; ++life) {
                           process store(where, facts);
                           write_some(store, 2 * life, 2);
                           if (life == 2) store.tidy();
                       }
                   }});
    all.push_back({"savepoints among checkpoints", [](simulation& where, known& facts) {
                       process store(where, facts, 1);
                       for (std::uint64_t i = 0; i < 7; ++i) {
                           store.write({.salt = i, .whole = i == 0, .savepoint = i == 1 || i == 4});
                           store.tidy();
                       }
                   }});
    all.push_back({"two incarnations at once", [](simulation& where, known& facts) {
                       auto first = std::make_unique<process>(where, facts);
                       write_some(*first, 0, 2);
                       std::unique_ptr<process> second;
                       known of_second = facts;
                       try {
                           second = std::make_unique<process>(where, of_second);
                       } catch (const weir::error& refused) {
                           if (refused.kind() != weir::error_kind::state) throw;
                       }
                       first->write(2);
                       if (second) {
                           second->write(3);
                           facts.safe.insert(of_second.safe.begin(), of_second.safe.end());
                           facts.tried.insert(of_second.tried.begin(), of_second.tried.end());
                           expect(of_second.safe == facts.safe, "two hold the folder, and both are told to be safe");
                       }
                       second.reset();
                       first.reset();
                       process next(where, facts);
                       next.write(4);
                   }});
    all.push_back({"the newest is damaged and passed over", [](simulation& where, known& facts) {
                       {
                           process store(where, facts, 3);
                           write_some(store, 0, 3);
                       }
                       const std::string newest = folder + "/" + checkpoint_test::manifest_of(facts.highest);
                       std::string bytes = where.file(newest);
                       bytes[bytes.size() / 2] ^= 1;
                       where.overwrite_file(newest, bytes);
                       facts.safe.erase(facts.highest);
                       process store(where, facts, 3);
                       write_some(store, 4, 2);
                       store.tidy();
                       store.write(6);
                   }});
    return all;
}

// Lives that end in a crash, before each of several changes: what is found then is gone on from.
inline std::vector<named_scenario> broken_lives() {
    std::vector<named_scenario> all;
    for (const crash::crash_policy& policy : {crash::crash_policy{crash::unsynced::kept, 0},
                                              crash::crash_policy{crash::unsynced::mixed, 3},
                                              crash::crash_policy{crash::unsynced::names_kept, 0}}) {
        all.push_back({"broken lives, " + weir::testing::text_of(policy), [policy](simulation& where, known& facts) {
                           for (std::uint64_t life = 0; life < 4; ++life) {
                               const auto store = life == 0 ? std::make_unique<process>(where, facts)
                                                            : found_again(where, facts);
                               write_some(*store, 10 * life, 2);
                               store->tidy();
                               crash::break_off(where, 1 + 2 * life, [&] { store->write(10 * life + 5); });
                               where.disk().reboot(policy);
                           }
                       }});
    }
    return all;
}

// Each file of a folder, with a bit of it changed, or cut: what is read is an epoch as it was written, or an error that
// says why not.
inline crash::outcome for_each_damage(std::uint64_t stride) {
    simulation where(1);
    known facts;
    {
        process store(where, facts, 3);
        store.write({.salt = 0, .whole = true, .count = 8, .value_bytes = 100});
        store.write(1);
        store.write(2);
    }
    crash::outcome result;
    crash::detail::tally count(result);
    const auto try_with = [&](const std::string& path, const std::string& what, std::string bytes) {
        count.check("damage/" + path.substr(folder.size() + 1) + "/" + what, [&] {
            simulation found(2, where.disk().after_power_loss({crash::unsynced::kept, 0}));
            found.overwrite_file(path, std::move(bytes));
            try {
                checkpoint_store store(found, {folder, "g", 3});
                expect(store.latest() != nullptr, "nothing is found, and nothing is said");
                expect(read(store) == facts.safe.at(store.latest()->epoch), "what is read was never written");
            } catch (const weir::error& refused) {
                expect(refused.kind() == weir::error_kind::state, refused.what());
            }
        });
    };
    for (const std::string& path : where.disk().files()) {
        if (path == folder + "/lock") continue;
        const std::string whole = where.file(path);
        for (std::uint64_t bit = 0; bit < 8 * whole.size(); bit += stride) {
            std::string bytes = whole;
            bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
            try_with(path, "bit " + std::to_string(bit), std::move(bytes));
        }
        for (std::uint64_t size = 0; size < whole.size(); size += stride) {
            try_with(path, "cut to " + std::to_string(size), whole.substr(0, size));
        }
    }
    return result;
}

}  // namespace checkpoint_crash
