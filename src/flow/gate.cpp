// SPDX-License-Identifier: Apache-2.0
#include <weir/flow/gate.hpp>

#include <compare>

namespace weir {
namespace {

// Of two next records with one head.
bool goes_before(const gate_channel& one, const gate_channel& other, std::uint32_t stage) {
    return one.next_turn_at(stage) < other.next_turn_at(stage);
}

}  // namespace

turn gate_channel::next_turn_at(std::uint32_t stage) const {
    turn next = next_turn();
    next.tail.push_back(tail_word::input_of(stage, static_cast<std::uint32_t>(input)));
    return next;
}

std::uint64_t gate::held() const {
    std::uint64_t count = 0;
    for (const gate_channel* channel : channels_) {
        if (!channel->copies) count += channel->held();
    }
    return count;
}

void gate::pump() {
    if (pumping_) return;  // a diamond: what comes while a record is handed on waits its turn
    pumping_ = true;
    for (;;) {
        if (room_ != nullptr) {
            set_stopped(!room_->left());
            if (stopped_) {
                pumping_ = false;
                return;
            }
        }
        // The channel whose next record has the smallest turn, and how far that channel may run before another one.
        // Turns begin with their heads, which seldom are the same.
        gate_channel* first = nullptr;
        mark first_head;
        bool second_known = false;
        mark second_head;
        mark lowest_mark = mark::end();
        for (gate_channel* channel : channels_) {
            if (!channel->has_record()) {
                lowest_mark = std::min(lowest_mark, channel->progress);
                continue;
            }
            const mark head = channel->head();
            const bool tied = first != nullptr && head == first_head;
            if (first == nullptr || head < first_head || (tied && goes_before(*channel, *first, behind_.number))) {
                if (first != nullptr) {
                    second_head = first_head;
                    second_known = true;
                }
                first = channel;
                first_head = head;
            } else if (!second_known || head < second_head) {
                second_head = head;
                second_known = true;
            }
        }
        const bool waits = !(first_head < lowest_mark) && !planted(planted_bug::no_merge_by_turn);
        if (first == nullptr || waits) {
            // A held record bounds what may still be handed on, but no mark above it has been promised either.
            const mark progress = first == nullptr ? lowest_mark : std::min(lowest_mark, first_head);
            pumping_ = false;
            if (progress > sent_) {
                sent_ = progress;
                behind_.mark_channel(channel_, progress);
            }
            return;
        }
        first->deliver_below(second_known ? std::min(second_head, lowest_mark) : lowest_mark);
    }
}

}  // namespace weir
