// SPDX-License-Identifier: Apache-2.0
// An aggregate of one's own: an immutable value that says how records become one result. It works wherever the built-in
// ones do, beside them. remove and unmerge, if it has them, let windows slide cheaply; `commutes` promises that neither
// order nor grouping of records can be seen in the result, as with integers.
#include <string>

#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct share_state {
    std::uint64_t matching = 0;
    std::uint64_t all = 0;
};
BOOST_DESCRIBE_STRUCT(share_state, (), (matching, all))

// The share of records for which a predicate holds.
template <class Predicate>
struct share {
    std::string column;
    Predicate predicate;

    using state_type = share_state;
    static constexpr bool commutes = true;
    state_type create() const { return {}; }
    void add(state_type& to, const auto& record) const {
        to.matching += predicate(record) ? 1U : 0U;
        ++to.all;
    }
    void remove(state_type& from, const auto& record) const {
        from.matching -= predicate(record) ? 1U : 0U;
        --from.all;
    }
    void merge(state_type& to, const state_type& other) const {
        to.matching += other.matching;
        to.all += other.all;
    }
    void unmerge(state_type& from, const state_type& other) const {
        from.matching -= other.matching;
        from.all -= other.all;
    }
    double result(const state_type& of) const {
        return of.all == 0 ? 0 : static_cast<double>(of.matching) / static_cast<double>(of.all);
    }
    std::string name() const { return column; }
};

struct call { std::string service; weir::timestamp at; std::uint32_t status; };
BOOST_DESCRIBE_STRUCT(call, (), (service, at, status))

int main() {
    const weir::timestamp start = std::chrono::sys_days{2025y / 6 / 1};
    const auto failed = [](const call& each) { return each.status >= 500; };
    const auto calls = weir::generate(8, [start](std::uint64_t i) {
        return call{"api", start + i * 15s, i % 4 == 3 ? 503U : 200U};
    });
    const auto rows = calls | weir::event_time(&call::at, weir::out_of_order(0s)) | weir::key_by(&call::service)
                    | weir::window(weir::sliding(1min, 30s)) | weir::aggregate(weir::count(), share{"failed", failed});
    weir::run(weir::graph("calls", rows | weir::into(weir::csv_stdout())), weir::event_loop{});
}
