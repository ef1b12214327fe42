// SPDX-License-Identifier: Apache-2.0
#include <weir/flow/node.hpp>

#include <weir/flow/source.hpp>
#include <weir/flow/waiting_records.hpp>

namespace weir {

std::vector<std::unique_ptr<source_reader_base>> node::open(weir::environment&) const { return {}; }

std::unique_ptr<stage> node::make_reading(std::unique_ptr<source_reader_base>) const {
    throw error(error_kind::internal, kind_ + " is no source");
}

std::unique_ptr<waiting_records> node::make_waiting(std::size_t, std::size_t) const {
    throw error(error_kind::internal, kind_ + " has no gate");
}

}  // namespace weir
