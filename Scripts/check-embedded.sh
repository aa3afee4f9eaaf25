#!/bin/sh
# Compiles ELF, the auxiliary vector's half of AuxvLoader and VDSOResolver as Embedded Swift, one module on the other.
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

printf 'module CLinux { umbrella "%s" export * }\n' "$PWD/Sources/CLinux/include" > "$out/module.modulemap"

# embedded MODULE SOURCE...
embedded() {
  module=$1
  shift
  swiftc -enable-experimental-feature Embedded -wmo -parse-as-library -swift-version 6 -O \
    -strict-memory-safety -warnings-as-errors \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -enable-upcoming-feature MemberImportVisibility \
    -Xcc -fmodule-map-file="$out/module.modulemap" \
    -Xcc -fmodule-map-file="$PWD/Sources/CElf/module.modulemap" \
    -module-name "$module" -I "$out" \
    -emit-module -emit-module-path "$out/$module.swiftmodule" -c "$@" -o "$out/$module.o"
  echo "$module compiles as Embedded Swift: $(size -A "$out/$module.o" | awk '/^Total/ { print $2 }') bytes"
}

embedded ELF $(find Sources/ELF -name '*.swift')
embedded AuxvLoader $(find Sources/AuxvLoader/AuxiliaryVector -name '*.swift')
embedded VDSOResolver $(find Sources/VDSOResolver -name '*.swift')
