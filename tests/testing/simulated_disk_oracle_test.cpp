// SPDX-License-Identifier: Apache-2.0
// What a crash may leave of a simulated disk, checked against an oracle that writes down every outcome that is allowed;
// and what it does without a crash, checked against the machine.
#include <catch2/catch.hpp>
#include <map>
#include <rapidcheck.h>
#include <set>
#include <weir/base/error.hpp>
#include <weir/testing/simulation.hpp>

#include "temporary_folder.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

const std::vector<std::string> folders{"", "x", "y"};
std::string path_of(unsigned file) { return std::vector<std::string>{"a", "b", "x/a", "x/b", "y/a"}[file % 5]; }
std::string folder_of(const std::string& path) { return path.size() > 1 ? path.substr(0, 1) : ""; }
std::string name_of(const std::string& path) { return path.substr(path.size() - 1); }

enum class act { create, append, write, sync, rename, link, remove, sync_folder, fail_sync, fail_sync_folder, count };
struct step {
    act what = act::create;
    unsigned file = 0, other = 0;
    std::string text;
};
std::ostream& operator<<(std::ostream& out, const step& each) {
    return out << "{" << static_cast<int>(each.what) << " " << path_of(each.file) << " " << path_of(each.other) << " '"
               << each.text << "'}";
}
rc::Gen<step> steps(act last) {
    const auto texts = rc::gen::map(rc::gen::inRange(0, 26 * 3), [](int n) {
        return std::string(static_cast<std::size_t>(1 + n % 3), static_cast<char>('a' + n / 3));
    });
    return rc::gen::map(rc::gen::tuple(rc::gen::inRange(0, static_cast<int>(last)), rc::gen::inRange(0, 5),
                                       rc::gen::inRange(0, 5), texts),
                        [](const std::tuple<int, int, int, std::string>& made) {
                            return step{static_cast<act>(std::get<0>(made)), static_cast<unsigned>(std::get<1>(made)),
                                        static_cast<unsigned>(std::get<2>(made)), std::get<3>(made)};
                        });
}

// Naive: all contents, and all tables of names, that may be found. Files are numbered as the disk numbers them.
struct oracle {
    using number = std::uint64_t;
    using table = std::map<std::string, number>;
    struct change {
        bool is_cut = false, let_go = false;
        std::size_t at = 0;
        std::string text;
    };
    struct file {
        std::string now;
        std::set<std::string> safe{""};
        std::vector<change> since;
    };
    struct name_change {
        std::string gone, come;
        number what = 0;
        bool let_go = false;
    };
    struct folder {
        table now;
        table safe;
        std::vector<name_change> since;
    };
    std::map<number, file> files;
    std::map<std::string, folder> named;

    static void apply(std::string& to, const change& each) {
        if (each.is_cut) {
            to = to.substr(0, each.at);
            return;
        }
        for (std::size_t i = 0; i < each.text.size(); ++i) {
            while (to.size() <= each.at + i) to += '\0';
            to[each.at + i] = each.text[i];
        }
    }
    static std::set<std::string> contents(const file& of) {
        std::set<std::string> found = of.safe;
        for (const change& each : of.since) {
            for (const std::string& before : std::set<std::string>(found)) {
                for (std::size_t part = each.is_cut ? 0 : 1; part <= each.text.size(); ++part) {
                    std::string after = before;
                    apply(after, {each.is_cut, false, each.at, each.text.substr(0, part)});
                    found.insert(after);
                }
                std::string zeros = before;
                while (!each.is_cut && zeros.size() < each.at + each.text.size()) zeros += '\0';
                found.insert(zeros);
            }
        }
        return found;
    }
    static void apply(table& to, const name_change& each) {
        to.erase(each.gone);
        if (!each.come.empty()) to[each.come] = each.what;
    }
    static std::set<table> tables(const folder& of) {
        std::set<table> found{of.safe};
        for (const name_change& each : of.since) {
            for (table after : std::set<table>(found)) {
                apply(after, each);
                found.insert(after);
            }
        }
        return found;
    }
    void write(number which, bool is_cut, std::size_t at, const std::string& text) {
        files[which].since.push_back({is_cut, false, at, text});
        apply(files[which].now, files[which].since.back());
    }
    void sync(number which) {
        file& of = files[which];
        std::set<std::string> safe;
        for (const std::string& before : of.safe) {
            for (const bool zeros : {false, true}) {
                std::string after = before;
                for (const change& each : of.since) {
                    if (!each.let_go) apply(after, each);
                    while (each.let_go && zeros && after.size() < each.at + each.text.size()) after += '\0';
                }
                safe.insert(after);
            }
        }
        of.safe = safe;
        of.since.clear();
    }
    void rename(const std::string& gone, const std::string& come, number what) {
        const std::string one = gone.empty() ? folder_of(come) : folder_of(gone);
        named[one].since.push_back({gone.empty() ? "" : name_of(gone), come.empty() ? "" : name_of(come), what});
        apply(named[one].now, named[one].since.back());
    }
    void sync_folder(const std::string& which) {
        for (const name_change& each : named[which].since) {
            if (!each.let_go) apply(named[which].safe, each);
        }
        named[which].since.clear();
    }
};

