// SPDX-License-Identifier: Apache-2.0
// An operator of one's own, made of those that are there: changed(key, value) lets a record through if its value is
// another one than the last of its key. A function of a stream is enough, `changed(stream, ...)`; an operation, which
// has apply(stream), can also stand behind |.
#include <iostream>
#include <optional>
#include <string>

#include <weir/weir.hpp>

template <class Record, class Key, class Value>
struct changed : weir::operation {
    changed(Key Record::*key, Value Record::*value) : key_(key), value_(value) {}

    template <class S> auto apply(S stream) const {
        const auto news = [value = value_](auto&, const Record& each, std::optional<Value>& last) {
            const bool is_news = last != each.*value;
            last = each.*value;
            return is_news ? std::optional(each) : std::nullopt;
        };
        return std::move(stream) | weir::key_by(key_) | weir::process<std::optional<Value>>(news);
    }

  private:
    Key Record::*key_;
    Value Record::*value_;
};

struct door {
    std::string name;
    bool open;
    std::uint64_t event;
};
BOOST_DESCRIBE_STRUCT(door, (), (name, open, event))

int main() {
    const auto events = weir::memory<door>({{"front", false, 1}, {"back", true, 2}, {"front", false, 3},
                                            {"back", true, 4}, {"front", true, 5}, {"back", false, 6}});
    const auto print = weir::for_each([](const door& each) { std::cout << weir::to_text(each) << '\n'; });
    weir::run(weir::graph("doors", events | changed(&door::name, &door::open) | weir::into(print)),
              weir::event_loop{});
}
