// SPDX-License-Identifier: Apache-2.0
// What tests of tails need: a file that grows and is replaced, cut and removed, on the machine or simulated.
#pragma once
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <weir/testing/simulation.hpp>

#include "temporary_folder.hpp"

class growing_file {
  public:
    growing_file() = default;
    growing_file(const growing_file&) = delete;
    growing_file& operator=(const growing_file&) = delete;
    virtual ~growing_file() = default;
    [[nodiscard]] virtual std::string path() const = 0;
    [[nodiscard]] virtual weir::environment& where() = 0;
    virtual void append(std::string_view text) { append_to(path(), text); }
    virtual void append_to(const std::string& path, std::string_view text) = 0;
    virtual void cut(std::string_view text = {}) = 0;  // the same file begins anew
    virtual void replace(std::string_view text) = 0;   // by another file that appears whole
    virtual void rename_to(const std::string& other) = 0;
    virtual void remove() = 0;
    [[nodiscard]] std::string beside(const std::string& suffix) const { return path() + suffix; }
};

class file_on_disk final : public growing_file {
  public:
    [[nodiscard]] std::string path() const override { return folder_ / "live.csv"; }
    [[nodiscard]] weir::environment& where() override { return weir::machine(); }
    void append_to(const std::string& path, std::string_view text) override {
        std::ofstream(path, std::ios::binary | std::ios::app) << text;
    }
    void cut(std::string_view text) override { std::ofstream(path(), std::ios::binary | std::ios::trunc) << text; }
    void replace(std::string_view text) override {
        folder_.write("new", text);
        std::filesystem::rename(folder_ / "new", path());
    }
    void rename_to(const std::string& other) override { std::filesystem::rename(path(), other); }
    void remove() override { std::filesystem::remove(path()); }
    [[nodiscard]] const temporary_folder& folder() const { return folder_; }

  private:
    temporary_folder folder_;
};

class simulated_growing_file final : public growing_file {
  public:
    [[nodiscard]] std::string path() const override { return "logs/live.csv"; }
    [[nodiscard]] weir::testing::simulation& where() override { return where_; }
    void append_to(const std::string& path, std::string_view text) override { where_.append_to_file(path, text); }
    void cut(std::string_view text) override { where_.overwrite_file(path(), std::string{text}); }
    void replace(std::string_view text) override { where_.put_file(path(), std::string{text}); }
    void rename_to(const std::string& other) override { where_.publish(path(), other); }
    void remove() override { where_.remove(path()); }

  private:
    weir::testing::simulation where_;
};
