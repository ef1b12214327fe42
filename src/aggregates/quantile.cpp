// SPDX-License-Identifier: Apache-2.0
// What quantiles are called and what they are refused for.
#include <weir/aggregates/quantile.hpp>

#include <charconv>
#include <string_view>

#include <weir/base/error.hpp>

namespace weir::detail {
namespace {

// In the fewest digits that give the number back.
std::string digits_of(double value) {
    char digits[400];
    return {digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr};
}
std::string shortest(double value) {
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

}  // namespace

double checked_quantile(double quantile) {
    if (quantile >= 0 && quantile <= 1) return quantile;
    throw error(error_kind::configuration, "quantile(..., " + shortest(quantile) + "): a quantile is between 0 and 1");
}

double checked_relative_error(double relative_error) {
    if (relative_error >= 0.0001 && relative_error <= 0.5) return relative_error;
    throw error(error_kind::configuration, "quantile with a relative error of " + shortest(relative_error) +
                                               ": it is between 0.0001 and 0.5");
}

std::string percent_name(double quantile) {
    std::string digits = digits_of(quantile);  // "0", "0.05", "0.999", "1"
    if (digits.find('.') == std::string::npos) digits += '.';
    while (digits.size() < 4) digits += '0';
    std::string percent{digits.front() == '0' ? "" : digits.substr(0, 1)};
    percent += digits.substr(2, 2);
    while (percent.size() > 1 && percent.front() == '0') percent.erase(0, 1);
    if (digits.size() > 4) percent += "_" + digits.substr(4);
    return "p" + percent;
}

std::string tag_of_quantiles(double relative_error) { return "quantile_sketch<" + digits_of(relative_error) + ">"; }

}  // namespace weir::detail
