// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/live_lines.hpp>

#include <algorithm>
#include <cstring>

#include <weir/base/error.hpp>
#include <weir/record/binary.hpp>

namespace weir::detail {
namespace {
constexpr std::size_t block_bytes = std::size_t{1} << 16U;
constexpr std::size_t least_room = block_bytes / 4;
}  // namespace

live_lines::live_lines(std::unique_ptr<live_input> input, std::string name)
    : input_(std::move(input)), name_(std::move(name)) {}

read_result live_lines::refill() {
    if (over_) return read_result::ended;
    if (complete_) return read_result::more;
    const std::size_t size = end_ - begin_;
    if (size + least_room > capacity_) {
        // Twice the room each time: a long line is not copied over and over.
        const std::size_t wanted = std::max(block_bytes, size * 2 + least_room);
        auto larger = std::make_unique_for_overwrite<char[]>(wanted);
        if (size != 0) std::memcpy(larger.get(), block_.get() + begin_, size);
        block_ = std::move(larger);
        capacity_ = wanted;
    } else if (size == 0 || end_ + least_room > capacity_) {
        std::memmove(block_.get(), block_.get() + begin_, size);
    } else {
        return read_behind();
    }
    begin_ = 0;
    end_ = size;
    return read_behind();
}

read_result live_lines::read_behind() {
    const auto count = input_->read_now({block_.get() + end_, capacity_ - end_});
    if (!count) return read_result::idle;
    complete_ = *count == 0;
    end_ += *count;
    return read_result::more;
}

void live_lines::save(binary_writer& writer) const { weir::save(writer, used_); }

bool live_lines::load(binary_reader& reader) {
    if (weir::load<std::uint64_t>(reader) == 0) return true;
    if (loss_allowed_) return false;
    throw error(error_kind::state, name_ + " comes once: a run cannot go on in its middle from a snapshot");
}

}  // namespace weir::detail
