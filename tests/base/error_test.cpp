// SPDX-License-Identifier: Apache-2.0
#include <weir/base/error.hpp>

#include <catch2/catch.hpp>

TEST_CASE("an error is a kind and a sentence", "[base]") {
    try {
        throw weir::error(weir::error_kind::io, "cannot open 'a file'");
    } catch (const std::runtime_error& thrown) {
        CHECK(std::string(thrown.what()) == "cannot open 'a file'");
        REQUIRE(dynamic_cast<const weir::error*>(&thrown) != nullptr);
        CHECK(dynamic_cast<const weir::error&>(thrown).kind() == weir::error_kind::io);
    }
}

TEST_CASE("an error's sentence is one line", "[base]") {
    const weir::error thrown(weir::error_kind::io, "cannot open '\x1b[31m\ra\tfile\n\x7f', \xc3\xa4");
    CHECK(std::string(thrown.what()) == "cannot open '\\x1b[31m\\x0da\\tfile\\n\\x7f', \xc3\xa4");
}
