// SPDX-License-Identifier: Apache-2.0
#include <weir/testing/simulation.hpp>

#include <algorithm>
#include <cstring>

#include <weir/base/error.hpp>

namespace weir::testing {
namespace {

// Idle steps in a row, per worker, after which nothing is going to happen any more. Virtual time goes faster
// meanwhile, so that whoever waits for the clock is not taken for dead.
constexpr std::uint64_t stalled_steps = 2000;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
    throw error(error_kind::io, what + " '" + path + "': there is no such file in the simulation");
}

class simulated_output final : public output_file {
  public:
    explicit simulated_output(std::shared_ptr<std::string> bytes) : bytes_(std::move(bytes)) {}
    void write(std::string_view bytes) override { bytes_->append(bytes); }
    void sync() override {}

  private:
    std::shared_ptr<std::string> bytes_;
};

// Nobody else can make it happen while one waits.
class simulated_signal final : public signal {
  public:
    explicit simulated_signal(std::chrono::nanoseconds& now) : now_(now) {}
    std::uint64_t count() const noexcept override { return count_; }
    void notify() override { ++count_; }
    void wait(std::uint64_t seen, std::chrono::nanoseconds longest) override {
        if (count_ == seen) now_ += std::min<std::chrono::nanoseconds>(longest, std::chrono::hours{1});
    }

  private:
    std::chrono::nanoseconds& now_;
    std::uint64_t count_ = 0;
};

// * and ? as a shell takes them. O(length of pattern x length of name).
bool matches(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) return name.empty();
    if (pattern.front() == '*') {
        return matches(pattern.substr(1), name) || (!name.empty() && matches(pattern, name.substr(1)));
    }
    return !name.empty() && (pattern.front() == '?' || pattern.front() == name.front()) &&
           matches(pattern.substr(1), name.substr(1));
}

}  // namespace

// A file that is open stays what it was, whatever becomes of its name: as on the machine.
class simulation::simulated_input final : public input_file {
  public:
    explicit simulated_input(std::shared_ptr<const simulated_file> file) : file_(std::move(file)) {}
    std::size_t read(std::span<char> block) override {
        const std::string& bytes = file_->bytes;
        const std::size_t from = std::min(next_, bytes.size());
        const std::size_t count = std::min(block.size(), bytes.size() - from);
        std::memcpy(block.data(), bytes.data() + from, count);
        next_ = from + count;
        return count;
    }
    void seek(std::uint64_t offset) override { next_ = static_cast<std::size_t>(offset); }
    file_status status() override { return {{0, file_->number}, file_->bytes.size(), true}; }

  private:
    std::shared_ptr<const simulated_file> file_;
    std::size_t next_ = 0;
};

std::shared_ptr<simulation::simulated_file> simulation::new_file(std::string text) {
    return std::make_shared<simulated_file>(simulated_file{++files_made_, std::move(text)});
}

std::unique_ptr<input_file> simulation::open_input(const std::string& path) {
    const auto found = files_.find(path);
    if (found == files_.end()) fail("cannot open", path);
    return std::make_unique<simulated_input>(found->second);
}

std::optional<file_status> simulation::status_of(const std::string& path) {
    const auto found = files_.find(path);
    if (found == files_.end()) return std::nullopt;
    return file_status{{0, found->second->number}, found->second->bytes.size(), true};
}

std::unique_ptr<output_file> simulation::create_output(const std::string& path) {
    const auto made = files_[path] = new_file({});
    return std::make_unique<simulated_output>(std::shared_ptr<std::string>(made, &made->bytes));
}

std::vector<std::string> simulation::list(const std::string& pattern) {
    const auto slash = pattern.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : pattern.substr(0, slash + 1);
    const std::string last = pattern.substr(folder.size());
    if (last.find_first_of("*?") == std::string::npos) return {pattern};
    std::vector<std::string> found;
    for (const auto& [path, file] : files_) {
        static_cast<void>(file);
        if (!path.starts_with(folder)) continue;
        const std::string name = path.substr(folder.size());
        if (name.find('/') == std::string::npos && matches(last, name)) found.push_back(path);
    }
    return found;
}

void simulation::publish(const std::string& from, const std::string& to) {
    const auto found = files_.find(from);
    if (found == files_.end()) fail("cannot publish", from);
    const auto file = found->second;
    files_.erase(found);
    files_[to] = file;
}

void simulation::remove(const std::string& path) { files_.erase(path); }
void simulation::create_folder(const std::string& path) { folders_.insert(path); }
void simulation::put_file(const std::string& path, std::string text) { files_[path] = new_file(std::move(text)); }
void simulation::append_to_file(const std::string& path, std::string_view text) {
    const auto found = files_.find(path);
    if (found == files_.end()) return put_file(path, std::string{text});
    found->second->bytes.append(text);
}
void simulation::overwrite_file(const std::string& path, std::string text) {
    const auto found = files_.find(path);
    if (found == files_.end()) return put_file(path, std::move(text));
    found->second->bytes = std::move(text);
}
const std::string& simulation::file(const std::string& path) const {
    const auto found = files_.find(path);
    if (found == files_.end()) fail("cannot read", path);
    return found->second->bytes;
}

std::unique_ptr<background_work> simulation::launch(std::function<void()>) {
    throw error(error_kind::configuration,
                "a simulation has no threads: start the engine with start_polled and poll it");
}
std::unique_ptr<signal> simulation::make_signal() { return std::make_unique<simulated_signal>(now_); }

// Picks a worker by the seed and lets it run for one step, or for a burst in which the others starve: both kinds of
// schedule find their own mistakes.
void simulation::drive(std::span<worker_base* const> workers) {
    std::vector<worker_base*> open(workers.begin(), workers.end());
    std::uint64_t idle = 0;
    while (!open.empty()) {
        const auto chosen = static_cast<std::size_t>(schedule_.below(open.size()));
        std::uint64_t burst = schedule_.one_in(8) ? 1 + schedule_.below(32) : 1;
        for (; burst > 0; --burst) {
            ++steps_;
            now_ += std::chrono::microseconds{1} * static_cast<std::int64_t>(1 + idle / 16);
            const step_result result = open[chosen]->step();
            if (result == step_result::finished) {
                open.erase(open.begin() + static_cast<std::ptrdiff_t>(chosen));
                idle = 0;
                break;
            }
            idle = result == step_result::progressed ? 0 : idle + 1;
        }
        if (idle > stalled_steps * (workers.size() + 1)) {
            throw error(error_kind::internal, "the run stalled: " + std::to_string(open.size()) + " of " +
                                                  std::to_string(workers.size()) + " workers wait for ever (seed " +
                                                  std::to_string(seed_) + ", step " + std::to_string(steps_) + ")");
        }
    }
}

}  // namespace weir::testing
