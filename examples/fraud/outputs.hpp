// SPDX-License-Identifier: Apache-2.0
// What may be written where, said before anything is read.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace fraud {

// Throws weir::error of kind configuration if the first output, which the user has named, is no file to write, or if
// one is also an input: publishing would take the input's place.
void check_outputs(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs);

// Makes a folder, and those above it that are missing. Unless it is kept, what was made goes again, if it is empty.
class made_folder {
  public:
    explicit made_folder(const std::string& path);
    made_folder(const made_folder&) = delete;
    made_folder& operator=(const made_folder&) = delete;
    ~made_folder();
    void keep() noexcept { made_.clear(); }

  private:
    std::vector<std::filesystem::path> made_;  // the deepest first
};

}  // namespace fraud
