// SPDX-License-Identifier: Apache-2.0
#include <weir/base/result.hpp>

namespace weir {

const char* to_text(failure_kind kind) noexcept {
    switch (kind) {
        case failure_kind::late: return "the record is late: its time lies behind the watermark";
        case failure_kind::filtered: return "a filter on the way dropped the record";
        case failure_kind::unreadable: return "the record went to a dead-letter sink";
        case failure_kind::held: return "a stage on the way holds the record until something else comes";
        case failure_kind::unanswered: return "the record was taken, and no reply came of it";
        case failure_kind::deadline: return "there was no answer before the deadline";
        case failure_kind::full: return "the source's queue is full";
        case failure_kind::dropped: return "the source's queue is full, and its policy is to drop";
        case failure_kind::stopped: return "the engine has stopped, or this log is closed";
        case failure_kind::failed: return "the engine has failed";
        case failure_kind::misused: return "this call cannot be made from here";
    }
    return "";
}

}  // namespace weir
