// SPDX-License-Identifier: Apache-2.0
// weir-oracle windows|joins|cep FILE...: runs cases that were recorded from another engine (tests/oracles/README.md).
#include <cstdio>
#include <fstream>
#include <iterator>

#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <boost/json.hpp>

#include "verdict.hpp"

namespace {

using weir_oracle::verdict;
using runner = verdict (*)(const boost::json::object&);

int usage() {
    std::fputs("weir-oracle windows|joins|cep FILE...\n"
               "Runs the cases of each file, a JSON array, packed (.gz) or not, in all modes, and says of each: ok,\n"
               "FAIL or UNSUPPORTED.\n"
               "Exit: 0 no case failed, 1 some did, 2 a file cannot be read.\n",
               stderr);
    return 2;
}

// Packed or not. Empty if it cannot be read.
std::string read_file(const std::string& path) {
    boost::iostreams::filtering_istream file;
    if (path.ends_with(".gz")) file.push(boost::iostreams::gzip_decompressor());
    std::ifstream bytes(path, std::ios::binary);
    file.push(bytes);
    try {
        return std::string((std::istreambuf_iterator<char>(file)), {});
    } catch (const std::exception&) {
        return {};
    }
}

verdict run_case(runner run, const boost::json::object& given) {
    try {
        return run(given);
    } catch (const weir_oracle::unsupported& found) {
        return {verdict::kind::unsupported, found.why};
    } catch (const std::exception& failed) {
        return {verdict::kind::fail, failed.what()};
    }
}

}  // namespace

int main(int count, char** arguments) {
    const std::string what = count > 2 ? arguments[1] : "";
    runner run = nullptr;
    if (what == "windows") run = &weir_oracle::window_case;
    if (what == "joins") run = &weir_oracle::join_case;
    if (what == "cep") run = &weir_oracle::cep_case;
    if (run == nullptr) return usage();
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t unsupported = 0;
    for (int i = 2; i < count; ++i) {
        boost::system::error_code wrong;
        const boost::json::value all = boost::json::parse(read_file(arguments[i]), wrong);
        if (wrong || !all.is_array()) {
            std::fprintf(stderr, "weir-oracle: '%s' cannot be read as a JSON array\n", arguments[i]);
            return 2;
        }
        for (const boost::json::value& each : all.as_array()) {
            const auto& given = each.as_object();
            const std::string name(given.at("name").as_string());
            const verdict said = run_case(run, given);
            switch (said.is) {
                case verdict::kind::ok:
                    ++passed;
                    std::printf("ok %s\n", name.c_str());
                    break;
                case verdict::kind::fail:
                    ++failed;
                    std::printf("FAIL %s: %s\n", name.c_str(), said.why.c_str());
                    break;
                case verdict::kind::unsupported:
                    ++unsupported;
                    std::printf("UNSUPPORTED %s: %s\n", name.c_str(), said.why.c_str());
                    break;
            }
        }
    }
    std::printf("%zu passed, %zu failed, %zu unsupported\n", passed, failed, unsupported);
    return failed == 0 ? 0 : 1;
}
