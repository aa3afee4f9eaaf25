#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs on an AArch64 machine: demo-loader's engines and the libc shim on programs below /p, each kind of link a folder of its own.
# Usage: check.sh [long]. Prints one line for each check, then "end: N failed".

failed=0
work=/tmp

# check NAME COMMAND...: the command must succeed; its output is printed if it doesn't.
check() {
  name=$1
  shift
  if "$@" > $work/output 2>&1; then
    echo "ok $name"
  else
    echo "FAILED $name (status $?)"
    tail -n 25 $work/output
    failed=$((failed + 1))
  fi
}

# Whether the time that a command prints is at most 300 seconds after the first argument: emulation is slow.
tells() {
  since=$1
  shift
  seconds=$("$@") || return 1
  for time in $seconds; do
    echo "$time"
    [ "$time" -ge "$since" ] && [ "$time" -le $((since + 300)) ] || return 1
  done
}

page() {
  demo-loader --engine "$1" --clock-source "$3" "$2/page-check" "$3" 10000000
}

# The state that a program finds at its start, line by line: only the attributes in /differing may differ. The arguments from the third on
# are the prefix that starts it, or the loader.
state() {
  export START_STATE_PID=0
  engine=$1
  program=$2
  shift 2
  (cd / && exec "$@" "$program" a "") < /dev/null > $work/direct || return 1
  (cd / && exec "$@" demo-loader --engine "$engine" --no-follow "$program" a "") < /dev/null > $work/started || return 1
  grep -v -f /differing $work/direct > $work/direct.same
  grep -v -f /differing $work/started > $work/started.same
  [ -s $work/direct.same ] && diff $work/direct.same $work/started.same
}

without_wrong() {
  "$@" > $work/lines || return 1
  cat $work/lines
  ! grep -q wrong $work/lines
}

# Every wait must last as long as requested by the program's clock, and far shorter by the machine's.
waits() {
  demo-loader --engine "$1" --strict --clock all --time x10 "$2/waits" 1000 > $work/waits || return 1
  cat $work/waits
  [ "$(wc -l < $work/waits)" -ge 20 ] &&
    awk '$2 != 0 || $3 < 999 || $4 > $3 / 4 + 30 { bad = 1 } END { exit bad }' $work/waits
}

interrupted_waits() {
  demo-loader --engine "$1" --strict --clock all --time x10 "$2/wait-signals" > $work/lines || return 1
  cat $work/lines
  grep -q '^0 failures$' $work/lines
}

repeats() {
  demo-loader --engine "$1" --deterministic "$2/inputs" > $work/first || return 1
  demo-loader --engine "$1" --deterministic "$2/inputs" > $work/second || return 1
  diff $work/first $work/second
}

# However the supervisor ends, the program runs: status 0 on our page, 1 on the kernel's.
survives() {
  "$1/supervisor-killer" 9 "$2" 1 40000 demo-loader --engine exec "$1/page-check" > $work/lines || return 1
  grep -E '^([0-9]+|killed) ' $work/lines
  [ "$(awk '$1 == 0 || $1 == 1 { sum += $2 } END { print sum + 0 }' $work/lines)" = "$2" ]
}

# All programs of a tree must be in the session.
follows() {
  seconds=$(demo-loader --engine exec --follow --time @0 sh -c 'for i in $(seq 1 '"$1"'); do /p/dynamic/seconds; done') || return 1
  [ "$(echo "$seconds" | wc -l)" = "$1" ] || return 1
  for time in $seconds; do [ "$time" -le 900 ] || return 1; done
}

# Without a descriptor for the code page's file, the program can't get our pages, and none of them may stay.
leaves_nothing() {
  # The program may have no descriptor for the time page, and needs none itself.
  demo-loader --engine exec --follow sh -c '(ulimit -n 3; exec sleep 60) & sleep 3; cat /proc/$!/maps; kill $!' > $work/lines 2>&1
  cat $work/lines
  grep -q 'vdso.$' $work/lines && ! grep -q memfd $work/lines
}

