// SPDX-License-Identifier: Apache-2.0
// What a stage is called, and how long it may take.
#pragma once
#include <chrono>
#include <concepts>
#include <string>
#include <utility>

namespace weir {

class stage_name {
  public:
    static constexpr std::chrono::nanoseconds no_budget = std::chrono::nanoseconds::max();

    stage_name() = default;
    template <std::convertible_to<std::string> Text>
    stage_name(Text&& text) : text_(std::forward<Text>(text)) {}
    stage_name(std::string text, std::chrono::nanoseconds budget) : text_(std::move(text)), budget_(budget) {}

    [[nodiscard]] const std::string& text() const noexcept { return text_; }  // empty if it has none
    [[nodiscard]] std::chrono::nanoseconds budget() const noexcept { return budget_; }

  private:
    std::string text_;
    std::chrono::nanoseconds budget_ = no_budget;
};

}  // namespace weir
