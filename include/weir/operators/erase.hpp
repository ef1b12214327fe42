// SPDX-License-Identifier: Apache-2.0
// erase(stream): hides a stream's steps behind one virtual call per chunk: any_stream<T, Order> can be written in a
// header, so that a team splits a pipeline over several .cpp files. Nothing else changes; turns stay as they are.
#pragma once
#include <weir/flow/stream.hpp>

namespace weir {
namespace detail {

template <class T>
class erased_stage final : public stage {
  public:
    outlet<T> out;
    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out}; }
    void advance(const mark& progress) override { out.flush(&progress); }

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        take_records(*this, records, begin, end, steps, [this](auto&& value, const stamp_view& at) {
            ++counts.accepted;
            ++counts.results;
            out.push_same(std::forward<decltype(value)>(value), at);
        });
    }
    [[nodiscard]] std::string schema() const override { return counts_only; }
    void save_shard(unsigned, binary_writer& writer) const override { counts.save(writer); }
    void load_shard(unsigned, binary_reader& reader) override { counts.load(reader); }
};

template <class S>
class erased_node final : public node {
  public:
    using value_type = typename S::value_type;
    explicit erased_node(S source) : node("steps", {}, spread::per_channel), source_(std::move(source)) {
        add_input(source_.input());
    }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site&) const override {
        return std::make_unique<erased_stage<value_type>>();
    }
    void attach(std::size_t, outlet_base& from, stage& to, std::size_t, gate*) const override {
        using upstream = typename S::upstream_type;
        auto& typed =
            make_inlet<0, upstream>(static_cast<erased_stage<value_type>&>(to), source_.steps(), 0, 1, nullptr, true);
        static_cast<outlet<upstream>&>(from).to.push_back(&typed);
    }
    [[nodiscard]] bool single_use() const override { return !std::is_copy_constructible_v<value_type>; }

  private:
    S source_;
};

}  // namespace detail

template <class Port, class... Steps> [[nodiscard]] auto erase(stream<Port, Steps...> source) {
    using from = stream<Port, Steps...>;
    using erased = any_stream<typename from::value_type, typename Port::order, Port::time>;
    if constexpr (sizeof...(Steps) == 0) {
        return erased{source.from(), source.outlet(), {}, source.columns()};
    } else {
        auto columns = source.columns();
        return erased{std::make_shared<detail::erased_node<from>>(std::move(source)), 0, {}, std::move(columns)};
    }
}

}  // namespace weir
