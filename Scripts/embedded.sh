# SPDX-License-Identifier: Apache-2.0
# The scripts that build with Embedded Swift source this file after `cd` to the package. $out is an absolute directory, and $imports are the
# options by which C modules are found. $HOST is the machine that the result runs on: this one, aarch64 or riscv64.

programs=$(Scripts/toolchain)/bin
# The compiler's driver leaves empty folders behind.
export TMPDIR="$out/tmp"
mkdir -p "$TMPDIR"
flags=$(Scripts/modules flags)

machine=$(uname -m)
host=${HOST:-$machine}
triple=$host-unknown-linux-gnu
clang=$programs/clang
link_flags=
if [ "$host" != "$machine" ]; then
  # For other machines, the toolchain has only a library for bare hardware, which needs nothing of an operating system. C's headers come
  # from Debian's cross compilers.
  options="--sysroot=/usr/$host-linux-gnu"
  case $host in
  aarch64) triple=aarch64-none-none-elf ;;
  riscv64)
    triple=riscv64-none-none-eabi
    options="$options -march=rv64gc -mabi=lp64d"
    ;;
  esac
  clang="$clang --target=$host-linux-gnu $options"
  flags="$flags -target $triple -clang-target $host-unknown-linux-gnu $(printf -- '-Xcc %s ' $options)"
  # libelf's headers are the same for all machines.
  mkdir -p "$out/include"
  for header in libelf gelf elf; do
    [ ! -f /usr/include/$header.h ] || ln -sf /usr/include/$header.h "$out/include/$header.h"
  done
  flags="$flags -Xcc -idirafter$out/include"
  # The libraries' linker scripts contain absolute paths.
  link_flags=--sysroot=/
  for libraries in /usr/lib/gcc-cross/$host-linux-gnu/* "/usr/$host-linux-gnu/lib"; do
    link_flags="$link_flags -B$libraries -L$libraries"
  done
fi
# glibc's start executes CPUID dozens of times, each of which a hypervisor handles: a third of a millisecond in a virtual machine. musl's
# doesn't. So demo-loader is linked with musl, if it is there, on x86_64. Swift's modules are compiled once, with its headers, for demo-loader
# and for libraries that use glibc: Embedded/layouts.c.
launchers_libc=glibc
musl_options=
musl_flags=
musl_libraries=
if [ "$host-$machine" = x86_64-x86_64 ]; then
  # Debian's, Fedora's and Arch's directories.
  for directories in "/usr/include/x86_64-linux-musl /usr/lib/x86_64-linux-musl" "/usr/x86_64-linux-musl/include /usr/x86_64-linux-musl/lib64" \
    "/usr/lib/musl/include /usr/lib/musl/lib"; do
    [ $launchers_libc = glibc ] && [ -f "${directories#* }/Scrt1.o" ] || continue
    launchers_libc=musl
    musl_libraries=${directories#* }
    # musl has no headers of the kernel's.
    mkdir -p "$out/include"
    for header in linux asm asm-generic libelf.h gelf.h; do
      [ ! -e /usr/include/$header ] || ln -sfn /usr/include/$header "$out/include/$header"
    done
    [ ! -d /usr/include/x86_64-linux-gnu/asm ] || ln -sfn /usr/include/x86_64-linux-gnu/asm "$out/include/asm"
    musl_options="-nostdlibinc -isystem ${directories% *} -isystem $out/include"
    # Swift's compiler looks for the C library itself. musl's headers come first.
    musl_flags=$(printf -- '-Xcc %s ' -isystem "${directories% *}" -isystem "$out/include")
  done
fi
# Comparisons of text need these tables; the linker takes only those that are used.
unicode=$programs/../lib/swift/embedded/$triple/libswiftUnicodeDataTables.a

# Grows by the sources of each module that is compiled: a module is compiled again if its own sources, or those of one before it, have
# changed.
made=$(find Sources Embedded \( -name '*.h' -o -name module.modulemap \) -exec cat {} + | cat - Scripts/embedded.sh | sha256sum; "$programs/swiftc" --version 2> /dev/null)

# The objects that have been compiled and will be linked.
objects=

# embedded MODULE SOURCE...: compiles a module to $out/MODULE.o. Optimizes by $optimization. With $unwindable set, its functions can be
# unwound at each instruction, and functions that call others have frame pointers: Embedded Swift has no options for that, so the script
# adds the attributes to LLVM's intermediate code. It removes minsize, because functions with it push and pop registers without entries in
# the unwind tables.
embedded() {
  module=$1
  shift
  objects="$objects $out/$module.o"
  made=$(printf '%s' "$made $module $flags $optimization $imports ${unwindable-} $*" | cat - "$@" | sha256sum)
  [ ! -f "$out/$module.o" ] || [ "$(cat "$out/$module.made" 2> /dev/null)" != "$made" ] || return 0
  rm -f "$out/$module.made"
  # shellcheck disable=SC2086
  swiftc -enable-experimental-feature Embedded -wmo -parse-as-library $flags $optimization -package-name vdso \
    -Xfrontend -function-sections $imports -module-cache-path "$out/$launchers_libc-modules" \
    -Xcc -D_GNU_SOURCE -module-name "$module" -I "$out" \
    -emit-module -emit-module-path "$out/$module.swiftmodule" \
    $([ -z "${unwindable-}" ] && echo "-c -o $out/$module.o" || echo "-emit-ir -o $out/$module.ll") "$@"
  if [ -n "${unwindable-}" ]; then
    sed -i 's/"frame-pointer"="[a-z-]*"//; /^attributes #/{ s/ minsize / /; s/{/{ uwtable "frame-pointer"="non-leaf"/; }' "$out/$module.ll"
    # shellcheck disable=SC2086
    $clang -Wno-override-module -O2 -fPIC -ffunction-sections -Xclang -disable-llvm-passes -c "$out/$module.ll" -o "$out/$module.o"
  fi
  echo "$made" > "$out/$module.made"
}

# embedded_targets TARGET...: compiles the targets of Package.swift and all that they need.
embedded_targets() {
  Scripts/modules swift "$@" > "$out/modules"
  while read -r name sources; do
    # The package manager's plugin makes the images.
    [ "$name" != VDSOImages ] || sources="$sources $out/VDSOImages+Bytes.swift"
    # shellcheck disable=SC2086
    embedded "$name" $sources < /dev/null
  done < "$out/modules"
}

# c_sources TARGET OPTION...: compiles the C sources that the target needs to $out/SOURCE.o, and adds these objects to $c_objects.
c_sources() {
  includes=$(Scripts/modules headers "$1")
  sources=$(Scripts/modules c "$1")
  shift
  c_objects=
  for source in $sources; do
    # shellcheck disable=SC2086
    $clang "$@" $includes -c "$source" -o "$out/$(basename "$source").o"
    c_objects="$c_objects $out/$(basename "$source").o"
  done
}

# embedded_c_sources musl|glibc OPTION...: compiles the C sources that are added to Embedded Swift's for that C library.
embedded_c_sources() {
  sources="Embedded/*.c Embedded/with-$1/*.c"
  shift
  for source in $sources; do
    # shellcheck disable=SC2086
    $clang "$@" -c "$source" -o "$out/$(basename "$source").o"
    c_objects="$c_objects $out/$(basename "$source").o"
  done
}
