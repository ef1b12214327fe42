// SPDX-License-Identifier: Apache-2.0
// The graph: named streams that end in sinks. A plain value; nothing runs until a runner runs it, and every run starts
// from nothing. Building it checks what types cannot: names are unique, files are written once, records that cannot be
// copied have one consumer. A wrong configuration is a weir::error.
#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <vector>

#include <weir/flow/node.hpp>

namespace weir {

// What a stream that ends in a sink is: `source | ... | into(sink)`.
class output {
  public:
    explicit output(std::shared_ptr<const node> sink) : sink_(std::move(sink)) {}
    [[nodiscard]] const std::shared_ptr<const node>& sink() const noexcept { return sink_; }

  private:
    std::shared_ptr<const node> sink_;
};

class graph {
  public:
    // graph("spending", stream | into(sink), ...). Throws weir::error of kind configuration.
    template <std::same_as<output>... Outputs>
        requires(sizeof...(Outputs) > 0)
    explicit graph(std::string name, Outputs... outputs) : graph(std::move(name), std::vector<output>{outputs...}) {}
    graph(std::string name, std::vector<output> outputs);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    // Every node once, numbered by its place: upstream before downstream, in the order of the outputs.
    [[nodiscard]] const std::vector<std::shared_ptr<const node>>& nodes() const noexcept { return nodes_; }
    [[nodiscard]] std::size_t number_of(const node* wanted) const;
    // "#3 aggregate 'spending'"
    [[nodiscard]] std::string label(std::size_t number) const;

  private:
    void check() const;
    void check_replies() const;
    [[nodiscard]] std::string label_of(const node& each) const { return label(number_of(&each)); }

    std::string name_;
    std::vector<std::shared_ptr<const node>> nodes_;
};

}  // namespace weir
