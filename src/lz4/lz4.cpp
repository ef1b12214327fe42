// SPDX-License-Identifier: Apache-2.0
#include <weir/lz4/lz4.hpp>

#include <lz4frame.h>

#include <algorithm>
#include <new>

#include <weir/base/error.hpp>
#include <weir/base/unpacked_file.hpp>

namespace weir {
namespace detail {
namespace {

// Memory: two blocks of the file, of 4 MiB at most.
class unlz4_file final : public unpacked_file {
  public:
    unlz4_file(std::unique_ptr<input_file> packed, const std::string& path) : unpacked_file(std::move(packed), path) {
        if (::LZ4F_isError(::LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) != 0U) {
            fail("cannot be unpacked: out of memory");
        }
    }
    unlz4_file(const unlz4_file&) = delete;
    unlz4_file& operator=(const unlz4_file&) = delete;
    ~unlz4_file() override { ::LZ4F_freeDecompressionContext(context_); }

  private:
    std::size_t unpack(std::span<char> into) override {
        std::size_t made = 0;
        while (made == 0) {
            if (rest_.empty()) rest_ = next_block();
            if (rest_.empty()) break;
            made = step(into);
        }
        return made;
    }
    std::size_t step(std::span<char> into) {
        begin_frame();
        std::size_t made = into.size();
        std::size_t used = rest_.size();
        const std::size_t wanted = ::LZ4F_decompress(context_, into.data(), &made, rest_.data(), &used, nullptr);
        if (::LZ4F_isError(wanted) != 0U) fail(std::string{"is damaged: "} + ::LZ4F_getErrorName(wanted));
        rest_ = rest_.subspan(used);
        if (wanted == 0) end_frame();
        return made;
    }
    void restart() override {
        ::LZ4F_resetDecompressionContext(context_);
        rest_ = {};
    }

    LZ4F_dctx* context_ = nullptr;
    std::span<const char> rest_;  // of the last block
};

// What is written is gathered and packed in whole blocks, always from the same place: so it cannot matter in which
// pieces it came. Memory: about 1 MiB.
class lz4_file final : public output_file {
  public:
    explicit lz4_file(std::unique_ptr<output_file> packed) : packed_(std::move(packed)) {
        if (::LZ4F_isError(::LZ4F_createCompressionContext(&context_, LZ4F_VERSION)) != 0U) throw std::bad_alloc();
        how_.frameInfo.blockSizeID = LZ4F_max256KB;
        how_.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
        block_.reserve(block_bytes);
        frame_.resize(std::max<std::size_t>(::LZ4F_compressBound(block_bytes, &how_), LZ4F_HEADER_SIZE_MAX));
    }
    lz4_file(const lz4_file&) = delete;
    lz4_file& operator=(const lz4_file&) = delete;
    ~lz4_file() override { ::LZ4F_freeCompressionContext(context_); }

    void write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const std::size_t size = std::min(bytes.size(), block_bytes - block_.size());
            block_.append(bytes.substr(0, size));
            bytes.remove_prefix(size);
            if (block_.size() == block_bytes) pack_block();
        }
    }
    // A file of nothing is a frame of nothing.
    void flush() override {
        if (!block_.empty() || !any_frame_) pack_block();
        if (open_) put(::LZ4F_compressEnd(context_, frame_.data(), frame_.size(), nullptr));
        open_ = false;
        packed_->flush();
    }
    void sync() override { packed_->sync(); }

  private:
    static constexpr std::size_t block_bytes = std::size_t{1} << 18U;

    void pack_block() {
        if (!open_) put(::LZ4F_compressBegin(context_, frame_.data(), frame_.size(), &how_));
        open_ = true;
        any_frame_ = true;
        put(::LZ4F_compressUpdate(context_, frame_.data(), frame_.size(), block_.data(), block_.size(), nullptr));
        block_.clear();
    }
    void put(std::size_t count) {
        if (::LZ4F_isError(count) != 0U) throw std::bad_alloc();  // with room it fails for want of memory alone
        if (count != 0) packed_->write({frame_.data(), count});
    }

    std::unique_ptr<output_file> packed_;
    LZ4F_cctx* context_ = nullptr;
    LZ4F_preferences_t how_{};
    std::string block_;
    std::string frame_;
    bool open_ = false;
    bool any_frame_ = false;
};

}  // namespace
}  // namespace detail

file_codec lz4() {
    return {"lz4", ".lz4",
            [](std::string_view begin) {
                return begin == "\x04\x22\x4D\x18" || detail::begins_with_skipped_frame(begin);
            },
            [](std::unique_ptr<input_file> file, const std::string& path) {
                return std::make_unique<detail::unlz4_file>(std::move(file), path);
            },
            [](std::unique_ptr<output_file> file, const std::string&) {
                return std::make_unique<detail::lz4_file>(std::move(file));
            }};
}

}  // namespace weir
