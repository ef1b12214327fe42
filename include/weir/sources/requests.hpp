// SPDX-License-Identifier: Apache-2.0
// requests<Request, Reply>(): the log of what a host asks, engine.ask(requests, request), whose answers come out of the
// graph at `| reply(requests)` (sinks/reply.hpp). Control records, such as new rules, that must come in order with
// requests are requests, too: a variant.
#pragma once
#include <weir/flow/live_log.hpp>

namespace weir {

template <class Request, class Reply> [[nodiscard]] request_source<Request, Reply> requests() {
    const auto open = [](environment&) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        readers.push_back(std::make_unique<detail::push_reader<Request>>(push_options{}));
        return readers;
    };
    auto made = std::make_shared<detail::source_node<Request, detail::nothing_bad>>("requests", std::string{}, open);
    made->set_replays(false);
    return {std::move(made), 0};
}

}  // namespace weir
