// SPDX-License-Identifier: Apache-2.0
// What the tests of weir-fraud share: a folder for their files, CSV as rows of text, and the program itself.
#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace fraud_test {

namespace fs = std::filesystem;

inline const std::string oracle = std::string{WEIR_SOURCE_DIR} + "/tests/oracles/fraud_features/";

// Gone when the tests are over.
inline std::string folder() {
    struct made {
        fs::path path = fs::temp_directory_path() / ("weir-fraud-test-" + std::to_string(getpid()));
        made() { fs::create_directories(path); }
        made(const made&) = delete;
        made& operator=(const made&) = delete;
        ~made() {
            std::error_code ignored;
            fs::remove_all(path, ignored);
        }
    };
    static const made one;
    return one.path.string() + "/";
}

inline std::string whole_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

// Rows of fields; quoted ones without their quotes.
inline std::vector<std::vector<std::string>> rows_of(const std::string& text) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row{""};
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            row.emplace_back();
        } else if (c == '\n' && !quoted) {
            rows.push_back(std::move(row));
            row = {""};
        } else {
            row.back() += c;
        }
    }
    return rows;
}

// Its exit code; what it says is in out.txt and err.txt.
inline int weir_fraud(const std::string& arguments) {
    const std::string command = std::string{WEIR_FRAUD} + " " + arguments + " >" + folder() + "out.txt 2>" + folder() +
                                "err.txt </dev/null";
    return WEXITSTATUS(std::system(command.c_str()));
}

inline void refuse(const std::string& arguments, const std::string& sentence) {
    CAPTURE(arguments);
    const std::string output = folder() + "refused";
    CHECK(weir_fraud(arguments + " --output " + output) == 2);
    const std::string said = whole_file(folder() + "err.txt") + whole_file(folder() + "out.txt");
    CAPTURE(said);
    CHECK(said.find(sentence) != std::string::npos);
    for (const auto& each : fs::directory_iterator(folder())) {
        CHECK(each.path().filename().string().find("refused") == std::string::npos);
    }
}

}  // namespace fraud_test
