// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/deflated_file.hpp>

#include <zlib.h>

#include <algorithm>
#include <vector>

#include <weir/base/error.hpp>

namespace weir::detail {
namespace {

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
    void sync() override {
        if (!ended_) pack(Z_FINISH);
        ended_ = true;
        packed_->sync();
    }

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

std::unique_ptr<output_file> deflate(std::unique_ptr<output_file> packed, const std::string& path) {
    return std::make_unique<deflated_file>(std::move(packed), path);
}

}  // namespace weir::detail
