// SPDX-License-Identifier: Apache-2.0
#include <weir/pattern/stage_fold.hpp>

namespace weir::detail {

void fold_of_values::add(expression_value value) {
    if (how_.kind == fold_kind::first) {
        kept_ = value;
        return;
    }
    if (!value.known) return;
    if (how_.kind == fold_kind::sum) {
        add_to_sum(value);
    } else if (!kept_.known || replaces(value)) {
        kept_ = value;
    }
}

expression_value fold_of_values::result() const {
    if (too_large_) return {};
    if (how_.kind != fold_kind::sum || kept_.known) return kept_;
    return how_.type == expression_type::real ? expression_value::of(0.0) : expression_value::of(std::int64_t{0});
}

void fold_of_values::add_to_sum(expression_value value) {
    if (how_.type == expression_type::real) {
        kept_ = expression_value::of(kept_.known ? kept_.real() + value.real() : value.real());
    } else if (how_.type == expression_type::natural) {
        std::uint64_t sum = 0;
        too_large_ = __builtin_add_overflow(kept_.bits, value.bits, &sum) || too_large_;
        kept_ = expression_value::of(sum);
    } else {
        std::int64_t sum = 0;
        too_large_ = __builtin_add_overflow(kept_.whole(), value.whole(), &sum) || too_large_;
        kept_ = expression_value::of(sum);
    }
}

bool fold_of_values::replaces(expression_value value) const {
    const expression_value& low = how_.kind == fold_kind::least ? value : kept_;
    const expression_value& high = how_.kind == fold_kind::least ? kept_ : value;
    switch (how_.type) {
        case expression_type::real: return low.real() < high.real();
        case expression_type::natural: return low.bits < high.bits;
        case expression_type::text: return low.text() < high.text();
        default: return low.whole() < high.whole();
    }
}

}  // namespace weir::detail
