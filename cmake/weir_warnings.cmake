# SPDX-License-Identifier: Apache-2.0
# The warnings every target of this tree compiles with; they never reach those who link weir.
function(weir_set_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow
    $<$<BOOL:${WEIR_WERROR}>:-Werror>)
endfunction()
