// SPDX-License-Identifier: Apache-2.0
// A pattern that a program reads at run time, from JSON. What may be said stands in src/pattern/pattern_format.md:
//
//   {"stages": [{"stage": "probe", "where": "amount < 2", "times_or_more": 3},
//               {"stage": "big", "follows": "followed_by", "where": "amount > 100 * max(probe.amount)"}],
//    "within": "10m"}
//
//   const auto card_testing = weir::load_pattern<Transaction>(text, {"probe", "big"});
//   transactions | weir::key_by(&Transaction::card)
//                | weir::match(card_testing, [](const auto& match) { return Alert{match["big"].front().id}; });
//
// Fields are those of the described struct. The stages that a program will ask a match for are named behind the text,
// so that a file without them is refused when it is read; one that is asked for and not there is an error of kind user.
#pragma once
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/base/result.hpp>
#include <weir/pattern/expression_fields.hpp>
#include <weir/pattern/pattern.hpp>
#include <weir/pattern/stage_fold.hpp>

namespace weir {

// What a text says: nothing in it depends on the type of events but the numbers of their fields.
struct pattern_file {
    std::shared_ptr<const pattern_image> image;
    std::vector<expression> conditions;
    std::vector<stage_fold> folds;
};

namespace detail {

// Throws weir::error of kind configuration: what is wrong where.
[[nodiscard]] pattern_file read_pattern_file(std::string_view json, std::span<const expression_field> fields,
                                             std::initializer_list<std::string_view> needed);
// Number of a stage. Throws weir::error of kind user if there is none of that name.
[[nodiscard]] std::uint32_t stage_asked_for(const pattern_image& image, std::string_view name);

}  // namespace detail

// What a match has taken, by the name of a stage: match["probe"]. Valid during the call only.
template <class Event>
class loaded_match {
  public:
    explicit loaded_match(const pattern_chain<Event>& chain) : chain_(chain) {}
    [[nodiscard]] stage_events<Event> operator[](std::string_view stage) const {
        return chain_.events(detail::stage_asked_for(chain_.image(), stage));
    }
    [[nodiscard]] timestamp start() const { return chain_.start(); }
    [[nodiscard]] timestamp end() const { return chain_.end(); }
    [[nodiscard]] bool degraded() const noexcept { return chain_.degraded(); }

  private:
    const pattern_chain<Event>& chain_;
};

template <described Of>
class loaded_pattern : public any_pattern {
  public:
    template <class Event> using match_type = loaded_match<Event>;
    template <class Event> static constexpr bool takes = std::is_same_v<Event, Of>;

    explicit loaded_pattern(pattern_file read) : file_(std::make_shared<const pattern_file>(std::move(read))) {}

    [[nodiscard]] const std::shared_ptr<const pattern_image>& image() const noexcept { return file_->image; }
    template <class Event> [[nodiscard]] bool looks_back(std::uint32_t condition) const {
        return file_->conditions[condition].looks_back();
    }
    template <class Event> [[nodiscard]] bool holds(std::uint32_t condition, const Event& event) const {
        return file_->conditions[condition].holds_alone({&event, expression_fields<Of>.data(), nullptr, nullptr});
    }
    template <class Event>
    [[nodiscard]] bool holds_after(std::uint32_t condition, const Event& event,
                                   const pattern_chain<Event>& so_far) const {
        const history its{*file_, so_far};
        return file_->conditions[condition].holds_behind({&event, expression_fields<Of>.data(), &ask, &its});
    }
    template <class Event> [[nodiscard]] match_type<Event> view(const pattern_chain<Event>& of) const {
        return match_type<Event>{of};
    }

  private:
    struct history {
        const pattern_file& file;
        const pattern_chain<Of>& so_far;
    };
    static expression_value ask(const void* of, std::uint32_t number) {
        const auto& its = *static_cast<const history*>(of);
        return detail::folded(its.file.folds[number], expression_fields<Of>.data(), its.so_far);
    }

    std::shared_ptr<const pattern_file> file_;
};

// Throws weir::error of kind configuration, which says what is wrong where.
template <class Event>
[[nodiscard]] auto load_pattern(std::string_view json, std::initializer_list<std::string_view> needed = {}) {
    static_assert(described<Event>, "load_pattern needs a described struct: add BOOST_DESCRIBE_STRUCT for it");
    return loaded_pattern<Event>(detail::read_pattern_file(json, expression_fields<Event>, needed));
}

// The same, where a bad text is part of operating: whoever has a good pattern keeps it, and has a sentence.
template <class Event>
[[nodiscard]] auto try_load_pattern(std::string_view json, std::initializer_list<std::string_view> needed = {})
    -> result<loaded_pattern<Event>> {
    try {
        return load_pattern<Event>(json, needed);
    } catch (const error& why) {
        return failure(failure_kind::misused, why.what());
    }
}

}  // namespace weir
