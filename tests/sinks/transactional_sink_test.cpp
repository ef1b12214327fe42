// SPDX-License-Identifier: Apache-2.0
// The two shapes of a transactional sink that flow/sink.hpp describes, written to a table in memory that outlives
// processes, keep the contract; sinks that treat an unknown outcome as a yes or a no do not.
#include <catch2/catch.hpp>

#include "sinks/file_subjects.hpp"

using namespace file_subjects;
using weir::binary_reader;
using weir::binary_writer;

namespace {

using rows = std::vector<entry>;

// A database somewhere else. What is asked of it may get lost, and so may its answer.
struct table {
    std::uint64_t number = 0;  // of the last epoch
    rows visible;
    std::map<std::uint64_t, rows> prepared;

    void add(std::uint64_t epoch, const rows& some) {
        visible.insert(visible.end(), some.begin(), some.end());
        number = epoch;
    }
};
// Something is asked of the table: an operation of the environment before and one after it, each of which may be the
// last.
template <class Action> void ask(weir::environment& where, Action&& action) {
    where.remove("/nonexistent/request");
    action();
    where.remove("/nonexistent/answer");
}

enum class mistake { none, unknown_is_no, unknown_is_yes, forgets_undecided, visible_before_decision };

struct epoch_rows {
    std::uint64_t epoch = 0;
    rows some;
    void save(binary_writer& writer) const {
        weir::save(writer, epoch);
        weir::save(writer, some);
    }
    void load(binary_reader& reader) {
        weir::load(reader, epoch);
        weir::load(reader, some);
    }
};

template <class Prepare, class Commit>
class asking_epoch final : public weir::sink_epoch {
  public:
    asking_epoch(Prepare to_prepare, Commit to_commit) : prepare_(to_prepare), commit_(to_commit) {}
    void prepare() override { prepare_(); }
    void commit() override { commit_(); }

  private:
    Prepare prepare_;
    Commit commit_;
};
template <class Prepare, class Commit> std::unique_ptr<weir::sink_epoch> epoch_of(Prepare prepare, Commit commit) {
    return std::make_unique<asking_epoch<Prepare, Commit>>(prepare, commit);
}

// Its records and the number of their epoch are written in one transaction.
class by_number {
  public:
    by_number(table& to, weir::environment& where, mistake how) : to_(to), where_(where), how_(how) {}
    void take(const entry& record, const weir::stamp_view&) { pending_.push_back(record); }
    void flush() {}
    void finish(bool) {}

    std::unique_ptr<weir::sink_epoch> end_epoch(std::uint64_t number, bool) {
        last_ = {number, std::exchange(pending_, {})};
        return epoch_of([] {}, [this, mine = last_] { write(mine); });
    }
    void recover() {
        if (how_ != mistake::unknown_is_yes) write(last_);
    }
    [[nodiscard]] static weir::delivery promise() { return weir::delivery::exactly_once; }
    void save(binary_writer& writer) const { last_.save(writer); }
    void load(binary_reader& reader) { last_.load(reader); }

  private:
    void write(const epoch_rows& mine) {
        ask(where_, [&] {
            if (how_ == mistake::unknown_is_no || mine.epoch > to_.number) to_.add(mine.epoch, mine.some);
        });
    }
    table& to_;
    weir::environment& where_;
    mistake how_;
    rows pending_;
    epoch_rows last_;
};

// Its transactions are prepared under the number of their epoch, and outlive their writers.
class prepared {
  public:
    prepared(table& to, weir::environment& where, mistake how) : to_(to), where_(where), how_(how) {}
    void take(const entry& record, const weir::stamp_view&) { pending_.push_back(record); }
    void flush() {}
    void finish(bool) {}

    std::unique_ptr<weir::sink_epoch> end_epoch(std::uint64_t number, bool) {
        number_ = number;
        return epoch_of(
            [this, number, mine = std::exchange(pending_, {})] {
                ask(where_, [&] { to_.prepared.emplace(number, mine); });
                if (how_ == mistake::visible_before_decision) commit(number);
            },
            [this, number] { commit(number); });
    }
    void recover() {
        if (number_ != 0 && how_ != mistake::unknown_is_yes) commit(number_);
        // No checkpoint knows those.
        if (how_ == mistake::forgets_undecided) return;
        ask(where_, [&] { to_.prepared.erase(to_.prepared.upper_bound(number_), to_.prepared.end()); });
    }
    [[nodiscard]] static weir::delivery promise() { return weir::delivery::exactly_once; }
    void save(binary_writer& writer) const { weir::save(writer, number_); }
    void load(binary_reader& reader) { weir::load(reader, number_); }

  private:
    void commit(std::uint64_t number) {
        ask(where_, [&] {
            const auto found = to_.prepared.find(number);
            if (found != to_.prepared.end()) {
                to_.add(number, found->second);
                to_.prepared.erase(found);
            } else if (to_.number < number) {
                throw weir::error(weir::error_kind::state, "the table knows no transaction of this number");
            }
        });
    }
    table& to_;
    weir::environment& where_;
    mistake how_;
    rows pending_;
    std::uint64_t number_ = 0;
};

template <class Writer>
class table_sink : public weir::sink_description {
  public:
    table_sink(table& to, mistake how) : to_(&to), how_(how) {}
    [[nodiscard]] std::string kind() const { return "table"; }
    template <std::same_as<entry> V> [[nodiscard]] auto open(const weir::sink_site& site) const {
        return std::make_unique<Writer>(*to_, *site.run.environment, how_);
    }

  private:
    table* to_;
    mistake how_;
};

template <class Writer> std::string broken_promise(mistake how) {
    table all;
    sink_contract::subject<entry, table_sink<Writer>> what;
    what.name = "table";
    what.sink = [&](const std::string&) { return table_sink<Writer>(all, how); };
    what.record = entry_of;
    what.seen = [&](const std::string&) { return all.visible; };
    what.visible = [](std::size_t decided, bool) { return decided; };
    what.all_or_nothing = true;
    what.begin_anew = [&] { all = {}; };
    sink_contract::tally counts;
    std::string why;
    for (std::uint64_t seed = 1; seed <= 4 && why.empty(); ++seed) {
        why = sink_contract::broken_promise(what, seed, counts);
    }
    return why;
}

}  // namespace

TEST_CASE("sinks of transactions keep the contract, whatever they do not get to know") {
    CHECK(broken_promise<by_number>(mistake::none) == "");
    CHECK(broken_promise<prepared>(mistake::none) == "");
}

TEST_CASE("the contract finds sinks that take an unknown outcome for a known one") {
    CHECK_THAT(broken_promise<by_number>(mistake::unknown_is_no), Catch::Contains("is another one"));
    CHECK_THAT(broken_promise<by_number>(mistake::unknown_is_yes), Catch::Contains("recovered: a reader sees"));
    CHECK_THAT(broken_promise<prepared>(mistake::unknown_is_yes), Catch::Contains("recovered: a reader sees"));
    CHECK_THAT(broken_promise<prepared>(mistake::visible_before_decision), Catch::Contains("too many"));
    CHECK(broken_promise<prepared>(mistake::forgets_undecided) != "");
}
