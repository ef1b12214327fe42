// SPDX-License-Identifier: Apache-2.0
// What the tests of checkpoints share: state as a map, written to a store and read from it, and a machine that does not
// wait for its disk, and fails when asked to.
#pragma once
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include <temporary_folder.hpp>
#include <weir/base/error.hpp>
#include <weir/runtime/checkpoint_store.hpp>

namespace checkpoint_test {

using place = std::tuple<std::uint32_t, std::uint16_t, std::string>;
using state = std::map<place, std::string>;
using changes = std::map<place, std::optional<std::string>>;

// The machine, but what is synced is only said to be: a test that makes thousands of epochs need not wait for each. And
// a test may have a say before each operation: what it throws is the operation's error.
class hasty_machine final : public weir::environment {
  public:
    std::function<void(std::string_view operation, const std::string& path)> before = [](auto, const auto&) {};

    std::chrono::nanoseconds ticks() override { return machine_.ticks(); }
    std::uint64_t random() override { return machine_.random(); }
    std::unique_ptr<weir::input_file> open_input(const std::string& path) override {
        before("open", path);
        return machine_.open_input(path);
    }
    std::optional<weir::file_status> status_of(const std::string& path) override {
        before("status", path);
        return machine_.status_of(path);
    }
    std::unique_ptr<weir::output_file> create_output(const std::string& path) override {
        before("create", path);
        return std::make_unique<hasty_output>(*this, path);
    }
    std::vector<std::string> list(const std::string& pattern) override {
        before("list", pattern);
        return machine_.list(pattern);
    }
    void publish(const std::string& from, const std::string& to) override { machine_.publish(from, to); }
    void sync_folder(const std::string& path) override { before("sync folder", path); }
    bool link(const std::string& from, const std::string& to) override {
        before("link", to);
        return machine_.link(from, to);
    }
    std::unique_ptr<weir::file_lock> lock_file(const std::string& path) override {
        before("lock", path);
        return machine_.lock_file(path);
    }
    void remove(const std::string& path) override {
        before("remove", path);
        machine_.remove(path);
    }
    void create_folder(const std::string& path) override {
        before("create folder", path);
        machine_.create_folder(path);
    }
    void drive(std::span<weir::worker_base* const> workers) override { machine_.drive(workers); }

  private:
    class hasty_output final : public weir::output_file {
      public:
        hasty_output(hasty_machine& where, const std::string& path)
            : where_(where), path_(path), file_(weir::machine().create_output(path)) {}
        void write(std::string_view bytes) override {
            where_.before("write", path_);
            file_->write(bytes);
        }
        void sync() override { where_.before("sync", path_); }

      private:
        hasty_machine& where_;
        std::string path_;
        std::unique_ptr<weir::output_file> file_;
    };
    weir::environment& machine_ = weir::machine();
};

inline auto bytes_of(const std::string& text) {
    return [&text](weir::binary_writer& to) { to.write_bytes(text.data(), text.size()); };
}

inline weir::checkpoint_info three_stages() {
    weir::checkpoint_info about;
    about.taken_at = weir::timestamp{std::chrono::seconds{1'700'000'000}};
    about.threads = 2;
    about.stages = {
        {"source", "csv", "", 0}, {"spending", "window", "card:u64,sum:f64", 0}, {"match", "process", "", 1}};
    return about;
}

inline weir::state_batch batch_of(const changes& changed) {
    weir::state_batch batch;
    for (const auto& [where, value] : changed) {
        const auto& [stage, shard, key] = where;
        batch.begin_stage(stage);
        if (value) {
            batch.put(shard, bytes_of(key), bytes_of(*value));
        } else {
            batch.erase(shard, bytes_of(key));
        }
    }
    return batch;
}

inline void change(const changes& changed, state& to) {
    for (const auto& [where, value] : changed) {
        if (value) {
            to[where] = *value;
        } else {
            to.erase(where);
        }
    }
}

inline weir::checkpoint_info write(weir::checkpoint_store& store, const changes& changed, bool whole = false,
                                   weir::checkpoint_info about = three_stages()) {
    weir::state_batch batch = batch_of(changed);
    return store.write(std::move(about), batch, whole);
}

// What is read; order and kind of the entries are checked on the way.
class collecting {
  public:
    void operator()(const weir::state_batch::entry& entry) {
        const place at{entry.stage, entry.shard, std::string{entry.key}};
        if (!found.empty()) REQUIRE(found.rbegin()->first < at);
        REQUIRE_FALSE(entry.gone);
        found.emplace(at, entry.value);
    }
    state found;
};
inline state read(weir::checkpoint_store& store) {
    collecting to;
    store.read(std::ref(to));
    return to.found;
}
inline state read(const std::string& folder, const weir::checkpoint_info& which) {
    collecting to;
    weir::read_checkpoint(weir::machine(), folder, which, std::ref(to));
    return to.found;
}

// The sentence of the error of that kind; else a failed check.
inline std::string refusal(weir::error_kind kind, const std::function<void()>& act) {
    try {
        act();
    } catch (const weir::error& thrown) {
        CHECK(thrown.kind() == kind);
        return thrown.what();
    }
    FAIL("nothing was refused");
    return {};
}

inline std::string padded(std::uint64_t number) {
    std::string digits = std::to_string(number);
    return std::string(20 - digits.size(), '0') + digits;
}
inline std::string manifest_of(std::uint64_t epoch) { return "manifest-" + padded(epoch); }

}  // namespace checkpoint_test
