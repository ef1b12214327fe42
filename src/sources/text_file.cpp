// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/text_file.hpp>

#include <algorithm>
#include <cstring>

#include <weir/base/error.hpp>

namespace weir::detail {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 18U;

}  // namespace

text_file::text_file(environment& where, std::string path, const file_codecs& codecs)
    : path_(std::move(path)), file_(unpacked(where.open_input(path_), path_, codecs)) {}

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
