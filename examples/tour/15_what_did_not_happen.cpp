// SPDX-License-Identifier: Apache-2.0
// What must not happen is part of a pattern: not_followed_by. At its end it is known when time is up, also for a key
// that went silent, because the watermark of all goes on. on_time_out tells of what had begun and went no further.
#include <iostream>

#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct action {
    std::string account;
    weir::timestamp at;
    std::string what;
};
BOOST_DESCRIBE_STRUCT(action, (), (account, at, what))

constexpr weir::pattern_stage<"login_changed"> login_changed;
constexpr weir::pattern_stage<"transfer"> transfer;
constexpr weir::pattern_stage<"confirmed"> confirmed;

auto is(std::string what) {
    return [what = std::move(what)](const action& each) { return each.what == what; };
}
void print(const std::string& text) { std::cout << text << '\n'; }

int main() {
    // The login was changed, money was sent, and nobody has confirmed it within half an hour.
    const auto takeover = weir::pattern(weir::begin(login_changed, is("login changed")),
                                        weir::followed_by(transfer, is("transfer")),
                                        weir::not_followed_by(confirmed, is("confirmed")), weir::within(30min));

    const weir::timestamp nine = std::chrono::sys_days{2025y / 6 / 1} + 9h;
    const auto actions = weir::memory<action>({{"ann", nine, "login changed"},
                                               {"bob", nine + 1min, "login changed"},
                                               {"cid", nine + 2min, "login changed"},
                                               {"ann", nine + 5min, "transfer"},
                                               {"bob", nine + 6min, "transfer"},
                                               {"ann", nine + 8min, "confirmed"},
                                               {"dan", nine + 40min, "login"}})
                       | weir::event_time(&action::at, weir::out_of_order(1min));
    const auto at = [](weir::timestamp time) { return weir::to_text(time).substr(11, 5); };
    const auto alerts = actions | weir::key_by(&action::account)
                      | weir::match(takeover,
                                    [&](const auto& match) {
                                        return match[transfer].front().account + " sent money at " +
                                               at(match.end()) + ", not confirmed";
                                    },
                                    weir::on_time_out([&](const std::string& account, const auto& match) {
                                        return account + " changed the login at " + at(match.start()) +
                                               ", and that was all";
                                    }));
    weir::run(weir::graph("takeover", alerts | weir::into(weir::for_each(print)),
                          weir::timed_out(alerts) | weir::into(weir::for_each(print))),
              weir::batch{});
}
