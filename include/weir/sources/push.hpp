// SPDX-License-Identifier: Apache-2.0
// pushed<T>(options): a log that the host writes, record by record, while an engine runs (runtime/engine.hpp). Its
// value is the handle: engine.push(feed, record).
#pragma once
#include <weir/flow/live_log.hpp>

namespace weir {

template <class T> [[nodiscard]] push_source<T> pushed(push_options options = {}) {
    if (options.capacity == 0) {
        throw error(error_kind::configuration, "pushed needs a capacity of at least one record");
    }
    const auto open = [options](environment&) {
        std::vector<std::unique_ptr<source_reader_base>> readers;
        readers.push_back(std::make_unique<detail::push_reader<T>>(options));
        return readers;
    };
    auto made = std::make_shared<detail::source_node<T, detail::nothing_bad>>("pushed", std::string{}, open);
    made->set_replays(false);
    return {std::move(made), 0};
}

}  // namespace weir
