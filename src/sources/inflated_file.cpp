// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/inflated_file.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <vector>

#include <weir/base/error.hpp>

namespace weir::detail {
namespace {

class inflated_file final : public input_file {
  public:
    inflated_file(std::unique_ptr<input_file> packed, std::string path)
        : packed_(std::move(packed)), path_(std::move(path)), block_(std::size_t{1} << 16U) {
        constexpr int gzip_only = 16 + MAX_WBITS;
        if (::inflateInit2(&inflater_, gzip_only) != Z_OK) fail("cannot be inflated: out of memory");
    }
    inflated_file(const inflated_file&) = delete;
    inflated_file& operator=(const inflated_file&) = delete;
    ~inflated_file() override { ::inflateEnd(&inflater_); }

    std::size_t read(std::span<char> into) override {
        inflater_.next_out = reinterpret_cast<Bytef*>(into.data());
        inflater_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), 1U << 30U));
        const uInt wanted = inflater_.avail_out;
        while (inflater_.avail_out == wanted && wanted != 0 && supply()) step();
        const std::size_t count = wanted - inflater_.avail_out;
        position_ += count;
        return count;
    }

    void seek(std::uint64_t offset) override {
        if (offset < position_) rewind();
        std::array<char, 16384> passed;
        while (position_ < offset) {
            const auto most = std::min<std::uint64_t>(offset - position_, passed.size());
            if (read({passed.data(), static_cast<std::size_t>(most)}) == 0) return;
        }
    }

  private:
    // Packed bytes to go on with; false at the file's end, which must be that of a member.
    bool supply() {
        if (inflater_.avail_in != 0) return true;
        const std::size_t count = packed_->read(block_);
        inflater_.next_in = reinterpret_cast<Bytef*>(block_.data());
        inflater_.avail_in = static_cast<uInt>(count);
        if (count != 0) return true;
        if (in_member_) fail("is cut short: the compressed data has no end");
        if (!any_member_) fail("is empty: there is no compressed data in it");
        return false;
    }
    void step() {
        if (!in_member_) {
            ::inflateReset(&inflater_);
            in_member_ = true;
            any_member_ = true;
        }
        const int result = ::inflate(&inflater_, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            in_member_ = false;
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            fail(inflater_.msg == nullptr ? "is damaged" : std::string{"is damaged: "} + inflater_.msg);
        }
    }
    void rewind() {
        packed_->seek(0);
        inflater_.avail_in = 0;
        in_member_ = false;
        any_member_ = false;
        position_ = 0;
    }
    [[noreturn]] void fail(const std::string& what) const { throw error(error_kind::io, "'" + path_ + "' " + what); }

    std::unique_ptr<input_file> packed_;
    std::string path_;
    std::vector<char> block_;
    z_stream inflater_{};
    std::uint64_t position_ = 0;
    bool in_member_ = false;
    bool any_member_ = false;
};

}  // namespace

std::unique_ptr<input_file> inflate(std::unique_ptr<input_file> packed, std::string path) {
    return std::make_unique<inflated_file>(std::move(packed), std::move(path));
}

}  // namespace weir::detail
