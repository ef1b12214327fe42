// SPDX-License-Identifier: Apache-2.0
// zstd, by the filters of Boost.Iostreams. Two things they lack are here: they take a file that is cut short for a
// whole one, and what they pack has no checksum. Both need to know where frames end.
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <boost/iostreams/categories.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <optional>

#include <weir/base/error.hpp>
#include <weir/base/file_codec.hpp>
#include <weir/base/unpacked_file.hpp>

#include "zstd_frames.hpp"

namespace weir::detail {
namespace {

namespace io = boost::iostreams;

constexpr std::streamsize block_bytes = std::streamsize{1} << 16U;

// Memory: the window that the file asks for, of at most 128 MiB; 2 MiB are usual.
class unzstd_file final : public unpacked_file {
  public:
    unzstd_file(std::unique_ptr<input_file> packed, const std::string& path) : unpacked_file(std::move(packed), path) {
        restart();
    }

  private:
    // What the filter reads from.
    struct source {
        using char_type = char;
        using category = io::source_tag;
        std::streamsize read(char* into, std::streamsize most) const { return file->supply(into, most); }
        unzstd_file* file;
    };

    std::size_t unpack(std::span<char> into) override {
        if (ended_) return 0;
        try {
            source from{this};
            const std::streamsize count = filter_->read(from, into.data(), static_cast<std::streamsize>(into.size()));
            ended_ = count < 0;
            return ended_ ? 0 : static_cast<std::size_t>(count);
        } catch (const io::zstd_error& problem) {
            constexpr int window_too_large = -16;
            if (problem.error() == window_too_large) {
                fail("cannot be read: it was packed with a window of more than 128 MiB");
            }
            const std::string_view reason = problem.what();  // "Data corruption detected: iostream error"
            fail("is damaged: " + std::string{reason.substr(0, reason.rfind(": "))});
        }
    }
    std::streamsize supply(char* into, std::streamsize most) {
        if (rest_.empty()) {
            if (frames_.lost()) fail("is damaged: something in it is no frame of zstd");
            rest_ = next_block();
        }
        if (rest_.empty()) return -1;
        const auto given = rest_.first(std::min(rest_.size(), static_cast<std::size_t>(most)));
        rest_ = rest_.subspan(given.size());
        std::copy(given.begin(), given.end(), into);
        for (std::string_view text{given.data(), given.size()}; !text.empty();) text.remove_prefix(frames_.pass(text));
        begin_frame();
        if (frames_.between()) end_frame();
        return static_cast<std::streamsize>(given.size());
    }
    void restart() override {
        filter_.emplace(block_bytes);
        frames_ = {};
        rest_ = {};
        ended_ = false;
    }

    std::optional<io::zstd_decompressor> filter_;
    zstd_frames frames_;
    std::span<const char> rest_;  // of the last block
    bool ended_ = false;
};

// Memory: about 4 MiB.
class zstd_file final : public output_file {
  public:
    explicit zstd_file(std::unique_ptr<output_file> packed) : packed_(std::move(packed)) {
        if (content_.state == nullptr) throw std::bad_alloc();
    }

    void write(std::string_view bytes) override {
        if (bytes.empty()) return;
        begin();
        ::XXH64_update(content_.state, bytes.data(), bytes.size());
        sink to{this};
        filter_.write(to, bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    // A file of nothing is a frame of nothing.
    void flush() override {
        if (!any_frame_) begin();
        if (open_) {
            sink to{this};
            filter_.close(to, std::ios_base::out);
            open_ = false;
        }
        packed_->flush();
    }
    void sync() override { packed_->sync(); }

  private:
    // What the filter writes to.
    struct sink {
        using char_type = char;
        using category = io::sink_tag;
        std::streamsize write(const char* bytes, std::streamsize count) const {
            file->put({bytes, static_cast<std::size_t>(count)});
            return count;
        }
        zstd_file* file;
    };
    struct checksum {
        checksum() = default;
        checksum(const checksum&) = delete;
        checksum& operator=(const checksum&) = delete;
        ~checksum() { ::XXH64_freeState(state); }
        XXH64_state_t* state = ::XXH64_createState();
    };

    void begin() {
        if (open_) return;
        ::XXH64_reset(content_.state, 0);
        open_ = true;
        any_frame_ = true;
        frame_ended_ = false;
        of_frame_ = 0;
    }
    // A bit in the frame's fifth byte says that a checksum of the content follows: the low half of its XXH64. Frames of
    // nothing, which the filter may put behind the one it closes, are dropped.
    void put(std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t size = frames_.pass(bytes);
            block_.assign(bytes.substr(0, size));
            bytes.remove_prefix(size);
            if (frame_ended_) continue;
            constexpr std::uint64_t descriptor = 4;
            if (of_frame_ <= descriptor && descriptor - of_frame_ < size) {
                char& described = block_[static_cast<std::size_t>(descriptor - of_frame_)];
                described = static_cast<char>(static_cast<unsigned char>(described) | 4U);
            }
            of_frame_ += size;
            if (frames_.between()) {
                const auto sum = static_cast<std::uint32_t>(::XXH64_digest(content_.state));
                for (unsigned shift = 0; shift != 32; shift += 8) block_ += static_cast<char>((sum >> shift) & 0xFFU);
                frame_ended_ = true;
            }
            packed_->write(block_);
        }
    }

    std::unique_ptr<output_file> packed_;
    io::zstd_compressor filter_{io::zstd_params{io::zstd::default_compression}, block_bytes};
    zstd_frames frames_;
    checksum content_;
    std::string block_;
    std::uint64_t of_frame_ = 0;  // bytes of the frame that were put
    bool open_ = false;
    bool frame_ended_ = false;
    bool any_frame_ = false;
};

}  // namespace

file_codec zstd_codec() {
    // pzstd writes a frame to be skipped in front of each.
    return {"zstd", ".zst",
            [](std::string_view begin) {
                return begin == "\x28\xB5\x2F\xFD" || begins_with_skipped_frame(begin);
            },
            [](std::unique_ptr<input_file> file, const std::string& path) {
                return std::make_unique<unzstd_file>(std::move(file), path);
            },
            [](std::unique_ptr<output_file> file, const std::string&) {
                return std::make_unique<zstd_file>(std::move(file));
            }};
}

}  // namespace weir::detail
