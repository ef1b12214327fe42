// SPDX-License-Identifier: Apache-2.0
#include <weir/base/stable_hash.hpp>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace weir {

std::uint64_t hash_bytes(const void* bytes, std::size_t size) noexcept { return XXH3_64bits(bytes, size); }

}  // namespace weir
