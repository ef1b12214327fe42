// SPDX-License-Identifier: Apache-2.0
// merge(a, b, ...): the records of several streams of one record type. Each appends the number of its input to its
// turn, so the order of the merged stream does not depend on arrival; whoever needs the order merges by it.
#pragma once
#include <tuple>

#include <weir/flow/stream.hpp>

namespace weir {
namespace detail {

template <class T>
class merge_stage final : public stage {
  public:
    outlet<T> out;
    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out}; }
    void advance(const mark& progress) override { out.flush(&progress); }

    template <std::size_t Input, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        take_records(*this, records, begin, end, steps, [this](auto&& value, const stamp_view& at) {
            ++counts.accepted;
            ++counts.results;
            out.push_numbered(std::forward<decltype(value)>(value), at, static_cast<std::uint32_t>(Input));
        });
    }
    [[nodiscard]] std::string schema() const override { return counts_only; }
    void save_shard(unsigned, binary_writer& writer) const override { counts.save(writer); }
    void load_shard(unsigned, binary_reader& reader) override { counts.load(reader); }
};

template <class T, class... Streams>
class merge_node final : public node {
  public:
    explicit merge_node(stage_name name, Streams... streams)
        : node("merge", std::move(name), spread::per_channel), streams_(std::move(streams)...) {
        std::apply([this](const Streams&... each) { (add_input(each.input()), ...); }, streams_);
    }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site&) const override {
        return std::make_unique<merge_stage<T>>();
    }
    void attach(std::size_t input, outlet_base& from, stage& to, std::size_t, gate*) const override {
        attach_one(input, from, static_cast<merge_stage<T>&>(to), std::index_sequence_for<Streams...>{});
    }
    [[nodiscard]] bool single_use() const override { return !std::is_copy_constructible_v<T>; }
    [[nodiscard]] std::shared_ptr<const node> renamed(stage_name name) const override {
        return std::apply([&](const Streams&... each) {
            return std::make_shared<merge_node>(std::move(name), each...);
        }, streams_);
    }

  private:
    template <std::size_t... I>
    void attach_one(std::size_t input, outlet_base& from, merge_stage<T>& to, std::index_sequence<I...>) const {
        ((I == input ? attach_input<I>(from, to) : void()), ...);
    }
    template <std::size_t I> void attach_input(outlet_base& from, merge_stage<T>& to) const {
        using source = std::tuple_element_t<I, std::tuple<Streams...>>;
        auto& typed = make_inlet<I, typename source::upstream_type>(to, std::get<I>(streams_).steps(), 0, 1, nullptr,
                                                                    true);
        static_cast<outlet<typename source::upstream_type>&>(from).to.push_back(&typed);
    }

    std::tuple<Streams...> streams_;
};

}  // namespace detail

template <class First, class... Rest> [[nodiscard]] auto merge(First first, Rest... rest) {
    if constexpr (!(plain_stream<First> && ... && plain_stream<Rest>)) {
        static_assert(detail::unsupported<First>, "merge takes plain streams: merge before weir::key_by(...)");
        return rejected_stream{};
    } else if constexpr (!(std::is_same_v<typename First::value_type, typename Rest::value_type> && ...)) {
        static_assert(detail::unsupported<First>,
                      "merge takes streams of one record type: map them to a common record first");
        return rejected_stream{};
    } else {
        using value = typename First::value_type;
        constexpr bool timed = First::time == timing::event && (true && ... && (Rest::time == timing::event));
        constexpr timing time = timed ? timing::event : timing::none;
        auto columns = first.columns();
        auto made = std::make_shared<detail::merge_node<value, First, Rest...>>(std::string{}, std::move(first),
                                                                                std::move(rest)...);
        return stream<stream_port<value, by_channel, time>>{std::move(made), 0, {}, std::move(columns)};
    }
}

}  // namespace weir
