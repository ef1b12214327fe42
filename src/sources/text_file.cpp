// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/text_file.hpp>

#include <algorithm>
#include <cstring>

#include <weir/base/error.hpp>
#include <weir/sources/inflated_file.hpp>

namespace weir::detail {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 18U;

// A file of which the first bytes have been read already: a pipe cannot be sought.
class begun_file final : public input_file {
  public:
    begun_file(std::unique_ptr<input_file> file, std::string begin)
        : file_(std::move(file)), begin_(std::move(begin)) {}
    std::size_t read(std::span<char> block) override {
        if (begin_.empty()) return file_->read(block);
        const std::size_t count = begin_.copy(block.data(), block.size());
        begin_.erase(0, count);
        return count;
    }
    void seek(std::uint64_t offset) override {
        begin_.clear();
        file_->seek(offset);
    }

  private:
    std::unique_ptr<input_file> file_;
    std::string begin_;
};

}  // namespace

std::unique_ptr<input_file> open_text(environment& where, const std::string& path) {
    auto file = where.open_input(path);
    constexpr std::string_view gzip{"\x1f\x8b"};  // no text begins so: it is no UTF-8
    std::string begin(gzip.size(), '\0');
    std::size_t size = 0;
    while (size < begin.size()) {
        const std::size_t count = file->read({begin.data() + size, begin.size() - size});
        if (count == 0) break;
        size += count;
    }
    begin.resize(size);
    const bool packed = begin == gzip || path.ends_with(".gz");
    auto whole = std::make_unique<begun_file>(std::move(file), std::move(begin));
    return packed ? inflate(std::move(whole), path) : std::move(whole);
}

text_file::text_file(environment& where, std::string path) : path_(std::move(path)), file_(open_text(where, path_)) {}

void text_file::refill() {
    const std::size_t size = end_ - begin_;
    // A text that fills half the window is one long record: twice the room each time keeps rereading it cheap.
    const std::size_t wanted = std::max(block_bytes, size * 2);
    if (wanted > capacity_) {
        auto larger = std::make_unique_for_overwrite<char[]>(wanted);
        if (size != 0) std::memcpy(larger.get(), block_.get() + begin_, size);
        block_ = std::move(larger);
        capacity_ = wanted;
    } else if (begin_ != 0 && size != 0) {
        std::memmove(block_.get(), block_.get() + begin_, size);
    }
    begin_ = 0;
    end_ = size;
    while (end_ != capacity_) {
        const std::size_t count = file_->read({block_.get() + end_, capacity_ - end_});
        if (count == 0) {
            complete_ = true;
            return;
        }
        end_ += count;
    }
}

void text_file::resume(std::uint64_t position) {
    if (position == 0) return;
    // From one byte before, which was there then: so a file that has become shorter is noticed.
    file_->seek(position - 1);
    position_ = position - 1;
    refill();
    if (text().empty()) {
        throw error(error_kind::state, "'" + path_ + "' is shorter than it was when the snapshot was taken");
    }
    use(1);
}

}  // namespace weir::detail
