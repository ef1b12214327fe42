// SPDX-License-Identifier: Apache-2.0
// A pattern of a case: its stages become a pattern_tree, its conditions are looked up by number.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <weir/pattern/pattern.hpp>
#include <weir/record/describe.hpp>

namespace weir_oracle {

struct cep_event {
    std::int64_t i = 0;  // its place in the case
    std::int64_t key = 0;
    std::string name;
    double price = 0;
    std::int64_t ts = 0;
    bool sub = false;
};
BOOST_DESCRIBE_STRUCT(cep_event, (), (i, key, name, price, ts, sub))

class cep_pattern : public weir::any_pattern {
  public:
    template <class Event> using match_type = weir::pattern_chain<Event>;
    template <class Event> static constexpr bool takes = std::is_same_v<Event, cep_event>;

    // Of a case's "pattern". Throws `unsupported`, or weir::error if weir refuses it.
    explicit cep_pattern(const boost::json::object& given);

    [[nodiscard]] const std::shared_ptr<const weir::pattern_image>& image() const noexcept { return image_; }
    template <class Event> [[nodiscard]] bool looks_back(std::uint32_t number) const {
        return (*conditions_)[number].looks_back;
    }
    template <class Event> [[nodiscard]] bool holds(std::uint32_t number, const Event& event) const {
        return (*conditions_)[number].looks_back || evaluate(number, event, nullptr);
    }
    template <class Event>
    [[nodiscard]] bool holds_after(std::uint32_t number, const Event& event,
                                   const weir::pattern_chain<Event>& so_far) const {
        return evaluate(number, event, &so_far);
    }
    template <class Event>
    [[nodiscard]] const weir::pattern_chain<Event>& view(const weir::pattern_chain<Event>& of) const {
        return of;
    }

  private:
    struct condition {
        boost::json::object where;
        const boost::json::array* accepts = nullptr;  // the authority where it is given
        bool looks_back = false;
    };
    [[nodiscard]] bool evaluate(std::uint32_t number, const cep_event& event,
                                const weir::pattern_chain<cep_event>* so_far) const;
    std::uint32_t add(const boost::json::object& stage, const char* where, const char* accepts);
    weir::pattern_part part_of(const boost::json::object& stage);

    std::shared_ptr<std::vector<condition>> conditions_ = std::make_shared<std::vector<condition>>();
    std::shared_ptr<const weir::pattern_image> image_;
};

// Why the other engine may say something else of such a pattern; empty if it may not (tests/oracles/README.md).
[[nodiscard]] std::string argued_difference(const boost::json::object& pattern);
[[nodiscard]] bool has_group(const boost::json::object& pattern);

}  // namespace weir_oracle
