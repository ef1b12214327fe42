// SPDX-License-Identifier: Apache-2.0
// A sink of files on a simulated disk that loses what nobody synced, and fails (weir/testing/simulated_disk.hpp).
#pragma once
#include "crash/for_each_crash.hpp"
#include "crash/for_each_fault.hpp"
#include "sinks/file_subjects.hpp"

namespace power_loss {

using crash::simulation;
using sink_contract::facts;

inline const std::string folder = "out";

// What was decided is known to the test alone, and safe at once.
inline void note(simulation& where, const facts& known) {
    weir::binary_writer writer;
    weir::save(writer, known.decided.has_value());
    if (known.decided) {
        weir::save(writer, known.decided->epoch);
        weir::save(writer, std::uint64_t{known.decided->position});
        weir::save(writer, known.decided->last);
        weir::save(writer, known.decided->state);
    }
    weir::save(writer, std::uint64_t{known.seen});
    where.put_file("noted", std::string{writer.text()});
}
inline facts noted(simulation& where) {
    facts known;
    if (!where.has_file("noted")) return known;
    weir::binary_reader reader{std::string_view{where.file("noted")}};
    if (reader.read_bool()) {
        known.decided.emplace();
        weir::load(reader, known.decided->epoch);
        known.decided->position = static_cast<std::size_t>(weir::load<std::uint64_t>(reader));
        weir::load(reader, known.decided->last);
        weir::load(reader, known.decided->state);
    }
    known.seen = static_cast<std::size_t>(weir::load<std::uint64_t>(reader));
    return known;
}

inline std::vector<std::string> names_in(simulation& where, const std::string& in) {
    std::vector<std::string> names;
    for (const std::string& path : where.disk().files()) {
        const auto end = path.rfind('/');
        if (end != std::string::npos && path.substr(0, end).ends_with(in)) names.push_back(path.substr(end + 1));
    }
    return names;
}
// While it is there, readers read from the simulation.
class reading_there {
  public:
    explicit reading_there(simulation& where) : before_(file_subjects::reading()) {
        file_subjects::reading() = {[&where](const std::string& in) { return names_in(where, in); },
                                    [&where](const std::string& path) { return where.file(path); }};
    }
    reading_there(const reading_there&) = delete;
    reading_there& operator=(const reading_there&) = delete;
    ~reading_there() { file_subjects::reading() = before_; }

  private:
    file_subjects::readable before_;
};

struct nothing {};

// One run, on what is there.
template <class Record, class Sink>
void run(const sink_contract::subject<Record, Sink>& what, simulation& where, std::uint64_t seed) {
    const reading_there here(where);
    sink_contract::world<Record, Sink> around(what, folder, noted(where));
    around.on_news = [&where](const facts& known) { note(where, known); };
    around.check_found();
    sink_contract::process<Record, Sink>(what, around, where, [](const char*) {}, seed).run();
    around.check_at_rest("when all is over");
    for (const std::string& name : file_subjects::reading().names(folder)) {
        crash::expect(!name.starts_with('.') || name == ".folder", "'" + name + "' is left over");
    }
}

// Empty, or what is wrong. One seed: the states are many.
template <class Record, class Sink>
std::string keeps_the_contract(sink_contract::subject<Record, Sink> what, std::uint64_t seed = 1) {
    what.records = 12;
    const auto scenario = [&](simulation& where, nothing&) {
        where.put_file(folder + "/.folder", "");
        run(what, where, seed);
    };
    const auto check = [&](simulation& found, const nothing&) {
        if (!found.has_file(folder + "/.folder")) return;  // the scenario had not begun
        run(what, found, seed + 1);
    };
    crash::crash_options how;
    how.second_crashes = 8;
    return crash::text_of(crash::for_each_crash<nothing>(what.name, scenario, check, how)) +
           crash::text_of(crash::for_each_fault<nothing>(what.name, scenario, check));
}

}  // namespace power_loss
