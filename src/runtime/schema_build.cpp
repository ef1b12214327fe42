// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/schema_build.hpp>

#include <array>
#include <filesystem>
#include <optional>

#include <weir/base/environment.hpp>
#include <weir/base/error.hpp>
#include <weir/flow/graph.hpp>

#include <fmt/format.h>

namespace weir {
namespace {

std::optional<std::string> read_file(environment& where, const std::string& path) {
    if (!where.status_of(path)) return std::nullopt;
    const auto file = where.open_input(path);
    std::string text;
    std::array<char, 4096> block;
    while (const std::size_t read = file->read(block)) text.append(block.data(), read);
    return text;
}
// Whole, or not at all.
void write_file(environment& where, const std::string& path, const std::string& text) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    if (!folder.empty()) where.create_folder(folder);
    const auto file = where.create_output(path + ".new");
    file->write(text);
    file->flush();
    where.publish(path + ".new", path);
}

// As a shell and CMake take it.
std::string in_quotes(const std::string& text) {
    if (text.find_first_of(" \t\"'\\$&;|<>()*?#`~") == std::string::npos && !text.empty()) return text;
    std::string made = "\"";
    for (const char each : text) {
        if (each == '"' || each == '\\' || each == '$' || each == '`') made += '\\';
        made += each;
    }
    return made + "\"";
}
std::string for_make(const std::string& path) {
    std::string made;
    for (const char each : path) {
        if (each == ' ' || each == '#' || each == '\\') made += '\\';
        if (each == '$') made += '$';
        made += each;
    }
    return made;
}

class building {
  public:
    building(environment& where, const schema_build& how, const graph& what)
        : where_(where), how_(how), what_(what), kept_(kept_by(what)) {}

    schema_build_result run() {
        if (how_.what == "force") return write("written");
        const std::optional<std::string> text = read_file(where_, how_.lock);
        if (!text) {
            if (how_.what == "accept") return write("written");
            say(fmt::format("there is no lock file '{}' yet, which says what graph '{}' keeps", how_.lock,
                            what_.name()));
            return failed("To write it, and then put it under version control", "accept");
        }
        try {
            before_ = parse_schema_lock(*text, how_.lock);
        } catch (const error& wrong) {
            say(fmt::format("the lock file cannot be read: {}", wrong.what()));
            return failed("To write it anew, whatever it was", "force");
        }
        return compare();
    }

  private:
    schema_build_result compare() {
        checkpointing options = how_.options;
        for (const std::string& each : how_.renamed) {
            options.renamed_fields.push_back(parse_renamed_field(each, before_));
        }
        const schema_changes found = compare_kept(before_, what_, options);
        if (!found.fit()) return refuse(found);
        if (how_.what == "accept") return write("accepted");
        if (found.any()) {
            say(fmt::format("what graph '{}' keeps is not what '{}' says, but its savepoints would be gone on with:",
                            what_.name(), how_.lock));
            list(found.accepted);
            return failed("To accept it", "accept");
        }
        write_file(where_, how_.stamp + ".d", for_make(how_.stamp) + ": " + for_make(how_.lock) + "\n");
        write_file(where_, how_.stamp, {});
        return {};
    }

    schema_build_result refuse(const schema_changes& found) {
        say(fmt::format("graph '{}' would refuse savepoints of what '{}' says:", what_.name(), how_.lock));
        list(found.refused);
        if (!found.to_drop.empty()) {
            say("If what they kept is to be forgotten, say so, here and in the run's checkpointing::dropped_stages:");
            say("  weir_schema_lock(" + how_.name + " ... DROPPED" + all(found.to_drop) + ")");
        }
        if (!found.to_add.empty()) {
            say("If new logs are meant to be read so, say so, here and in the run's checkpointing::added_sources:");
            say("  weir_schema_lock(" + how_.name + " ... ADDED_SOURCES" + all(found.to_add) + ")");
        }
        return failed("To give those savepoints up", "force");
    }

    schema_build_result write(const std::string& done) {
        std::string text = "# What graph '" + detail::visible(what_.name()) + "' keeps in its checkpoints. Written by ";
        text += "weir_schema_lock(" + how_.name + " ...);\n# the build fails when the graph keeps something else. To ";
        text += "accept a change, build " + how_.name + "_accept_schema.\n";
        write_file(where_, how_.lock, text + schema_lock(kept_));
        say("'" + how_.lock + "' is " + done);
        return {0, said_};
    }

    schema_build_result failed(const std::string& purpose, const std::string& target) {
        say(purpose + ":");
        say("  cmake --build " + in_quotes(how_.build) + " --target " + how_.name + "_" + target + "_schema");
        return {1, said_};
    }
    void say(const std::string& line) {
        said_ += (said_.empty() ? how_.name + ": " : "") + detail::visible(line) + "\n";
    }
    void list(const std::vector<std::string>& sentences) {
        for (const std::string& each : sentences) say("  " + each);
    }
    static std::string all(const std::vector<std::string>& names) {
        std::string list;
        for (const std::string& each : names) list += " " + in_quotes(each);
        return list;
    }

    environment& where_;
    const schema_build& how_;
    const graph& what_;
    const kept_state kept_;
    kept_state before_;
    std::string said_;
};

schema_build_result could_not(const std::string& name, const std::string& why) {
    return {2, name + ": " + detail::visible(why) + "\n"};
}

}  // namespace

schema_build_result run_schema_build(environment& where, const schema_build& how, const std::function<graph()>& make) {
    try {
        const graph what = make();
        return building(where, how, what).run();
    } catch (const std::exception& wrong) {
        return could_not(how.name, wrong.what());
    }
}

schema_build_result run_schema_build(const std::vector<std::string>& arguments, const std::function<graph()>& make,
                                     checkpointing options) {
    schema_build how;
    const bool known = !arguments.empty() &&
                       (arguments[0] == "check" || arguments[0] == "accept" || arguments[0] == "force");
    if (!known || arguments.size() < 5 || arguments.size() % 2 == 0) {
        return could_not("weir_schema_lock", "this program is run by builds: check|accept|force <name> <lock> <stamp> "
                                             "<build folder> [renamed|dropped|added <text>]...");
    }
    how.what = arguments[0], how.name = arguments[1], how.lock = arguments[2], how.stamp = arguments[3];
    how.build = arguments[4];
    how.options = std::move(options);
    for (std::size_t i = 5; i < arguments.size(); i += 2) {
        const std::string& what = arguments[i];
        const bool dropped = what == "dropped";
        if (what != "renamed" && !dropped && what != "added") return could_not(how.name, "'" + what + "' is no option");
        (what == "renamed" ? how.renamed : dropped ? how.options.dropped_stages : how.options.added_sources)
            .push_back(arguments[i + 1]);
    }
    return run_schema_build(machine(), how, make);
}

}  // namespace weir