# A processor that checks branch targets must do so in a program that either engine starts, as after execve.
branch_targets() {
  /p/static/branch-targets
  direct=$?
  demo-loader --engine "$1" --no-follow /p/static/branch-targets
  started=$?
  echo "execve $direct, $1 $started"
  [ $started = $direct ]
}

# The clocks of a session with an offset, with a rate, and with a date that stands.
other_times() {
  tells "$(($(date +%s) + 86400))" demo-loader --engine "$1" --time +1d "$2/seconds" || return 1
  tells 946684800 demo-loader --engine "$1" --time '@946684800 x2' "$2/seconds" || return 1
  [ "$(demo-loader --engine "$1" --time '=@946684800' "$2/seconds")" = 946684800 ]
}

# A 32-bit program keeps the kernel's page, and a message says so; programs that it executes are in the session.
arm() {
  busybox-arm true || {
    echo "this processor or kernel has no 32-bit programs"
    return 0
  }
  demo-loader --follow busybox-arm sh -c 'exec /p/dynamic/page-check host 100000' > $work/lines 2>&1
  result=$?
  cat $work/lines
  [ $result = 0 ] && grep -q 'the session has no page for its architecture' $work/lines
}

# Go looks up the page's functions by names that AArch64's images have or lack, depending on Go's version; exec answers its system calls.
go_date() {
  demo-loader --engine "$1" $([ "$1" = load ] || echo --strict --time @0) /p/static/date-go > $work/lines || return 1
  cat $work/lines
  [ "$1" = load ] || grep -q '^1970-01-01T' $work/lines
}

without_failures() {
  "$@" > $work/lines
  cat $work/lines
  grep -q '^0 failures$' $work/lines
}

# File times agree with the date, and without the option they don't.
file_times() {
  without_failures demo-loader --file-times --time +3d /p/dynamic/file-times $work/file &&
    ! without_failures demo-loader --time +3d /p/dynamic/file-times $work/file
}

# The machine's date must be the same as before the command.
keeps_date() {
  before=$(date +%s)
  "$@" || return 1
  now=$(date +%s)
  [ "$now" -ge "$before" ] && [ "$now" -le $((before + 600)) ]
}

# If calls that set the clock aren't intercepted, the program must have no right to make them.
may_not_set_date() {
  demo-loader --engine "$1" --no-follow --time +3d busybox date -s @2000000000 > $work/lines 2>&1
  cat $work/lines
  grep -q 'not permitted' $work/lines
}

# The machine's date is set, and the session must follow it.
follows_date() {
  before=$(date +%s)
  demo-loader --clock-source "$1" sh -c 'date -s @2000000000 && sleep 1 && /p/dynamic/seconds' > $work/lines
  date -s "@$before" > /dev/null
  cat $work/lines
  seconds=$(tail -n 1 $work/lines)
  [ "$seconds" -ge 2000000000 ] && [ "$seconds" -le 2000000300 ]
}

# Programs in another time namespace than the session's, and a session inside a namespace.
namespaces() {
  [ "$(/p/static/in-namespace demo-loader --engine "$1" --clock-source "$2" /p/dynamic/namespace-clocks)" = 0 ] || return 1
  [ "$1" = load ] ||
    [ "$(demo-loader --clock-source "$2" --follow /p/static/in-namespace /p/dynamic/namespace-clocks)" = 0 ]
}

# An image that was linked for pages of 4 KiB can't reach its data here.
other_stride() {
  demo-loader-stride --engine "$1" /p/static/page-check host 1000
  result=$?
  echo "status $result"
  [ $result != 0 ]
}

