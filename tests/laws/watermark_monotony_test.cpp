// SPDX-License-Identifier: Apache-2.0
// Law 6: watermarks and marks never go back, channels are in turn, and no record comes below a mark of its channel.
// Probes on every stream of random graphs watch it.
#include <catch2/catch.hpp>
#include <random_graphs/check.hpp>

using namespace random_graphs;

TEST_CASE("marks never go back and no record comes below one", "[laws]") {
    const std::string found = find_failure(marks_hold, 400, 3);
    INFO(found);
    CHECK(found.empty());
}
