// SPDX-License-Identifier: Apache-2.0
// History, then live: followed_by makes one log of files that are complete and a file that still grows. State goes on
// across the seam, where no line is missing and none is read twice. The two files are written where the program runs.
#include <atomic>
#include <fstream>
#include <iostream>
#include <thread>

#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct payment {
    std::uint64_t card;
    double amount;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, amount))

struct total {
    std::uint64_t card = 0;
    std::uint64_t payments = 0;
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (card, payments, amount))

auto totals(auto payments) {
    return payments
         | weir::key_by(&payment::card)
         | weir::process<total>([](auto&, const payment& each, total& state) {
               return state = total{each.card, state.payments + 1, state.amount + each.amount};
           });
}

int main() {
    std::ofstream("history.csv") << "card,amount\n7,10\n8,2\n";
    std::ofstream("live.csv") << "card,amount\n7,5\n";

    std::atomic<bool> over = false;  // a tail ends only when it is told to
    const weir::tail_options until_over{.until = [&over] { return over.load(); }};
    const auto payments = weir::followed_by(weir::csv_files<payment>("history.csv"),
                                            weir::csv_tail<payment>("live.csv", until_over));
    const auto sink = weir::collect<total>();
    weir::engine engine = weir::start(weir::graph("totals", totals(payments) | weir::into(sink)), weir::event_loop{});

    std::size_t shown = 0;
    const auto show = [&](std::size_t count) {  // waits until there are so many results
        while (engine.running() && engine.output(sink).size() < count) std::this_thread::sleep_for(1ms);
        const std::vector<total> results = engine.output(sink);
        for (; shown < results.size(); ++shown) std::cout << weir::to_text(results[shown]) << '\n';
    };
    show(3);
    std::cout << "the file grows\n";
    std::ofstream("live.csv", std::ios::app) << "8,0.5\n7,1\n";
    show(5);
    over = true;
    const weir::result<weir::run_report> report = engine.wait();
    std::cout << (report ? "over" : report.failure().text()) << '\n';
}
