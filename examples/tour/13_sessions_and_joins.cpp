// SPDX-License-Identifier: Apache-2.0
// Sessions end when their key has been quiet for a while; daily(...) windows are days in a time zone; emit::... says
// when a window speaks. Joins pair the records of two keyed streams by time: near each other, or each with the version
// that was valid. dedupe drops what comes twice.
#include <iostream>

#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct click {
    std::uint64_t id;
    std::string user;
    weir::timestamp at;
};
BOOST_DESCRIBE_STRUCT(click, (), (id, user, at))
struct plan {  // of a user, from that time on
    std::string user;
    weir::timestamp at;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(plan, (), (user, at, name))

const weir::timestamp nine = std::chrono::sys_days{2025y / 6 / 1} + 9h;

void show(const std::string& title, auto rows, auto text) {
    std::cout << title << '\n';
    const auto print = weir::for_each([&](const auto& row) { std::cout << "  " << text(row) << '\n'; });
    weir::run(weir::graph(title, rows | weir::into(print)), weir::batch{});
}

int main() {
    const auto clicks = weir::memory<click>({{1, "ann", nine}, {2, "bob", nine + 1min}, {2, "bob", nine + 1min},
                                             {3, "ann", nine + 20min}, {5, "ann", nine + 90min},
                                             {4, "bob", nine + 89min}})
                      | weir::event_time(&click::at, weir::out_of_order(5min))
                      | weir::dedupe(&click::id, 24h);
    const auto plans = weir::memory<plan>({{"ann", nine - 1h, "free"}, {"ann", nine + 1h, "paid"}})
                     | weir::event_time(&plan::at, weir::out_of_order(5min));
    const auto by_user = clicks | weir::key_by(&click::user);

    const auto window_text = [](const auto& row) { return weir::to_text(row); };
    show("sessions", by_user | weir::window(weir::session(30min)) | weir::aggregate(weir::count()), window_text);
    show("days of Berlin so far, each hour",
         by_user | weir::window(weir::daily("Europe/Berlin"), weir::emit::every(1h)) | weir::aggregate(weir::count()),
         window_text);
    show("every second click, with the ones before",
         by_user | weir::window(weir::global(), weir::emit::after(2).without_end()) | weir::aggregate(weir::count()),
         [](const auto& row) { return row.key + ": " + weir::to_text(weir::get<0>(row)); });

    show("plans at the time", weir::as_of_join(by_user, plans | weir::key_by(&plan::user), weir::keep_for(24h * 30)),
         [](const auto& each) {
             return std::to_string(each.left.id) + " by " + each.left.user + ", " +
                    (each.right ? each.right->name : "no plan");
         });
    show("clicks within two minutes of each other",
         weir::interval_join(by_user, clicks | weir::key_by([](const click&) { return std::string("bob"); }),
                             weir::between(0min, 2min)),
         [](const auto& pair) { return std::to_string(pair.left.id) + " and " + std::to_string(pair.right.id); });
}
