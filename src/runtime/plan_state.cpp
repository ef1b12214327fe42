// SPDX-License-Identifier: Apache-2.0
// The state of a plan: as one image in memory, and as entries of a checkpoint.
#include <algorithm>

#include <weir/record/schema.hpp>

#include "plan_state.hpp"

namespace weir::detail {
namespace {

// Without those that take back what waited in another run.
template <class Visit> void for_each_channel(const running_stage& of, Visit&& visit) {
    for (const auto& merging : of.gates) {
        if (merging == nullptr) continue;
        for (gate_channel* channel : merging->channels()) {
            if (!channel->taken_back) visit(*channel);
        }
    }
}

}  // namespace

void plan::save_state(binary_writer& writer) const {
    for (const running_stage& each : stages_) {
        each.run->save_marks(writer);
        for_each_channel(each, [&](const gate_channel& channel) { channel.save_held(writer); });
        save(writer, std::uint64_t{each.back.size()});
        for (const taken_back& held : each.back) {
            save(writer, std::uint64_t{held.input});
            held.channel->save_held(writer);
        }
        save(writer, each.run->state().keys);
        const unsigned shards = each.run->keyed() ? shard_count : 1;
        for (unsigned shard = 0; shard < shards; ++shard) each.run->save_shard(shard, writer);
    }
    for (const auto& [node, counts] : routed_) {
        static_cast<void>(node);
        save(writer, counts->in);
        save(writer, counts->filtered);
    }
    save(writer, shared_.records_read.load());
}

void plan::load_state(binary_reader& reader) {
    for (running_stage& each : stages_) {
        each.run->load_marks(reader);
        for_each_channel(each, [&](gate_channel& channel) { channel.load_held(reader); });
        for (auto count = load<std::uint64_t>(reader); count > 0; --count) {
            load_taken_back(static_cast<std::size_t>(&each - stages_.data()),
                            static_cast<std::size_t>(load<std::uint64_t>(reader)), reader);
        }
        const auto keys = load<std::uint64_t>(reader);
        each.run->expect_keys(std::min<std::uint64_t>(keys, reader.remaining()));
        const unsigned shards = each.run->keyed() ? shard_count : 1;
        for (unsigned shard = 0; shard < shards; ++shard) each.run->load_shard(shard, reader);
    }
    for (const auto& [node, counts] : routed_) {
        static_cast<void>(node);
        load(reader, counts->in);
        load(reader, counts->filtered);
    }
    shared_.records_read = load<std::uint64_t>(reader);
    reader.expect_end();
}

std::vector<checkpoint_stage> plan::checkpoint_stages() const {
    const std::vector<std::string> known_as = identities(*what_);
    std::vector<checkpoint_stage> listed;
    std::vector<unsigned> instances(what_->nodes().size());
    for (const running_stage& each : stages_) {
        listed.push_back(
            {known_as[each.node], what_->nodes()[each.node]->kind(), each.run->schema(), instances[each.node]++});
    }
    listed.push_back({{}, std::string{run_kind}, shape(known_as), 0});
    return listed;
}

// As a tag: struct{logs:struct{a:1,b:3},stages:struct{c:struct{from:inputs<a.0,b.0>,channels:number<4>,held:types<>}}}
std::string plan::shape(const std::vector<std::string>& known_as) const {
    std::string logs;
    std::string others;
    for (std::uint32_t i = 0; i < known_as.size(); ++i) {
        const std::vector<std::size_t> running = instances_of(i);
        const auto& inputs = what_->nodes()[i]->inputs();
        if (running.empty()) continue;
        const std::string name = word_in_tag(known_as[i]);
        if (inputs.empty()) {
            logs += (logs.empty() ? "" : ",") + name + ":" + std::to_string(running.size());
            continue;
        }
        std::string from;
        for (const node_input& each : inputs) {
            from += (from.empty() ? "" : ",") + input_text(*what_, each, known_as);
        }
        const running_stage& first = stages_[running.front()];
        std::string held;
        for_each_channel(first, [&](const gate_channel& channel) {
            held += (held.empty() ? "" : ",") + channel.schema();
        });
        others += (others.empty() ? "" : ",") + name + ":struct{from:inputs<" + from + ">,channels:number<" +
                  std::to_string(first.run->channel_count()) + ">,held:types<" + held + ">}";
    }
    return "struct{logs:struct{" + logs + "},stages:struct{" + others + "}}";
}

void plan::save_changes(state_batch& to, bool all) {
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        running_stage& each = stages_[i];
        to.begin_stage(static_cast<std::uint32_t>(i));
        std::uint64_t held = 0;
        for_each_channel(each, [&](const gate_channel& channel) { held += channel.held(); });
        const auto put_held = [&](binary_writer& writer) {
            for_each_channel(each, [&](const gate_channel& channel) { channel.save_held(writer); });
        };
        // What is not there any more is gone, too.
        if (held != 0) {
            to.put_image(held_part, put_held);
        } else {
            to.erase(held_part, [](binary_writer&) {});
        }
        for (const taken_back& back : each.back) {
            const auto key = [&](binary_writer& writer) { save(writer, static_cast<std::uint32_t>(back.input)); };
            if (back.channel->held() == 0) {
                to.erase(held_part, key);
                continue;
            }
            to.put(held_part, key, [&](binary_writer& writer) {
                save(writer, back.channel->schema());
                back.channel->save_held(writer);
            });
        }
        to.put_image(plan_part, [&](binary_writer& writer) {
            each.run->save_marks(writer);
            if (auto* const source = dynamic_cast<source_stage_base*>(each.run.get())) site_of(*source)->save(writer);
        });
        each.run->save_changes(to, all);
    }
    for (std::uint32_t i = 0; i < routed_.size(); ++i) {
        const auto& [node, counts] = routed_[i];
        to.begin_stage(static_cast<std::uint32_t>(instances_of(node).front()));
        to.put(
            routed_part, [&](binary_writer& writer) { save(writer, i); },
            [&, each = counts.get()](binary_writer& writer) {
                save(writer, each->in);
                save(writer, each->filtered);
            });
    }
    to.begin_stage(static_cast<std::uint32_t>(stages_.size()));
    to.put_image(plan_part, [&](binary_writer& writer) { save(writer, shared_.records_read.load()); });
}

