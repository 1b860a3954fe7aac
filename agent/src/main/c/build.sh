#!/bin/sh
# build.sh PROGRAM: builds the native keeper, if there is a C compiler. Without one the agent uses
# the keeper that is a shell script.
set -eu
program=$1
source=$(dirname "$0")/capataz-keeper.c
for compiler in "${CC:-cc}" gcc clang; do
  if command -v "$compiler" >/dev/null 2>&1; then
    if [ -e "$program" ] && [ "$program" -nt "$source" ]; then
      exit 0
    fi
    mkdir -p "$(dirname "$program")"
    # Static, so that it starts fast and depends on nothing; dynamic where there is no static libc.
    for link in -static ""; do
      if "$compiler" -std=gnu11 -O2 -Wall -Wextra -Werror -s $link -o "$program" "$source"; then
        exit 0
      fi
    done
    exit 1
  fi
done
echo "NO C COMPILER: this build has no native keeper, agents made from it use the shell's." >&2
echo "Install gcc and libc6-dev (or what your system calls them) and build again." >&2
rm -f "$program"
