// SPDX-License-Identifier: Apache-2.0
// gzip, by zlib. Members that follow each other are read as one; a file that is written holds no time and no name.
#include <zlib.h>

#include <algorithm>

#include <weir/base/error.hpp>
#include <weir/base/file_codec.hpp>
#include <weir/base/unpacked_file.hpp>

namespace weir::detail {
namespace {

class inflated_file final : public unpacked_file {
  public:
    inflated_file(std::unique_ptr<input_file> packed, const std::string& path)
        : unpacked_file(std::move(packed), path) {
        constexpr int gzip_only = 16 + MAX_WBITS;
        if (::inflateInit2(&inflater_, gzip_only) != Z_OK) fail("cannot be inflated: out of memory");
    }
    inflated_file(const inflated_file&) = delete;
    inflated_file& operator=(const inflated_file&) = delete;
    ~inflated_file() override { ::inflateEnd(&inflater_); }

  private:
    std::size_t unpack(std::span<char> into) override {
        inflater_.next_out = reinterpret_cast<Bytef*>(into.data());
        inflater_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), 1U << 30U));
        const uInt wanted = inflater_.avail_out;
        while (inflater_.avail_out == wanted && supply()) step();
        return wanted - inflater_.avail_out;
    }
    bool supply() {
        if (inflater_.avail_in != 0) return true;
        const auto block = next_block();
        inflater_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));  // zlib only reads it
        inflater_.avail_in = static_cast<uInt>(block.size());
        return !block.empty();
    }
    void step() {
        if (!in_frame()) {
            ::inflateReset(&inflater_);
            begin_frame();
        }
        const int result = ::inflate(&inflater_, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            end_frame();
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            fail(inflater_.msg == nullptr ? "is damaged" : std::string{"is damaged: "} + inflater_.msg);
        }
    }
    void restart() override { inflater_.avail_in = 0; }

    z_stream inflater_{};
};

// Memory: 256 KiB.
class deflated_file final : public output_file {
  public:
    deflated_file(std::unique_ptr<output_file> packed, const std::string& path)
        : packed_(std::move(packed)), block_(std::size_t{1} << 16U) {
        constexpr int gzip = 16 + MAX_WBITS;
        constexpr int most_memory = 8;
        if (::deflateInit2(&deflater_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip, most_memory, Z_DEFAULT_STRATEGY) !=
            Z_OK) {
            throw error(error_kind::io, "'" + path + "' cannot be packed: out of memory");
        }
    }
    deflated_file(const deflated_file&) = delete;
    deflated_file& operator=(const deflated_file&) = delete;
    ~deflated_file() override { ::deflateEnd(&deflater_); }

    void write(std::string_view bytes) override {
        constexpr std::size_t most = std::size_t{1} << 30U;
        for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), most))) {
            if (ended_) ::deflateReset(&deflater_);
            ended_ = false;
            deflater_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads it
            deflater_.avail_in = static_cast<uInt>(std::min(bytes.size(), most));
            pack(Z_NO_FLUSH);
        }
    }
    // A file of nothing is a member of nothing.
    void flush() override {
        if (!ended_) pack(Z_FINISH);
        ended_ = true;
        packed_->flush();
    }
    void sync() override { packed_->sync(); }

  private:
    void pack(int flush) {
        do {
            deflater_.next_out = reinterpret_cast<Bytef*>(block_.data());
            deflater_.avail_out = static_cast<uInt>(block_.size());
            ::deflate(&deflater_, flush);  // with room and a state of its own it cannot fail
            const std::size_t made = block_.size() - deflater_.avail_out;
            if (made != 0) packed_->write({block_.data(), made});
        } while (deflater_.avail_out == 0);
    }

    std::unique_ptr<output_file> packed_;
    std::vector<char> block_;
    z_stream deflater_{};
    bool ended_ = false;  // the member, so far the last one
};

}  // namespace

file_codec gzip_codec() {
    return {"gzip", ".gz", [](std::string_view begin) { return begin.starts_with("\x1f\x8b"); },
            [](std::unique_ptr<input_file> file, const std::string& path) {
                return std::make_unique<inflated_file>(std::move(file), path);
            },
            [](std::unique_ptr<output_file> file, const std::string& path) {
                return std::make_unique<deflated_file>(std::move(file), path);
            }};
}

}  // namespace weir::detail
