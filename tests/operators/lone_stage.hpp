// SPDX-License-Identifier: Apache-2.0
// A stage by itself, without a job: records go in with their stamps, rows come out as bytes, and what it keeps can be
// asked for between any two chunks. And a check of what its changes promise, against a run that nothing interrupts.
#pragma once
#include <functional>
#include <map>
#include <set>

#include <weir/flow/node.hpp>
#include <weir/record/state_batch.hpp>
#include <weir/state/key.hpp>

#include "operators/support.hpp"

namespace operators_test {

// What a checkpoint folder knows of a stage: the newest value by shard and key.
using entries = std::map<std::pair<unsigned, std::string>, std::string>;

inline void apply_changes(entries& to, weir::state_batch& changes, bool all) {
    if (all) to.clear();
    changes.sort();
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto each = changes[i];
        REQUIRE(each.stage == 0);
        const std::pair<unsigned, std::string> place{each.shard, std::string(each.key)};
        if (each.gone) {
            to.erase(place);
        } else {
            to[place] = std::string(each.value);
        }
    }
}

// Between two records: a chunk goes in, and perhaps a mark behind it.
struct lone_step {
    std::vector<weir::stamped<reading>> records;
    std::optional<weir::mark> progress;
    std::uint64_t number = 0;
};

// The arrivals, cut into chunks; a mark says, often, where the next record begins, and at last that there is none.
[[nodiscard]] inline std::vector<lone_step> random_steps(const std::vector<weir::stamped<reading>>& all,
                                                         weir::testing::seeded& choose) {
    std::vector<lone_step> made;
    const std::uint64_t chunk = choose.one_in(3) ? 1 : 1 + choose.below(20);
    for (std::size_t next = 0; next < all.size();) {
        lone_step step;
        for (std::uint64_t i = 1 + choose.below(chunk); i > 0 && next < all.size(); --i) {
            step.records.push_back(all[next++]);
        }
        if (choose.one_in(2) && next < all.size()) step.progress = all[next].at.at.head();
        step.number = made.size();
        made.push_back(std::move(step));
    }
    made.push_back({{}, weir::mark::end()});
    return made;
}

// What a stage is made of, whatever its types.
class lone_stage {
  public:
    virtual ~lone_stage() = default;
    virtual weir::stage& run() = 0;
    virtual void take(const std::vector<weir::stamped<reading>>& records, const weir::mark* progress) = 0;

    std::multiset<std::string> rows;  // that came out of the first outlet, with their stamps

    [[nodiscard]] entries all_entries() {
        weir::state_batch batch;
        run().save_changes(batch, true);
        entries made;
        apply_changes(made, batch, true);
        return made;
    }
    [[nodiscard]] std::string image() {
        weir::binary_writer writer;
        for (unsigned shard = 0; shard < weir::shard_count; ++shard) run().save_shard(shard, writer);
        return std::string(writer.text());
    }
};

template <class Row>
class lone_stage_of final : public lone_stage {
  public:
    lone_stage_of(const weir::node& what, unsigned worker, unsigned workers) {
        weir::stage_site site;
        site.number = 1;
        site.worker = worker;
        site.workers = workers;
        run_ = what.make(site);
        run_->number = 1;
        run_->set_channel_count(1);
        for (weir::outlet_base* each : run_->outlets()) {
            each->stage = 1;
            each->wants_turn = true;
        }
        from_.wants_turn = true;
        from_.capacity = 1U << 20;
        what.attach(0, from_, *run_, 0, nullptr);
        taken_.into = this;
        static_cast<weir::outlet<Row>&>(*run_->outlets()[0]).to.push_back(&taken_);
    }
    weir::stage& run() override { return *run_; }
    void take(const std::vector<weir::stamped<reading>>& records, const weir::mark* progress) override {
        for (const auto& each : records) from_.push_stamped(each.record, each.at);
        from_.flush(progress);
        static_cast<weir::outlet<Row>&>(*run_->outlets()[0]).flush(nullptr);  // nothing is on its way between two steps
    }

  private:
    struct taking final : weir::inlet<Row> {
        void receive(weir::chunk<Row>& records, const weir::mark*) override {
            for (std::size_t i = 0; i < records.size(); ++i) {
                weir::binary_writer writer;
                records.stamps.at(i).save(writer);
                weir::save(writer, records.stamps.time(i));
                weir::save(writer, records[i]);
                into->rows.emplace(writer.text());
            }
        }
        lone_stage* into = nullptr;
    };

    weir::outlet<reading> from_;
    taking taken_;
    std::unique_ptr<weir::stage> run_;
};

// Instances of one stage, each with the shards of its worker.
class lone_workers {
  public:
    using make_one = std::function<std::unique_ptr<lone_stage>(unsigned worker, unsigned workers)>;
    using shard_of_record = std::function<unsigned(const reading&)>;

