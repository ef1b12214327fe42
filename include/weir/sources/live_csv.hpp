// SPDX-License-Identifier: Apache-2.0
// What sources of text that comes bit by bit have in common: csv_tail, csv_stdin, csv_tcp, json_tail.
#pragma once
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <weir/sources/csv.hpp>
#include <weir/sources/following_reader.hpp>

namespace weir::detail {

template <class Option>
concept live_csv_option = std::same_as<Option, csv_options> || is_dead_letter<Option>;

// How often an option was given.
template <class Wanted, class... Options>
inline constexpr int times_given = (static_cast<int>(std::same_as<Options, Wanted>) + ... + 0);
template <class... Options>
inline constexpr int dead_letters_given = (static_cast<int>(is_dead_letter<Options>) + ... + 0);

// `text_of(environment)` makes what the text comes from, a std::unique_ptr, when a run starts. Options that are none of
// the format's (sources/text_reader.hpp) are not looked at.
template <class T, class Format, class TextOf, class... Options>
[[nodiscard]] auto make_live_text(std::string kind, std::string text, TextOf text_of, bool unbounded,
                                  const Options&... options) {
    using text_source = typename std::invoke_result_t<const TextOf&, environment&>::element_type;
    using options_type = typename Format::options_type;
    using decoder_type = typename Format::template decoder_type<T>;
    options_type how;
    std::function<std::shared_ptr<const node>(std::shared_ptr<const node>)> companion;
    [[maybe_unused]] const auto take = [&]<class Option>(const Option& option) {
        if constexpr (std::same_as<Option, options_type>) {
            how = option;
        } else if constexpr (is_dead_letter<Option>) {
            companion = [sink = option.sink](std::shared_ptr<const node> source) {
                return dead_letter_node<in_turn>(std::move(source), sink);
            };
        }
    };
    (take(options), ...);
    Format::check(how);
    const bool dead_letters = static_cast<bool>(companion);
    auto made = std::make_shared<source_node<T, bad_record>>(
        std::move(kind), std::move(text),
        [text_of = std::move(text_of), how, dead_letters](environment& where) {
            std::vector<std::unique_ptr<source_reader_base>> readers;
            readers.push_back(std::make_unique<following_reader<T, text_source, decoder_type, options_type>>(
                text_of(where), how, dead_letters, &Format::unusable));
            return readers;
        },
        std::move(companion));
    made->set_unbounded(unbounded);
    made->set_replays(!requires { text_source::comes_once; });
    return stream<stream_port<T, in_turn, timing::log>>{std::move(made), 0};
}

template <class T, class TextOf, class... Options>
[[nodiscard]] auto make_live_csv(std::string kind, std::string text, TextOf text_of, bool unbounded,
                                 const Options&... options) {
    return make_live_text<T, csv_format>(std::move(kind), std::move(text), std::move(text_of), unbounded, options...);
}

}  // namespace weir::detail
