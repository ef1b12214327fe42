// SPDX-License-Identifier: Apache-2.0
// A card transaction as it stands in the input: columns are found by name, others are ignored.
#pragma once
#include <compare>
#include <optional>
#include <string>

#include <boost/describe.hpp>

#include <weir/record/as_read.hpp>
#include <weir/time/timestamp.hpp>

namespace fraud {

// A name that must not be missing. Compared by its bytes: "007" is not "7".
struct identifier {
    std::string text;

    [[nodiscard]] weir::text_error read_text(std::string_view field, const weir::text_options&) {
        if (field.empty()) return weir::text_error::empty;
        if (!weir::is_utf8(field)) return weir::text_error::invalid_utf8;
        text.assign(field);
        return weir::text_error::none;
    }
    void write_text(std::string& out) const { out += text; }
    friend auto operator<=>(const identifier&, const identifier&) = default;
};
BOOST_DESCRIBE_STRUCT(identifier, (), (text))

struct transaction {
    identifier id;
    weir::as_read<weir::timestamp> at;  // RFC 3339, or milliseconds since 1970
    identifier card;
    identifier merchant;
    weir::as_read<double> amount;
    std::optional<double> lat, lon;
};
BOOST_DESCRIBE_STRUCT(transaction, (), (id, at, card, merchant, amount, lat, lon))

// Whether a transaction turned out to be fraud: 0 or 1, also false or true.
struct fraud_mark {
    bool value = false;

    [[nodiscard]] weir::text_error read_text(std::string_view field, const weir::text_options& options) {
        return weir::parse_field(field, value, options);
    }
    void write_text(std::string& out) const { out += value ? '1' : '0'; }
    friend auto operator<=>(const fraud_mark&, const fraud_mark&) = default;
};
BOOST_DESCRIBE_STRUCT(fraud_mark, (), (value))

// A transaction of which that may be known. No rule looks at it: it is there to judge the rules by.
struct labelled_transaction : transaction {
    std::optional<fraud_mark> fraud;
};
BOOST_DESCRIBE_STRUCT(labelled_transaction, (transaction), (fraud))

// What came more than the allowed disorder behind the newest transaction: as it stood, and by how much.
struct late_transaction {
    identifier id;
    std::string at;
    identifier card;
    identifier merchant;
    std::string amount;
    double late_by_ms = 0;
};
BOOST_DESCRIBE_STRUCT(late_transaction, (), (id, at, card, merchant, amount, late_by_ms))

}  // namespace fraud
