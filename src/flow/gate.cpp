// SPDX-License-Identifier: Apache-2.0
#include <weir/flow/gate.hpp>

#include <compare>

namespace weir {

std::uint64_t gate::held() const {
    std::uint64_t count = 0;
    for (const gate_channel* channel : channels_) count += channel->held();
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
        gate_channel* first = nullptr;
        turn first_turn;
        bool second_known = false;
        turn second_turn;
        mark lowest_mark = mark::end();
        for (gate_channel* channel : channels_) {
            if (!channel->has_record()) {
                lowest_mark = std::min(lowest_mark, channel->progress);
                continue;
            }
            turn next = channel->next_turn();
            const auto order = first == nullptr ? std::strong_ordering::less : next <=> first_turn;
            // A stream that is joined with itself has each record on both inputs: the first input's goes first.
            if (order < 0 || (order == 0 && channel->input < first->input)) {
                if (first != nullptr) {
                    second_turn = std::move(first_turn);
                    second_known = true;
                }
                first = channel;
                first_turn = std::move(next);
            } else if (!second_known || next < second_turn) {
                second_turn = std::move(next);
                second_known = true;
            }
        }
        const bool waits = !first_turn.passed_by(lowest_mark) && !planted(planted_bug::no_merge_by_turn);
        if (first == nullptr || waits) {
            // A held record bounds what may still be handed on, but no mark above it has been promised either.
            const mark progress = first == nullptr ? lowest_mark : std::min(lowest_mark, first_turn.head());
            pumping_ = false;
            if (progress > sent_) {
                sent_ = progress;
                behind_.mark_channel(channel_, progress);
            }
            return;
        }
        if (second_known && second_turn.passed_by(lowest_mark)) {
            first->deliver_below(second_turn);
        } else {
            first->deliver_below(lowest_mark);
        }
    }
}

}  // namespace weir
