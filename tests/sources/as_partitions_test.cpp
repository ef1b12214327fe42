// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <weir/flow/explain.hpp>
#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/as_partitions.hpp>
#include <weir/sources/csv.hpp>

#include "temporary_folder.hpp"

namespace {
struct row {
    int id = 0;
};
BOOST_DESCRIBE_STRUCT(row, (), (id))
}  // namespace

TEST_CASE("as_partitions reads files side by side, each from its own beginning") {
    const temporary_folder folder;
    folder.write("a.csv", "id\n1\n2\n3\n");
    folder.write("b.csv", "id\n4\n5\n");
    const auto ids = [&](auto source) {
        const auto rows = weir::collect<row>();
        const auto report = weir::run(weir::graph("g", source | weir::into(rows)), weir::batch{});
        std::vector<int> seen;
        for (const row& each : report.output(rows)) seen.push_back(each.id);
        return seen;
    };
    CHECK(ids(weir::csv_files<row>(folder / "*.csv")) == std::vector{1, 2, 3, 4, 5});
    // In turn: without event time all watermarks are one, so partition after partition.
    CHECK(ids(weir::csv_files<row>(folder / "*.csv", weir::as_partitions)) == std::vector{1, 2, 3, 4, 5});
    const weir::graph what("g", weir::csv_files<row>(folder / "*.csv", weir::as_partitions) |
                                    weir::into(weir::collect<row>()));
    CHECK(weir::explain(what).find("a partition per file") != std::string::npos);
}