class checked_disk {
  public:
    checked_disk() {
        for (const std::string& folder : folders) disk.create_folder(folder);
        disk.sync_folder("");
    }

    void take(const step& each) {
        const std::string path = path_of(each.file), other = path_of(each.other);
        const std::optional<file_status> known = disk.status_of(path), other_known = disk.status_of(other);
        const std::uint64_t number = known ? known->identity.number : 0;
        if (known && model.files[number].since.size() > 4) sync(path, number);
        for (const std::string& folder : folders) {
            if (model.named[folder].since.size() > 6) sync_folder(folder);
        }
        if (!known && each.what != act::create && each.what < act::sync_folder) return;
        switch (each.what) {
            case act::create: {
                disk.create_output(path)->write(each.text);
                const std::uint64_t made = disk.status_of(path)->identity.number;
                if (known) model.write(made, true, 0, "");
                if (!known) model.rename("", path, made);
                return model.write(made, false, 0, each.text);
            }
            case act::append: {
                const std::size_t size = known->size / 2;
                disk.append_output(path, size)->write(each.text);
                if (size < known->size) model.write(number, true, size, "");
                return model.write(number, false, size, each.text);
            }
            case act::write:
                disk.append_output(path, known->size)->write(each.text);
                return model.write(number, false, known->size, each.text);
            case act::sync: return sync(path, number);
            case act::rename:
                disk.publish(path, other);
                if (!other_known || other_known->identity.number != number) {
                    if (folder_of(path) == folder_of(other)) {
                        model.rename(path, other, number);
                    } else {
                        model.rename("", other, number);
                        model.rename(path, "", 0);
                    }
                }
                return model.sync_folder(folder_of(other));
            case act::link:
                RC_ASSERT(disk.link(path, other) != other_known.has_value());
                if (!other_known) model.rename("", other, number);
                return;
            case act::remove: disk.remove(path); return model.rename(path, "", 0);
            case act::sync_folder: return sync_folder(folder_of(path));
            case act::fail_sync:
                if (!known) return;
                disk.fail({fault_kind::io_error, 0});
                RC_ASSERT_THROWS_AS(disk.append_output(path, known->size)->sync(), error);
                for (auto& change : model.files[number].since) change.let_go = true;
                return;
            case act::fail_sync_folder:
                disk.fail({fault_kind::io_error, 0});
                RC_ASSERT_THROWS_AS(disk.sync_folder(folder_of(path)), error);
                for (auto& change : model.named[folder_of(path)].since) change.let_go = true;
                return;
            case act::count: return;
        }
    }

    void check(const crash_policy& policy) const {
        simulated_disk found = disk.after_power_loss(policy);
        for (const std::string& folder : folders) {
            oracle::table names;
            for (const std::string& path : found.list(folder.empty() ? "?" : folder + "/?")) {
                const auto status = found.status_of(path);
                if (status->plain) names[name_of(path)] = status->identity.number;
            }
            const auto model_of = model.named.find(folder);
            const oracle::folder& names_of = model_of == model.named.end() ? oracle::folder{} : model_of->second;
            if (policy.what == unsynced::kept) RC_ASSERT(names == names_of.now);
            if (policy.what == unsynced::lost) RC_ASSERT(names == names_of.safe);
            if (policy.what == unsynced::mixed) RC_ASSERT(oracle::tables(names_of).contains(names));
            for (const auto& [name, number] : names) {
                const std::string& bytes = *found.file(folder.empty() ? name : folder + "/" + name);
                const oracle::file& file = model.files.at(number);
                if (policy.what == unsynced::kept) RC_ASSERT(bytes == file.now);
                if (policy.what == unsynced::lost) RC_ASSERT(file.safe.contains(bytes));
                if (policy.what == unsynced::mixed) RC_ASSERT(oracle::contents(file).contains(bytes));
            }
        }
    }

