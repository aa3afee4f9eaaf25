# For the scripts that build with Embedded Swift: sourced after `cd` to the package, with `out` an absolute directory.

programs=$(Scripts/toolchain)/bin
# The compiler's driver leaves empty folders behind.
export TMPDIR="$out/tmp"
mkdir -p "$TMPDIR"
# Tables that comparisons of text need; the linker takes what is used.
unicode=$programs/../lib/swift/embedded/x86_64-unknown-linux-gnu/libswiftUnicodeDataTables.a

printf 'module CLinux { umbrella "%s" export * }\n' "$PWD/Sources/CLinux/include" > "$out/module.modulemap"

# What the modules so far were made of: a module is compiled anew where it, or one before it, was made of something else.
made=$(find Sources Embedded \( -name '*.h' -o -name module.modulemap \) -exec cat {} + | cat - Scripts/embedded.sh | sha256sum; "$programs/swiftc" --version 2> /dev/null)

# embedded MODULE SOURCE...: compiles a module to $out/MODULE.o. Optimizes by $optimization; $maps are more module maps.
embedded() {
  module=$1
  shift
  made=$(printf '%s' "$made $module $optimization $maps $*" | cat - "$@" | sha256sum)
  [ ! -f "$out/$module.o" ] || [ "$(cat "$out/$module.made" 2> /dev/null)" != "$made" ] || return 0
  rm -f "$out/$module.made"
  # shellcheck disable=SC2046,SC2086
  swiftc -enable-experimental-feature Embedded -wmo -parse-as-library -swift-version 6 $optimization \
    -Xfrontend -function-sections -strict-memory-safety -warnings-as-errors \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -enable-upcoming-feature MemberImportVisibility \
    -Xcc -fmodule-map-file="$out/module.modulemap" \
    $(printf -- '-Xcc -fmodule-map-file=%s ' Sources/CElf/module.modulemap $maps) \
    -Xcc -D_GNU_SOURCE -module-name "$module" -I "$out" \
    -emit-module -emit-module-path "$out/$module.swiftmodule" -c "$@" -o "$out/$module.o"
  echo "$made" > "$out/$module.made"
}

sources() {
  find "$@" -name '*.swift' | sort
}
