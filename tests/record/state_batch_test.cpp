// SPDX-License-Identifier: Apache-2.0
#include <weir/record/state_batch.hpp>

#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <rapidcheck.h>
#include <string>
#include <tuple>

namespace {

auto bytes_of(const std::string& text) {
    return [&text](weir::binary_writer& to) { to.write_bytes(text.data(), text.size()); };
}

using place = std::tuple<std::uint32_t, std::uint16_t, std::string>;

}  // namespace

TEST_CASE("entries keep what was put, in the order of putting", "[record]") {
    weir::state_batch batch;
    batch.begin_stage(7);
    batch.put(3, bytes_of("key"), bytes_of("value"));
    batch.erase(4, bytes_of("gone"));
    batch.put_image(0, bytes_of("image"));
    REQUIRE(batch.size() == 3);
    CHECK((batch[0].stage == 7 && batch[0].shard == 3 && !batch[0].gone));
    CHECK((batch[0].key == "key" && batch[0].value == "value"));
    CHECK((batch[1].shard == 4 && batch[1].gone && batch[1].key == "gone" && batch[1].value.empty()));
    CHECK((batch[2].key.empty() && batch[2].value == "image"));
    CHECK(batch.bytes() == 17);
    batch.clear();
    CHECK(batch.size() == 0);
    CHECK(batch.bytes() == 0);
    batch.put_image(1, bytes_of(""));
    CHECK(batch[0].stage == 0);
}

TEST_CASE("of several entries for one key the last one is left, also where there are no bytes", "[record]") {
    weir::state_batch batch;
    batch.put(0, bytes_of(""), bytes_of(""));
    batch.erase(0, bytes_of(""));
    batch.erase(1, bytes_of(""));
    batch.put(1, bytes_of(""), bytes_of(""));
    batch.put(2, bytes_of("a"), bytes_of("1"));
    batch.erase(2, bytes_of("a"));
    batch.put(2, bytes_of("a"), bytes_of("3"));
    batch.sort();
    REQUIRE(batch.size() == 3);
    CHECK(batch[0].gone);
    CHECK_FALSE(batch[1].gone);
    CHECK(batch[2].value == "3");
}

TEST_CASE("sorted, a batch is a map from stage, shard and key to the last value", "[record]") {
    const bool holds = rc::check([] {
        weir::state_batch batch;
        std::map<place, std::optional<std::string>> wanted;
        const auto puts = *rc::gen::inRange(0, 200);
        for (int i = 0; i < puts; ++i) {
            const auto stage = *rc::gen::inRange<std::uint32_t>(0, 3);
            const auto shard = *rc::gen::inRange<std::uint16_t>(0, 3);
            const auto key = *rc::gen::element<std::string>("", "a", "ab", std::string{"a\0", 2}, "\xff", "b");
            batch.begin_stage(stage);
            if (*rc::gen::inRange(0, 3) == 0) {
                batch.erase(shard, bytes_of(key));
                wanted[{stage, shard, key}] = std::nullopt;
            } else {
                const auto value = *rc::gen::element<std::string>("", "x", "yy");
                batch.put(shard, bytes_of(key), bytes_of(value));
                wanted[{stage, shard, key}] = value;
            }
        }
        batch.sort();
        RC_ASSERT(batch.size() == wanted.size());
        std::size_t i = 0;
        for (const auto& [where, value] : wanted) {
            const auto entry = batch[i++];
            RC_ASSERT((place{entry.stage, entry.shard, std::string{entry.key}} == where));
            RC_ASSERT(entry.gone == !value.has_value());
            RC_ASSERT(entry.value == value.value_or(""));
        }
    });
    CHECK(holds);
}
