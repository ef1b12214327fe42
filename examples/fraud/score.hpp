// SPDX-License-Identifier: Apache-2.0
// How good the rules are, where it is known what was fraud: decisions against the truth, and each rule alone.
#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <weir/flow/chunk.hpp>
#include <weir/flow/sink.hpp>
#include <weir/record/binary.hpp>

#include "decisions.hpp"

namespace fraud {

// Of transactions.
struct tally {
    std::uint64_t not_fraud = 0, fraud = 0, unknown = 0;

    void add(const std::optional<fraud_mark>& truth) { ++(!truth ? unknown : truth->value ? fraud : not_fraud); }
    friend bool operator==(const tally&, const tally&) = default;
};
BOOST_DESCRIBE_STRUCT(tally, (), (not_fraud, fraud, unknown))

struct score {
    std::array<tally, 3> outcomes;                         // as the values of outcome
    std::array<tally, weir::field_count<reasons>> by_rule;  // as the fields of reasons

    void add(const judged& each);
    // Decisions against the truth; then, for each rule and for all that was not approved, precision (how much of it was
    // fraud) and recall (how much of the fraud it was). Where the truth is known of no transaction, decisions alone.
    [[nodiscard]] std::string to_text() const;
    friend bool operator==(const score&, const score&) = default;
};
BOOST_DESCRIBE_STRUCT(score, (), (outcomes, by_rule))

// A sink that keeps the score of each run: report.output(sink).front().
class score_sink : public weir::sink_description {
  public:
    using item_type = score;
    [[nodiscard]] std::string kind() const { return "score"; }
    // Two copies of a sink are one identity.
    [[nodiscard]] const void* identity() const noexcept { return identity_.get(); }

    template <std::same_as<judged> V> [[nodiscard]] auto open(const weir::sink_site& site) const {
        auto kept = std::make_shared<std::vector<score>>(1);
        site.run.outputs->values.emplace_back(identity(), kept);
        return std::make_unique<writer>(std::move(kept));
    }

  private:
    class writer {
      public:
        explicit writer(std::shared_ptr<std::vector<score>> kept) : kept_(std::move(kept)) {}
        void take(const judged& each, const weir::stamp_view&) { kept_->front().add(each); }
        void flush() {}
        void finish(bool) {}
        void save(weir::binary_writer& to) const { weir::save(to, kept_->front()); }
        void load(weir::binary_reader& from) { weir::load(from, kept_->front()); }

      private:
        std::shared_ptr<std::vector<score>> kept_;
    };

    std::shared_ptr<const char> identity_ = std::make_shared<const char>('s');
};

}  // namespace fraud