    lone_workers(const make_one& make, shard_of_record shard_of, unsigned workers) : shard_of_(std::move(shard_of)) {
        for (unsigned worker = 0; worker < workers; ++worker) all.push_back(make(worker, workers));
        newest.resize(workers);
    }
    void take(const lone_step& step) {
        const auto workers = static_cast<unsigned>(all.size());
        std::vector<std::vector<weir::stamped<reading>>> parts(workers);
        for (const auto& each : step.records) {
            parts[weir::worker_of_shard(shard_of_(each.record), workers)].push_back(each);
        }
        for (unsigned worker = 0; worker < workers; ++worker) {
            // A mark may come later, if it is not the last.
            const bool later = weir::mix_bits(step.number * 8 + worker) % 4 == 0;
            if (step.progress && (step.progress->ended() || !later)) newest[worker] = *step.progress;
            all[worker]->take(parts[worker], &newest[worker]);
        }
    }
    [[nodiscard]] std::string image() const {
        std::string made;
        for (const auto& each : all) made += each->image();
        return made;
    }
    [[nodiscard]] std::multiset<std::string> rows() const {
        std::multiset<std::string> made;
        for (const auto& each : all) made.insert(each->rows.begin(), each->rows.end());
        return made;
    }
    [[nodiscard]] weir::ledger counts() const {
        weir::ledger made;
        for (const auto& each : all) made += each->run().counts;
        return made;
    }
    // From what folders of former instances say, in the order of shards and keys, images to all.
    void load(const std::vector<entries>& folders) {
        entries merged;
        for (const entries& each : folders) {
            for (const auto& [place, value] : each) {
                if (place.second.empty()) {
                    REQUIRE(place.first == 0);
                    for (const auto& instance : all) load_one(*instance, 0, {}, value);
                } else {
                    REQUIRE(merged.emplace(place, value).second);  // a key belongs to one of them
                }
            }
        }
        const auto workers = static_cast<unsigned>(all.size());
        for (const auto& [place, value] : merged) {
            load_one(*all[weir::worker_of_shard(place.first, workers)], place.first, place.second, value);
        }
    }

    std::vector<std::unique_ptr<lone_stage>> all;
    std::vector<weir::mark> newest;  // that each has got

  private:
    static void load_one(lone_stage& to, unsigned shard, std::string_view key, std::string_view value) {
        weir::binary_reader key_reader(key);
        weir::binary_reader value_reader(value);
        to.run().load_entry(shard, key_reader, value_reader);
    }

    shard_of_record shard_of_;
};

struct changes_check {
    lone_workers::make_one make;
    lone_workers::shard_of_record shard_of;
    bool exact = true;         // an entry changes only when its key is touched: what is written is what there is
    bool images = true;  // equal state has equal images
};

// How much a run of the check has seen, so that a test can say that it tested something.
struct changes_seen {
    std::size_t saves = 0, entries_written = 0, entries_there = 0, restores = 0;
    changes_seen& operator+=(const changes_seen& other) {
        saves += other.saves, entries_written += other.entries_written;
        entries_there += other.entries_there, restores += other.restores;
        return *this;
    }
};

// Runs the steps twice: once as they are, and once writing changes at random moments into folders, one per instance,
// and going on from them, in as many instances or others. Both must give the same rows and counts, and keep the same.
[[nodiscard]] inline changes_seen check_changes(const changes_check& what, const std::vector<lone_step>& steps,
                                                weir::testing::seeded& choose) {
    changes_seen seen;
    unsigned workers = choose.one_in(2) ? 1 : 1 + static_cast<unsigned>(choose.below(4));
    bool always_as_many = true;  // then every instance has its own counts
    lone_workers plain(what.make, what.shard_of, workers);
    auto kept = std::make_unique<lone_workers>(what.make, what.shard_of, workers);
    for (const auto& each : kept->all) each->run().track_changes();
    std::multiset<std::string> rows;
    std::vector<entries> folders(workers);
    bool all = true;
    for (const lone_step& step : steps) {
        plain.take(step);
        kept->take(step);
        if (!choose.one_in(3)) continue;
        for (unsigned worker = 0; worker < workers; ++worker) {
            weir::state_batch changes;
            kept->all[worker]->run().save_changes(changes, all);
            if (!all) seen.entries_written += changes.size();
            apply_changes(folders[worker], changes, all);
            if (!all) seen.entries_there += folders[worker].size();
        }
        all = false;
        ++seen.saves;
        if (what.exact && choose.one_in(2)) {
            for (unsigned worker = 0; worker < workers; ++worker) {
                REQUIRE((folders[worker] == kept->all[worker]->all_entries()));
            }
        }
        if (!choose.one_in(3)) continue;
        rows.merge(kept->rows());
        if (choose.one_in(4)) workers = 1 + static_cast<unsigned>(choose.below(4));
        auto restored = std::make_unique<lone_workers>(what.make, what.shard_of, workers);
        const bool tracked_before = choose.one_in(2);
        if (tracked_before) {
            for (const auto& each : restored->all) each->run().track_changes();
        }
        restored->load(folders);
        const auto slowest = *std::min_element(kept->newest.begin(), kept->newest.end());
        restored->newest.assign(workers, slowest);
        if (workers == kept->all.size()) restored->newest = kept->newest;
        if (workers == kept->all.size()) {
            if (what.images) REQUIRE((restored->image() == kept->image()));
            if (what.images && always_as_many) REQUIRE((restored->image() == plain.image()));
            for (unsigned worker = 0; worker < workers; ++worker) {
                REQUIRE(restored->all[worker]->run().next_due() == kept->all[worker]->run().next_due());
                REQUIRE((restored->all[worker]->all_entries() == kept->all[worker]->all_entries()));
            }
        } else {
            folders.assign(workers, {});
            all = true;
            always_as_many = false;
        }
        if (!tracked_before) {
            for (const auto& each : restored->all) each->run().track_changes();
        }
        kept = std::move(restored);
        ++seen.restores;
    }
    rows.merge(kept->rows());
    REQUIRE((rows == plain.rows()));
    REQUIRE(kept->counts() == plain.counts());
    return seen;
}

// Of a stream whose last stage takes readings by a key.
template <class Stream, class KeyOf> [[nodiscard]] changes_check check_of(const Stream& last, const KeyOf& key_of) {
    using row = typename Stream::value_type;
    return {[last](unsigned worker, unsigned workers) -> std::unique_ptr<lone_stage> {
                return std::make_unique<lone_stage_of<row>>(*last.from(), worker, workers);
            },
            [key_of](const reading& each) { return weir::shard_of(weir::key_hash(key_of(each))); }};
}

}  // namespace operators_test