void plan::load_run(binary_reader& reader) {
    shared_.records_read = weir::load<std::uint64_t>(reader);
    reader.expect_end();
}

// Other exchanges than there were: then the stage has counted it.
void plan::load_routed(std::size_t stage, std::optional<std::uint32_t> exchange, binary_reader& reader) {
    if (exchange && *exchange >= routed_.size()) detail::refuse_snapshot("the checkpoint has more exchanges");
    ledger& counts = exchange ? *routed_[*exchange].second : stages_[stage].run->counts;
    counts.in += weir::load<std::uint64_t>(reader);
    counts.filtered += weir::load<std::uint64_t>(reader);
    reader.expect_end();
}

void plan::load_part(std::size_t index, binary_reader& reader) {
    running_stage& each = stages_[index];
    each.run->load_marks(reader);
    if (auto* const source = dynamic_cast<source_stage_base*>(each.run.get())) site_of(*source)->load(reader);
    reader.expect_end();
}

void plan::load_held(std::size_t index, binary_reader& reader) {
    // How far channels were is in no image of an instance at whose gate nothing waited, so none goes by it: all wait
    // until the logs say it again, and no instance is ahead of another one by what it knows.
    for_each_channel(stages_[index], [&](gate_channel& channel) {
        channel.load_held(reader);
        channel.progress = mark{};
    });
    reader.expect_end();
}

void plan::load_taken_back(std::size_t index, std::size_t input, binary_reader& reader) {
    const taken_back* const back = take_back(index, input);
    if (back == nullptr) detail::refuse_snapshot("the snapshot has records in front of a stage at which none wait");
    back->channel->load_held(reader);
}

const taken_back* plan::take_back(std::size_t index, std::size_t input) {
    running_stage& to = stages_[index];
    for (const taken_back& each : to.back) {
        if (each.input == input) return &each;
    }
    const node& description = *what_->nodes()[to.node];
    if (input >= description.inputs().size()) return nullptr;
    gate* const at = gate_for(to, description, input);
    if (at == nullptr) return nullptr;
    auto from = description.make_receiver(input, *to.run, 0, at);
    gate_channel* const channel = at->channels().back();
    channel->taken_back = true;
    channel->progress = mark::end();
    return &to.back.emplace_back(taken_back{input, std::move(from), channel});
}

}  // namespace weir::detail
