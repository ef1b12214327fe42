// SPDX-License-Identifier: Apache-2.0
// Lock files: any text is read, or a sentence says why not; what was read is written, and read again, the same. Two of
// them are compared, whatever they hold.
#include "fuzz.hpp"

#include <weir/runtime/schema_lock.hpp>

namespace {
using weir_fuzz::require;

bool read(std::string_view text, weir::kept_state& made) {
    try {
        made = weir::parse_schema_lock(text, "a.lock");
        return true;
    } catch (const weir::error& refused) {
        require(refused.kind() == weir::error_kind::input, "what cannot be read is an error of kind input");
        require(std::string_view(refused.what()).starts_with("'a.lock' line "), "it says where", refused.what());
        return false;
    }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all{reinterpret_cast<const char*>(data), size};
    const std::string_view text = all.substr(0, all.find('\0'));
    weir::kept_state first;
    if (!read(text, first)) return 0;
    const std::string written = weir::schema_lock(first);
    weir::kept_state again;
    require(read(written, again) && again == first, "what was read of a lock file is written the same", written);
    require(!weir::compare_kept(first, again, {}).any(), "what is the same has not changed", written);
    weir::kept_state second;
    if (text.size() == all.size() || !read(all.substr(text.size() + 1), second)) return 0;
    const weir::schema_changes found = weir::compare_kept(first, second, {});
    const weir::checkpointing options{.dropped_stages = found.to_drop, .added_sources = found.to_add};
    const weir::schema_changes allowed = weir::compare_kept(first, second, options);
    require(allowed.to_drop.empty() && allowed.to_add.empty(), "what may go has gone");
    return 0;
}
