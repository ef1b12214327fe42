# SPDX-License-Identifier: Apache-2.0
# Shared by examples/run, tests/run and benchmarks/run: installs what is missing, configures, builds, says how long it
# took. To be sourced by bash with `set -euo pipefail`; `top` and `builds` are set here.
#
#   WEIR_BUILDS=<folder>    where the build folders go (default: build/ of the tree)
#   WEIR_JOBS=<n>           parallel compilations (default: as cores and memory allow)
#   WEIR_SKIP_INSTALL=1     trust that everything needed is there

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
builds=${WEIR_BUILDS:-$top/build}
mkdir -p "$builds"
builds=$(cd "$builds" && pwd)

# What the library needs; the scripts add what they need beside it.
packages_library=(g++ cmake ninja-build ccache libboost1.81-dev libboost-json1.81-dev libboost-iostreams1.81-dev
  libfmt-dev libabsl-dev libxsimd-dev libxxhash-dev zlib1g-dev tzdata)
# What the add-ons need; without it they are left out.
packages_add_ons=(libsimdjson-dev liblz4-dev)
packages_examples=(libcli11-dev)  # and weir-state, weir-schema
packages_tests=(catch2 librapidcheck-dev zstd lz4)
packages_sanitizers=(clang-19 libclang-rt-19-dev)
packages_benchmarks=(valgrind)

# A heavy file takes about 1.5 GB to compile.
jobs_that_fit() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
  echo $((memory < 1 ? 1 : memory < cores ? memory : cores))
}
jobs=${WEIR_JOBS:-$(jobs_that_fit)}
if [[ ! -w ${HOME:-/nonexistent} ]]; then export CCACHE_DIR=${CCACHE_DIR:-$builds/ccache}; fi

say() { printf '[%2d:%02d] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# quietly <name> <command...>: output goes to a log; if the command fails, it is shown from its first error on, or its
# end if there is none.
quietly() {
  local log="$builds/logs/$1.log"
  mkdir -p "$builds/logs"
  shift
  "$@" >"$log" 2>&1 </dev/null && return
  grep -m 1 -B 2 -A 30 -E 'error: |CMake Error' "$log" >&2 || tail -n 40 "$log" >&2
  fail "Failed: $* (whole log: $log)"
}

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# install_packages <package...>: installs those that are missing; touches nothing when none is.
install_packages() {
  [[ -z ${WEIR_SKIP_INSTALL:-} ]] || return 0
  local missing=() as_root=() package
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    fail "This is no Debian: install what corresponds to '$*', then set WEIR_SKIP_INSTALL=1."
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  ((${#missing[@]} > 0)) || return 0
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || fail "Missing packages, and neither root nor sudo to install them: ${missing[*]}"
    as_root=(sudo)
    sudo -v || fail "Missing packages, and sudo was refused: ${missing[*]}"
  fi
  say "install ${missing[*]}"
  # --no-remove: Boost 1.74 and 1.81 exclude each other; what somebody installed is not ours to remove.
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  local install=("${apt[@]}" install --no-install-recommends --no-remove "${missing[@]}")
  local known=1
  for package in "${missing[@]}"; do
    [[ -n $(apt-cache show "$package" 2>/dev/null) ]] || known=0
  done
  # Lists of packages may be absent (a bare machine) or out of date (then the first try fails).
  if ((known)) && "${install[@]}" >"$builds/install.log" 2>&1 </dev/null; then return 0; fi
  quietly update "${apt[@]}" update
  quietly install "${install[@]}"
}

# configure <build folder's name> <cmake options...>
configure() {
  local name=$1
  shift
  quietly "$name-configure" cmake -S "$top" -B "$builds/$name" -G Ninja "$@"
}

# build <build folder's name> <targets...>
build() {
  local name=$1
  shift
  quietly "$name-build" cmake --build "$builds/$name" --parallel "$jobs" --target "$@"
}

# Examples and benchmarks share one optimized build.
configure_release() {
  configure "${1:-release}" -DCMAKE_BUILD_TYPE=Release -DWEIR_BUILD_TESTS=OFF -DWEIR_BUILD_EXAMPLES=ON \
    -DWEIR_BUILD_BENCHMARKS=ON "${@:2}"
}