wide=0
[ "$1" != long ] || wide=1
for folder in /p/*; do
  kind=${folder#/p/}
  for engine in load exec; do
    check "$kind, $engine: page" page $engine "$folder" host
    check "$kind, $engine: page with the counter" page $engine "$folder" tsc
    check "$kind, $engine: state at the start" state $engine "$folder/start-state"
    check "$kind, $engine: date" tells 0 demo-loader --engine $engine --time @0 "$folder/seconds"
    [ "$kind" = dynamic ] || [ $wide = 1 ] || continue
    check "$kind, $engine: signals, threads, children" without_wrong demo-loader --engine $engine "$folder/signal-frames"
    check "$kind, $engine: RELRO" without_wrong demo-loader --engine $engine "$folder/relro"
    check "$kind, $engine: --vdso kernel" demo-loader --engine $engine --vdso kernel "$folder/seconds"
    check "$kind, $engine: --vdso none" demo-loader --engine $engine --vdso none "$folder/seconds"
  done
done
for engine in load exec; do
  check "static, $engine: state from the first instruction" state $engine /p/static/start-state-entry
  check "static, $engine: state after other vector lengths" state $engine /p/static/start-state-entry /p/static/with-state
  check "branch targets, $engine" branch_targets $engine
  check "busybox, $engine" tells 86400 demo-loader --engine $engine --time @86400 busybox date +%s
done
check "system calls in --strict" tells 0 demo-loader --strict --time @0 /p/static/steps
check "--deterministic" repeats exec /p/dynamic
check "times of files" file_times
check "tagged addresses" without_failures demo-loader --time @1906502400 /p/static/tagged 1906502400
check "tagged addresses of files' times" without_failures demo-loader --file-times --time +3d /p/static/tagged $(($(date +%s) + 259200)) $work/file
for engine in load exec; do
  check "no right to set the date, $engine" keeps_date may_not_set_date $engine
done
check "waits" waits exec /p/dynamic
check "interrupted waits" interrupted_waits exec /p/dynamic
check "shim on the kernel's page" tells "$(date +%s)" env LD_PRELOAD=/lib/libvdsoshim.so /p/dynamic/seconds
check "shim on our page" tells 0 env LD_PRELOAD=/lib/libvdsoshim.so demo-loader --engine load --time @0 /p/dynamic/seconds
check "shim: children" env LD_PRELOAD=/lib/libvdsoshim.so /p/dynamic/children-of-shim
count=10 programs=5
[ $wide = 0 ] || count=100 programs=300
check "the supervisor's death, $count times" survives /p/static $count
check "following $programs programs" follows $programs
check "a page that can't be had" leaves_nothing
for folder in /musl/* /p/*; do
  [ $wide = 1 ] || break
  for engine in load exec; do
    check "${folder#/}, $engine: other times" other_times $engine "$folder"
    case $folder in
    /musl/*)
      check "${folder#/}, $engine: page" page $engine "$folder" host
      check "${folder#/}, $engine: page with the counter" page $engine "$folder" tsc
      ;;
    esac
  done
  check "${folder#/}: waits" waits exec "$folder"
done
if [ $wide = 1 ]; then
  check "setting the clock" keeps_date without_failures demo-loader --time +3d /p/dynamic/set-clock
  check "clocks that the kernel refuses" without_failures demo-loader --time x10 /p/dynamic/refused-clocks
  check "what is left of timers" without_failures demo-loader --time x4 /p/dynamic/timer-rest
  check "the date at the start" demo-loader --time @2030-06-01T00:00:00Z /p/dynamic/no-earlier 1906502400 all 5
  check "a session in a session" tells 172800 demo-loader --time @86400 demo-loader --time +1d /p/dynamic/seconds
  for source in host tsc tick; do
    check "the machine's date, $source" follows_date $source
    for engine in load exec; do check "time namespaces, $engine, $source" namespaces $engine $source; done
  done
fi
for engine in load exec; do
  [ ! -x /bin/demo-loader-stride ] || check "an image of another stride is noticed, $engine" other_stride $engine
done
[ ! -x /bin/busybox-arm ] || check "32-bit ARM" arm
for engine in load exec; do
  [ ! -x /p/static/date-go ] || check "Go, $engine" go_date $engine
done
echo "end: $failed failed"
