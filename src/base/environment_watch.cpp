// SPDX-License-Identifier: Apache-2.0
#include "environment_watch.hpp"

#if __has_include(<sys/inotify.h>)

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <exception>
#include <filesystem>
#include <thread>

namespace weir::detail {
namespace {

// So often whoever waits is told to look in any case: a file that is written through memory, or reached through a
// folder that has been moved, makes no news.
constexpr int look_every_ms = 100;
// Of a file that is written without a pause, news so close to each other are one.
constexpr std::chrono::microseconds together{100};
// A file that was replaced may be written on for a while, and so may the one that replaced it.
constexpr std::size_t most_files = 4;

constexpr std::uint32_t of_file = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF;
constexpr std::uint32_t of_folder =
    IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR;

// What another machine writes makes no news on this one.
bool may_be_written_elsewhere(const std::string& folder) {
    struct statfs found {};
    if (::statfs(folder.c_str(), &found) != 0) return true;
    // NFS, SMB, CIFS, SMB2, FUSE and virtio, 9P, Ceph, AFS, Coda, GFS2, OCFS2, Lustre
    constexpr std::array<std::uint32_t, 12> shared{0x6969,     0x517b,     0xff534d42, 0xfe534d42,
                                                   0x65735546, 0x01021997, 0x00c36400, 0x5346414f,
                                                   0x73757245, 0x01161970, 0x7461636f, 0x0bd00bd0};
    return std::find(shared.begin(), shared.end(), static_cast<std::uint32_t>(found.f_type)) != shared.end();
}

// A file is watched itself, because it may have another name by now or be reached through a link, and so is the folder
// that has its name, because another file may get that.
class watch final : public background_work {
  public:
    watch(const std::filesystem::path& path, std::shared_ptr<signal> happened)
        : path_(path.string()), name_(path.filename().string()),
          folder_path_(path.has_parent_path() ? path.parent_path().string() : "."), happened_(std::move(happened)),
          news_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), over_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (news_ >= 0 && over_ >= 0) watch_again();
        if (folder_ < 0) return;
        thread_ = std::thread([this] { run(); });
    }
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;
    ~watch() override {
        if (thread_.joinable()) {
            constexpr std::uint64_t one = 1;
            static_cast<void>(::write(over_, &one, sizeof one) < 0);
            thread_.join();
        }
        if (news_ >= 0) ::close(news_);
        if (over_ >= 0) ::close(over_);
    }
    [[nodiscard]] bool works() const noexcept { return thread_.joinable(); }

  private:
    void run() {
        for (;;) {
            std::array<pollfd, 2> asked{{{news_, POLLIN, 0}, {over_, POLLIN, 0}}};
            const int ready = ::poll(asked.data(), asked.size(), look_every_ms);
            if (ready < 0) {
                if (errno == EINTR) continue;
                return;
            }
            if (asked[1].revents != 0) return;
            bool tells = ready == 0;
            bool names_changed = ready == 0;
            if (ready != 0) read_news(tells, names_changed);
            // Before whoever waits looks: what comes after that makes news.
            if (names_changed) watch_again();
            if (!tells) continue;
            happened_->notify();
            if (ready != 0) std::this_thread::sleep_for(together);
        }
    }

    void read_news(bool& tells, bool& names_changed) {
        alignas(inotify_event) std::array<char, 4096> block;
        for (;;) {
            const ssize_t size = ::read(news_, block.data(), block.size());
            if (size <= 0) return;
            for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
                inotify_event each{};
                std::memcpy(&each, block.data() + at, sizeof each);
                const char* const name = block.data() + at + sizeof each;
                at += sizeof each + each.len;
                if ((each.mask & IN_IGNORED) != 0) std::erase(files_, each.wd);
                if (each.len != 0 && name_ != name) continue;  // of another file in the folder
                tells = true;
                names_changed = names_changed || (each.mask & IN_MODIFY) == 0;
            }
        }
    }

    // What is watched already stays.
    void watch_again() {
        const int folder = ::inotify_add_watch(news_, folder_path_.c_str(), of_folder);
        if (folder_ >= 0 && folder != folder_) ::inotify_rm_watch(news_, folder_);
        folder_ = folder;
        const int file = ::inotify_add_watch(news_, path_.c_str(), of_file);
        if (file < 0 || file == folder_ || std::find(files_.begin(), files_.end(), file) != files_.end()) return;
        files_.push_back(file);
        if (files_.size() <= most_files) return;
        ::inotify_rm_watch(news_, files_.front());
        files_.pop_front();
    }

    std::string path_;
    std::string name_;
    std::string folder_path_;
    std::shared_ptr<signal> happened_;
    int news_;
    int over_;
    int folder_ = -1;        // negative: there is none now
    std::deque<int> files_;  // that have or had the name, the last one last
    std::thread thread_;
};

}  // namespace

std::unique_ptr<background_work> machine_watch(const std::string& path, const std::shared_ptr<signal>& happened) {
    const std::filesystem::path whole(path);
    if (may_be_written_elsewhere(whole.has_parent_path() ? whole.parent_path().string() : ".")) return nullptr;
    auto made = std::make_unique<watch>(whole, happened);
    return made->works() ? std::move(made) : nullptr;
}

}  // namespace weir::detail

#else

namespace weir::detail {

std::unique_ptr<background_work> machine_watch(const std::string&, const std::shared_ptr<signal>&) { return nullptr; }

}  // namespace weir::detail

#endif
