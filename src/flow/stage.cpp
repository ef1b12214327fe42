// SPDX-License-Identifier: Apache-2.0
#include <weir/flow/stage.hpp>
#include <weir/record/schema.hpp>

namespace weir {

std::string stage::adopt_schema(std::string_view was, const migration_rules&) { return tag_difference(was, schema()); }

}  // namespace weir
