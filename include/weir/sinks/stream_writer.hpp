// SPDX-License-Identifier: Apache-2.0
// Records written into something that others read as it comes, such as standard output: at once, chunk by chunk.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <weir/base/environment.hpp>
#include <weir/base/error.hpp>
#include <weir/flow/chunk.hpp>
#include <weir/flow/delivery.hpp>
#include <weir/record/binary.hpp>

namespace weir::detail {

// The error of a sink, which says of what kind it is.
[[noreturn]] inline void rethrow_for_sink(std::string_view kind, const error& problem) {
    throw error(problem.kind(), std::string{kind} + " sink: " + problem.what());
}

// An encoder appends a record to a string; it may have a header. What was written before a failure stays.
template <class V, class Encoder>
class stream_writer {
  public:
    stream_writer(std::string_view kind, Encoder encoder, std::unique_ptr<output_file> out)
        : kind_(kind), encoder_(std::move(encoder)), out_(std::move(out)) {}
    void take(const V& record, const stamp_view&) {
        begin();
        try {
            encoder_.append(pending_, record);
        } catch (const error& problem) {
            rethrow_for_sink(kind_, problem);
        }
        if (pending_.size() >= block_bytes) write();
    }
    void flush() { write(); }
    // Whoever reads a table finds its header, even if there are no rows.
    void finish(bool complete) {
        if (!complete) return;
        begin();
        write();
    }
    [[nodiscard]] static delivery_promise promise() {
        return {delivery::at_least_once, "what was written since the last one is written again after a restart"};
    }
    void save(binary_writer& writer) const { weir::save(writer, begun_); }
    void load(binary_reader& reader) { weir::load(reader, begun_); }

  private:
    static constexpr std::size_t block_bytes = std::size_t{1} << 16U;

    void begin() {
        if (begun_) return;
        begun_ = true;
        if constexpr (requires { encoder_.append_header(pending_); }) encoder_.append_header(pending_);
    }
    void write() {
        if (pending_.empty()) return;
        try {
            out_->write(pending_);
        } catch (const error& problem) {
            rethrow_for_sink(kind_, problem);
        }
        pending_.clear();
    }

    std::string kind_;
    Encoder encoder_;
    std::unique_ptr<output_file> out_;
    std::string pending_;
    bool begun_ = false;
};

}  // namespace weir::detail
