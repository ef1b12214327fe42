// SPDX-License-Identifier: Apache-2.0
// The crashes of a whole run find each of these bugs, and none where there is none.
#include <catch2/catch.hpp>

#include <weir/base/planted_bug.hpp>

#include "crash/crashing_job.hpp"

using namespace crashing_job;

namespace {

// How many crash states are wrong.
std::uint64_t wrong_with(planted_bug which, const setting& how) {
    planted_now = planted_bug::none;
    static_cast<void>(expected());
    planted_now = which;
    const crash::outcome found = crash_everywhere("planted", how, how, 0);
    planted_now = planted_bug::none;
    return found.wrong;
}

}  // namespace

TEST_CASE("crashes of a whole run find what is planted", "[crash]") {
    CHECK(wrong_with(planted_bug::none, {1, 1}) == 0);
    CHECK(wrong_with(planted_bug::forgotten_watermark, {1, 1}) > 0);
    CHECK(wrong_with(planted_bug::lost_timer, {1, 1}) > 0);
    CHECK(wrong_with(planted_bug::publish_first, {1, 1}) > 0);
    CHECK(wrong_with(planted_bug::publish_before_manifest, {1, 1}) > 0);
    CHECK(wrong_with(planted_bug::forget_staged_length, {1, 1}) > 0);
    CHECK(wrong_with(planted_bug::skip_folder_sync, {1, 1}) > 0);
    CHECK(wrong_with(planted_bug::publish_manifest_first, {1, 1}) > 0);
    CHECK(wrong_with(planted_bug::unsorted_merge, {1, 1}) > 0);
}
