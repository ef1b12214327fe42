// SPDX-License-Identifier: Apache-2.0
#include "traffic.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

namespace fraud {
namespace {

constexpr std::uint32_t second = 1'000;
constexpr std::uint32_t minute = 60 * second;
constexpr std::uint64_t hour = 60 * minute;

constexpr double sprees = 0.004;   // of ordinary purchases, how many are the first of several in a row
constexpr double thefts = 0.0013;  // and after how many the card is in other hands for a while

// How busy the hours of a day are, and the days of a week.
constexpr std::array<std::uint32_t, 24> busy_hours{3, 2,  1,  1,  1,  2,  5,  9,  12, 13, 14, 16,
                                                   18, 16, 14, 14, 16, 19, 20, 18, 14, 10, 7,  4};
constexpr std::array<std::uint32_t, 7> busy_days{9, 9, 10, 10, 12, 13, 8};

double busy(std::uint64_t hour_number) {
    return busy_hours[hour_number % 24] * busy_days[hour_number / 24 % 7];
}

std::string text_of(std::uint64_t number) {
    char digits[20];
    return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

std::string money_text(std::uint64_t cents) {
    std::string text = text_of(cents / 100);
    text += '.';
    text += static_cast<char>('0' + cents / 10 % 10);
    text += static_cast<char>('0' + cents % 10);
    return text;
}

}  // namespace

traffic::traffic(const traffic_options& options)
    : options_(options), world_(options.cards, options.seed), random_(seed_of(options.seed, options.cards)),
      left_(options.transactions) {
    for (std::uint64_t each = 0; each < std::uint64_t{options.days} * 24; ++each) busy_left_ += busy(each);
    move_clock();
}

// With n purchases still to come, the next one lies on average in front of the nth part of what is left, and never
// behind the end.
void traffic::move_clock() {
    const double gap = busy_left_ * (2 * random_.share()) / (static_cast<double>(unplanned()) + 1);
    busy_left_ -= gap;
    within_hour_ += gap;
    const std::uint64_t last = std::uint64_t{options_.days} * 24 - 1;
    for (double length = busy(hour_); within_hour_ >= length && hour_ < last; length = busy(hour_)) {
        within_hour_ -= length;
        ++hour_;
    }
}

std::uint64_t traffic::clock_ms() const {
    const double share = std::min(within_hour_ / busy(hour_), 0.9999999);
    return hour_ * hour + static_cast<std::uint64_t>(share * static_cast<double>(hour));
}

traffic::planned traffic::ordinary_purchase() {
    planned made{clock_ms(), 0, world_.pick_card(random_), purchase::ordinary, {}, 0};
    const card_holder holder = world_.holder(made.card);
    const auto [under_way, city] = world_.find(holder, made.at_ms);
    made.where = under_way || random_.happens(holder.online_share) ? world_.pick_online(random_)
                                                                   : world_.pick_merchant(holder, city, random_);
    return made;
}

// The whole number of transactions, and their end, are given: what does not fit is not planned.
void traffic::plan(const planned& after) {
    if (after.at_ms >= std::uint64_t{options_.days} * 24 * hour || unplanned() == 0) return;
    planned_.push_back(after);
    planned_.back().number = plans_++;
    std::push_heap(planned_.begin(), planned_.end(), std::greater<>{});
}

void traffic::plan_series(planned each, std::uint32_t count, std::uint32_t gap_low_ms, std::uint32_t gap_high_ms) {
    const double times_usual = each.times_usual;
    for (std::uint32_t i = 0; i < count; ++i) {
        each.at_ms += random_.between(gap_low_ms, gap_high_ms);
        each.times_usual = times_usual * (0.7 + 0.6 * random_.share());
        plan(each);
    }
}

void traffic::plan_what_follows(const planned& first) {
    const double luck = random_.share();
    if (luck >= sprees + thefts) return;
    const card_holder holder = world_.holder(first.card);
    const double kind = (luck - sprees) / thefts;
    if (luck < sprees) {
        plan_spree(first, holder);
    } else if (kind < 0.35) {
        plan_abroad(first, holder);
    } else if (kind < 0.65) {
        plan_test(first);
    } else if (kind < 0.85) {
        plan_local_haul(first, holder);
    } else {
        planned each = first;
        each.kind = purchase::online_haul;
        each.where = world_.pick_online(random_);
        each.times_usual = 6 + 14 * random_.share();
        plan_series(each, 1, minute, 600 * minute);
    }
}

// One shop after the other.
void traffic::plan_spree(const planned& first, const card_holder& holder) {
    planned each = first;
    each.kind = purchase::spree;
    for (std::uint32_t count = random_.between(2, 5); count > 0; --count) {
        each.at_ms += random_.between(40 * second, 6 * minute);
        each.where = first.where.online ? world_.pick_online(random_)
                                        : world_.pick_merchant(holder, first.where.city, random_);
        plan(each);
    }
}

// A card, or a copy of it, is used far away while its holder is at home.
void traffic::plan_abroad(const planned& after, const card_holder& holder) {
    const std::uint32_t city = world_.pick_far_city(after.where.online ? holder.home : after.where.city, random_);
    planned each = after;
    each.kind = purchase::abroad;
    for (std::uint32_t count = random_.between(3, 7); count > 0; --count) {
        each.at_ms += random_.between(4 * minute, 25 * minute);
        each.where = world_.pick_merchant(holder, city, random_);
        each.times_usual = 2.5 + 6 * random_.share();
        plan(each);
    }
}

// Many tiny amounts find out whether a stolen number works; then it is used.
void traffic::plan_test(const planned& after) {
    planned each = after;
    each.at_ms += random_.between(minute, 180 * minute);
    each.kind = purchase::test;
    each.where = world_.pick_online(random_);
    const std::uint32_t count = random_.between(5, 14);
    plan_series(each, count, 4 * second, 40 * second);
    each.at_ms += std::uint64_t{count} * 40 * second;
    each.kind = purchase::online_haul;
    each.where = world_.pick_online(random_);
    each.times_usual = 8 + 14 * random_.share();
    plan_series(each, random_.between(1, 2), minute, 5 * minute);
}

// A wallet is stolen, and emptied nearby before its owner notices.
void traffic::plan_local_haul(const planned& after, const card_holder& holder) {
    planned each = after;
    each.at_ms += random_.between(10 * minute, 90 * minute);
    each.kind = purchase::local_haul;
    each.where = world_.pick_merchant(holder, after.where.online ? holder.home : after.where.city, random_);
    each.times_usual = 2.5 + 5 * random_.share();
    plan_series(each, random_.between(3, 6), 20 * second, 100 * second);
}

std::uint64_t traffic::cents_of(const planned& each, const card_holder& holder) {
    if (each.kind == purchase::test) return random_.between(50, 199);
    const double times = each.times_usual > 0 ? each.times_usual
                                              : world_.price_level(each.where) * random_.log_normal(holder.spread);
    return std::max<std::uint64_t>(50, static_cast<std::uint64_t>(holder.usual_cents * times));
}

labelled_transaction traffic::made_of(const planned& each) {
    const card_holder holder = world_.holder(each.card);
    labelled_transaction made;
    made.id.text = text_of(++written_);
    // Most are there within a second, some take longer.
    const std::uint32_t luck = random_.below(100);
    const std::uint64_t delay_ms = random_.below(luck < 80 ? second : luck < 98 ? 5 * second : traffic_delay_ms);
    const std::uint64_t at_ms = traffic_start_ms + each.at_ms - std::min(each.at_ms, delay_ms);
    made.at.value = weir::timestamp{std::chrono::milliseconds{at_ms}};
    made.at.text = text_of(at_ms);
    world_.append_card(made.card.text, each.card);
    world_.append_name(made.merchant.text, each.where);
    const std::uint64_t cents = cents_of(each, holder);
    made.amount.value = static_cast<double>(cents) / 100;
    made.amount.text = money_text(cents);
    if (!each.where.online) {
        const place at = world_.where(each.where);
        made.lat = at.lat / 1e5;
        made.lon = at.lon / 1e5;
    }
    made.fraud = fraud_mark{each.kind >= purchase::abroad};
    return made;
}

labelled_transaction traffic::next() {
    const bool planned_first =
        !planned_.empty() && (unplanned() == 0 || planned_.front().at_ms <= clock_ms());
    planned now;
    if (planned_first) {
        std::pop_heap(planned_.begin(), planned_.end(), std::greater<>{});
        now = planned_.back();
        planned_.pop_back();
        --left_;
    } else {
        now = ordinary_purchase();
        --left_;
        plan_what_follows(now);
        if (unplanned() > 0) move_clock();
    }
    return made_of(now);
}

}  // namespace fraud
