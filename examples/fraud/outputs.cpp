// SPDX-License-Identifier: Apache-2.0
#include "outputs.hpp"

#include <weir/base/error.hpp>

namespace fraud {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& sentence) {
    throw weir::error(weir::error_kind::configuration, sentence);
}

void check_is_file(const std::string& path) {
    std::error_code none;  // what does not exist is no folder and no device
    const fs::path name = fs::path(path).filename();
    const fs::file_status status = fs::status(path, none);
    if (name.empty() || name == "." || name == ".." || fs::is_directory(status)) {
        refuse("--output: '" + path + "' is a folder: give the name of the file to write, such as features.csv");
    }
    const bool device = fs::path(path).lexically_normal().string().starts_with("/dev/");
    if (device || (fs::exists(status) && !fs::is_regular_file(status))) {
        refuse("--output: '" + path + "' is a device or a pipe: the output is put in place whole, so it needs the name "
                                      "of a file");
    }
}

}  // namespace

void check_outputs(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
    check_is_file(outputs.front());
    for (const std::string& output : outputs) {
        for (const std::string& input : inputs) {
            std::error_code missing;
            if (fs::equivalent(input, output, missing)) {
                refuse("--output: '" + output + "' is also an input ('" + input +
                       "') and would be replaced: write to another file");
            }
        }
    }
}

made_folder::made_folder(const std::string& path) {
    fs::path missing = fs::path(path).lexically_normal();
    if (!missing.has_filename()) missing = missing.parent_path();
    for (; !missing.empty() && !fs::exists(missing); missing = missing.parent_path()) made_.push_back(missing);
    fs::create_directories(path);
}

made_folder::~made_folder() {
    std::error_code not_empty;
    for (const fs::path& each : made_) fs::remove(each, not_empty);
}

}  // namespace fraud
