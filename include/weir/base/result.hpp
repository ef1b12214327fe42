// SPDX-License-Identifier: Apache-2.0
// result<T>: a value, or why there is none, where failing is part of operating: what an engine says to its host.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <weir/base/error.hpp>

namespace weir {

enum class failure_kind {
    late,         // a stage on the way refused the record: its time lies behind the watermark
    filtered,     // a filter on the way dropped it, or a flat_map made nothing of it
    unreadable,   // it went to a dead-letter sink
    held,         // a stage on the way keeps it until something else comes
    unanswered,   // it was taken, and nothing came of it
    deadline,     // there was no answer in time; the record may have been taken, or still be
    full,         // the source's queue is full
    dropped,      // the same where the source's policy is to drop
    stopped,      // the engine has stopped, or the log is closed
    failed,       // the engine has failed: something threw
    misused       // the call cannot be made from there: see the sentence
};

[[nodiscard]] const char* to_text(failure_kind kind) noexcept;

class failure {
  public:
    // The sentence is the kind's own, unless another is given. The kind's own costs no allocation.
    explicit failure(failure_kind kind) noexcept : kind_(kind) {}
    failure(failure_kind kind, std::string sentence)
        : kind_(kind), sentence_(std::make_shared<const std::string>(std::move(sentence))) {}
    [[nodiscard]] failure_kind kind() const noexcept { return kind_; }
    [[nodiscard]] const char* text() const noexcept {
        return sentence_ != nullptr ? sentence_->c_str() : to_text(kind_);
    }

  private:
    failure_kind kind_;
    std::shared_ptr<const std::string> sentence_;
};

template <class T>
class [[nodiscard]] result {
  public:
    result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    result(weir::failure why) : held_(std::in_place_index<1>, std::move(why)) {}

    [[nodiscard]] bool has_value() const noexcept { return held_.index() == 0; }
    [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }
    // Only of a result with a value.
    [[nodiscard]] T& operator*() & noexcept { return *std::get_if<0>(&held_); }
    [[nodiscard]] const T& operator*() const& noexcept { return *std::get_if<0>(&held_); }
    [[nodiscard]] T&& operator*() && noexcept { return std::move(*std::get_if<0>(&held_)); }
    [[nodiscard]] T* operator->() noexcept { return std::get_if<0>(&held_); }
    [[nodiscard]] const T* operator->() const noexcept { return std::get_if<0>(&held_); }
    // Only of a result without one.
    [[nodiscard]] const weir::failure& failure() const noexcept { return *std::get_if<1>(&held_); }
    // Throws weir::error of kind user, with the failure's sentence, if there is none.
    [[nodiscard]] T& value() & {
        require();
        return **this;
    }
    [[nodiscard]] T value() && {
        require();
        return *std::move(*this);
    }

  private:
    void require() const {
        if (!has_value()) throw error(error_kind::user, failure().text());
    }

    std::variant<T, weir::failure> held_;
};

}  // namespace weir
