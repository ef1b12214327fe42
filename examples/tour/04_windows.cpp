// SPDX-License-Identifier: Apache-2.0
// Windows: tumbling ones follow each other, sliding ones overlap, and both emit a row when the watermark has passed
// their end. rolling(...) emits a row per record at once: what its key did within each length up to that record.
#include <iostream>
#include <string>

#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct payment {
    std::uint64_t card;
    weir::timestamp at;
    double amount;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, at, amount))

struct spending {  // the key, start and end of the window, then one field per aggregate
    std::uint64_t card;
    weir::timestamp start, end;
    std::uint64_t payments;
    double total;
};
BOOST_DESCRIBE_STRUCT(spending, (), (card, start, end, payments, total))

// Runs the rows into standard output.
void show(const std::string& title, auto rows) {
    std::cout << title << '\n';
    const auto print = weir::for_each([](const spending& each) { std::cout << "  " << weir::to_text(each) << '\n'; });
    weir::run(weir::graph(title, rows | weir::into(print)), weir::batch{});
}

int main() {
    const weir::timestamp nine = std::chrono::sys_days{2025y / 6 / 1} + 9h;
    const auto payments = weir::memory<payment>({{1, nine + 10s, 20}, {1, nine + 50s, 5}, {2, nine + 70s, 8},
                                                 {1, nine + 100s, 1}, {1, nine + 30s, 4}})
                        | weir::event_time(&payment::at, weir::out_of_order(5s))
                        | weir::key_by(&payment::card);
    const auto sums = weir::aggregate<spending>(weir::count(), weir::sum(&payment::amount));

    show("tumbling", payments | weir::window(weir::tumbling(1min)) | sums);
    show("sliding", payments | weir::window(weir::sliding(2min, 1min)) | sums);
    // A window kept longer takes the last payment, which is late otherwise, and reports again.
    show("tumbling with lateness", payments | weir::window(weir::tumbling(1min), weir::allowed_lateness(1min)) | sums);

    std::cout << "rolling\n";
    const auto print = weir::for_each([](const auto& row) {
        const auto& [in_a_minute, in_an_hour] = weir::get<0>(row);  // of the first aggregate, one per length
        std::cout << "  card " << row.record.card << ": " << in_a_minute << " in a minute, " << in_an_hour
                  << " in an hour\n";
    });
    const auto counts = payments | weir::rolling(1min, 1h) | weir::aggregate(weir::sum(&payment::amount));
    weir::run(weir::graph("rolling", counts | weir::into(print)), weir::event_loop{});
}
