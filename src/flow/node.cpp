// SPDX-License-Identifier: Apache-2.0
#include <weir/flow/node.hpp>

#include <weir/flow/source.hpp>

namespace weir {

std::vector<std::unique_ptr<source_reader_base>> node::open(weir::environment&) const { return {}; }

std::unique_ptr<stage> node::make_reading(std::unique_ptr<source_reader_base>) const {
    throw error(error_kind::internal, kind_ + " is no source");
}

}  // namespace weir
