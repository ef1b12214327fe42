// SPDX-License-Identifier: Apache-2.0
#include <weir/base/file_codec.hpp>

#include <algorithm>

#include <weir/base/error.hpp>

namespace weir::detail {
namespace {

// Those that every source and sink has, and last what is known by sight alone: packed bytes must never be read as text,
// nor text be written under the name of packed bytes.
const file_codecs& known_codecs() {
    static const file_codecs known{
        gzip_codec(), zstd_codec(),
        {"lz4", ".lz4", [](std::string_view begin) { return begin == "\x04\x22\x4D\x18"; }, nullptr, nullptr}};
    return known;
}

template <class Wanted> const file_codec* first_of(const file_codecs& given, Wanted&& wanted) {
    for (const file_codecs* some : {&given, &known_codecs()}) {
        const auto found = std::find_if(some->begin(), some->end(), wanted);
        if (found != some->end()) return &*found;
    }
    return nullptr;
}

// Some beginnings are of several codecs: frames to be skipped look alike in zstd and lz4. Then the name tells.
const file_codec* codec_of_file(std::string_view path, std::string_view begin, const file_codecs& given) {
    const auto begins = [&](const file_codec& codec) { return codec.begins && codec.begins(begin); };
    const auto ends = [&](const file_codec& codec) { return path.ends_with(codec.ending); };
    const auto* found = first_of(given, [&](const file_codec& codec) { return begins(codec) && ends(codec); });
    if (found == nullptr) found = first_of(given, begins);
    return found != nullptr ? found : first_of(given, ends);
}

[[nodiscard]] bool given_as_value(const file_codec& codec) {
    const auto& known = known_codecs();
    return std::none_of(known.begin(), known.end(), [&](const file_codec& each) { return &each == &codec; });
}

// Why a codec cannot be used that has no function for it. `what` begins the sentence, `whom` is a source or a sink.
[[noreturn]] void refuse(const std::string& what, const file_codec& codec, const std::string& whom) {
    const std::string maker = "weir::" + codec.name;
    const std::string why = given_as_value(codec) ? ", and the codec that the " + whom + " was given cannot do that"
                                                  : ": give the " + whom + " " + maker + "(), of the add-on " + maker;
    throw error(error_kind::configuration, what + codec.name + why);
}
[[noreturn]] void refuse_reading(const std::string& who, const std::string& path, const file_codec& codec) {
    refuse(who + "'" + path + "' must be unpacked by ", codec, "source");
}
[[noreturn]] void refuse_writing(const std::string& who, const std::string& path, const file_codec& codec) {
    refuse(who + "'" + path + "' must be packed by ", codec, "sink");
}

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
    [[nodiscard]] file_status status() override { return file_->status(); }

  private:
    std::unique_ptr<input_file> file_;
    std::string begin_;
};

}  // namespace

bool begins_with_skipped_frame(std::string_view begin) {
    return begin.size() == 4 && (static_cast<unsigned char>(begin[0]) & 0xF0U) == 0x50U &&
           begin.substr(1) == "\x2A\x4D\x18";
}

const file_codec* codec_of_name(std::string_view path, const file_codecs& given) {
    return first_of(given, [&](const file_codec& codec) { return path.ends_with(codec.ending); });
}

void check_readable(std::string_view user, const std::string& path, const file_codecs& given) {
    const file_codec* codec = codec_of_name(path, given);
    if (codec != nullptr && !codec->unpack) refuse_reading(std::string{user} + ": ", path, *codec);
}

void check_writable(std::string_view user, const std::string& path, const file_codecs& given) {
    const file_codec* codec = codec_of_name(path, given);
    if (codec != nullptr && !codec->pack) refuse_writing(std::string{user} + ": ", path, *codec);
}

std::unique_ptr<input_file> unpacked(std::unique_ptr<input_file> file, const std::string& path,
                                     const file_codecs& given) {
    std::string begin(4, '\0');
    std::size_t size = 0;
    while (size < begin.size()) {
        const std::size_t count = file->read({begin.data() + size, begin.size() - size});
        if (count == 0) break;
        size += count;
    }
    begin.resize(size);
    const file_codec* codec = codec_of_file(path, begin, given);
    if (codec != nullptr && !codec->unpack) refuse_reading({}, path, *codec);
    auto whole = std::make_unique<begun_file>(std::move(file), std::move(begin));
    return codec == nullptr ? std::move(whole) : codec->unpack(std::move(whole), path);
}

std::unique_ptr<output_file> packed(std::unique_ptr<output_file> file, const std::string& path,
                                    const file_codecs& given) {
    const file_codec* codec = codec_of_name(path, given);
    if (codec == nullptr) return file;
    if (!codec->pack) refuse_writing({}, path, *codec);
    return codec->pack(std::move(file), path);
}

}  // namespace weir::detail