    simulated_disk disk{3};
    oracle model;

  private:
    void sync(const std::string& path, std::uint64_t number) {
        disk.append_output(path, disk.status_of(path)->size)->sync();
        model.sync(number);
    }
    void sync_folder(const std::string& folder) {
        disk.sync_folder(folder);
        model.sync_folder(folder);
    }
};

std::string rest_of(environment& where, const std::string& path) {
    std::string bytes(100, ' ');
    bytes.resize(where.open_input(path)->read(bytes));
    return bytes;
}

}  // namespace

TEST_CASE("after a crash all that is found is explicable, and what was synced is there", "[testing]") {
    CHECK(rc::check([] {
        checked_disk disk;
        for (const step& each : *rc::gen::container<std::vector<step>>(steps(act::count))) disk.take(each);
        disk.check({unsynced::kept});
        disk.check({unsynced::lost});
        for (std::uint64_t seed = 0; seed < 20; ++seed) disk.check({unsynced::mixed, seed});
    }));
}

TEST_CASE("everything that a crash may leave is found by some seed", "[testing]") {
    checked_disk disk;
    const std::vector<step> taken{{act::create, 0, 0, "aa"}, {act::sync, 0, 0, ""}, {act::sync_folder, 0, 0, ""},
                                  {act::append, 0, 0, "b"},  {act::write, 0, 0, "c"}, {act::link, 0, 1, ""},
                                  {act::remove, 0, 0, ""},   {act::link, 1, 0, ""}};
    for (const step& each : taken) disk.take(each);
    std::set<std::string> contents;
    std::set<std::vector<std::string>> names;
    for (std::uint64_t seed = 0; seed < 5000; ++seed) {
        const simulated_disk found = disk.disk.after_power_loss({unsynced::mixed, seed});
        names.insert(found.files());
        if (const std::string* const bytes = found.file("a")) contents.insert(*bytes);
    }
    CHECK(contents == oracle::contents(disk.model.files.begin()->second));
    CHECK(names.size() == 4);
}

TEST_CASE("without a crash a simulated disk does what the machine does", "[testing]") {
    CHECK(rc::check([] {
        const temporary_folder here;
        simulation simulated;
        const std::string root = here / "";
        std::vector<environment*> both{&machine(), &simulated};
        for (environment* const where : both) {
            where->create_folder(root + "x");
            where->create_folder(root + "y");
        }
        for (const step& each : *rc::gen::container<std::vector<step>>(steps(act::sync_folder))) {
            std::vector<std::string> said;
            for (environment* const where : both) {
                const std::string path = root + path_of(each.file), other = root + path_of(each.other);
                try {
                    switch (each.what) {
                        case act::create: where->create_output(path)->write(each.text); break;
                        case act::append: where->append_output(path, 2)->write(each.text); break;
                        case act::write: where->create_output(root + "w/a")->write(each.text); break;
                        case act::rename: where->publish(path, other); break;
                        case act::link: said.emplace_back(where->link(path, other) ? "linked" : "not"); continue;
                        default: where->remove(path);
                    }
                    said.emplace_back("done");
                } catch (const error& problem) {
                    const std::string sentence = problem.what();
                    said.push_back(sentence.substr(sentence.rfind(':')));
                }
            }
            RC_ASSERT(said.front() == said.back());
        }
        for (const std::string& folder : folders) {
            const std::string pattern = root + folder + "/*";
            const auto found = machine().list(pattern);
            RC_ASSERT(found.size() == simulated.list(pattern).size());
            for (const std::string& path : found) {
                const auto expected = machine().status_of(path), seen = simulated.status_of(path);
                RC_ASSERT(expected->plain == seen->plain);
                if (expected->plain) RC_ASSERT(rest_of(machine(), path) == rest_of(simulated, path));
            }
        }
    }));
}
