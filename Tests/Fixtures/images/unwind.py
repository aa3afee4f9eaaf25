# SPDX-License-Identifier: Apache-2.0
# gdb runs this on the program of unwind.c. It steps through every call into the page, one instruction at a time, and looks for main in the
# backtrace at each. It fails at the first instruction from which main isn't found, and if an instruction is never reached.
#
# $ranges: the ranges of the page with code, "start-end,start-end". $emulator: the command of qemu-user that runs $page's program, if the
# program can't run by itself; $socket: the socket at which it waits.

import os
import re
import subprocess
import sys
import time

import gdb

# Instructions at which the calls can't stop. Emulators lack cntvctss_el0, and the return from signals on RISC-V belongs to another page.
# qemu executes svc together with the instruction behind it.
UNREACHED = r"mrs\s+\w+, (cntvctss_el0|s3_3_c14_c0_6)|li\s+a7,139"
FOLLOWED_UNSEEN = UNREACHED + r"|svc\b"

# How often the frames are checked at one instruction: loops of 64 rounds show nothing new.
ENOUGH = 30

visited = {}
steps = 0


def finish(status):
    gdb.execute("kill", to_string=True)
    sys.stdout.flush()
    os._exit(status)


def value(expression):
    return int(gdb.parse_and_eval(expression))


def names():
    frame = gdb.newest_frame()
    for _ in range(64):
        if frame is None:
            return
        yield "signal" if frame.type() == gdb.SIGTRAMP_FRAME else frame.name()
        frame = frame.older()


def check(pc, way):
    global steps
    steps += 1
    visited[pc - base] = visited.get(pc - base, 0) + 1
    if visited[pc - base] > ENOUGH:
        return
    chain = list(names())
    # The page's frames are innermost; then come those that lead to main.
    if [name for name in chain if name in way] != way:
        print("failed: at 0x%x the frames are %s" % (pc - base, chain))
        finish(1)


# The high word of the counter, as gdb prints it, after an instruction that reads the counter; None after another instruction.
def counter_after(code):
    word = int.from_bytes(code, "little")
    if architecture.startswith("i386"):
        return "$edx" if code.startswith((b"\x0f\x31", b"\x0f\x01\xf9")) else None  # rdtsc, rdtscp
    if architecture == "aarch64":
        return "$x%d >> 32" % (word & 31) if word & ~31 == 0xD53BE040 else None  # mrs cntvct_el0
    # rdtime; gdb takes x8, the frame pointer, for an address
    return "(unsigned long)$x%d >> 32" % (word >> 7 & 31) if word & ~(31 << 7) == 0xC0102073 else None


# Moves every clock's window to the counter value that has just been read: without this, the window passes while gdb works.
def move_windows(counter):
    high = (value(counter) & 0xFFFFFFFF).to_bytes(4, "little")
    for copy in range(2):
        for clock in range(12):
            # vdso_clock_t.base, its high word
            inferior.write_memory(time_page + 64 + 2048 * copy + 64 * clock + 12, high)


# Steps from a breakpoint's function into the page, through it, and back to where it was called.
def step_through():
    way = ["call_one", "main"] if gdb.newest_frame().name() == "call_one" else ["signal", "main"]
    entered = False
    for _ in range(20000):
        counter = counter_after(inferior.read_memory(gdb.newest_frame().pc(), 4).tobytes())
        gdb.execute("stepi", to_string=True)
        if counter and value("window_follows"):
            move_windows(counter)
        frame = gdb.newest_frame()
        pc = frame.pc()
        if base <= pc < base + 4096:
            entered = True
            check(pc, way)
            if value("page_changes") and steps % 3 == 0:
                gdb.execute("set var *(int*)%d += 2" % (time_page + 8))
        elif entered and (way[0] == "signal" or frame.name() == "call_one"):
            return
    print("failed: the call does not return")
    finish(1)


# The instructions of the page, without the padding of gaps.
def instructions(ranges):
    unit = {"aarch64": 4, "riscv:rv64": 2}.get(architecture, 1)
    page = gdb.selected_inferior().read_memory(base, 4096).tobytes()
    fields = {value("fields[%d][0]" % i): value("fields[%d][1]" % i) for i in range(2)}
    for start, end in ranges:
        pc = start
        while pc < end:
            if pc in fields:
                pc += fields[pc]
                continue
            instruction = gdb.newest_frame().architecture().disassemble(base + pc)[0]
            if page[pc : pc + unit] == bytes(unit):
                pc += unit
                continue
            if not re.match(r"nop|data16|cs nop|xchg +%ax,%ax", instruction["asm"]):
                yield pc, instruction["asm"]
            pc += instruction["length"]


def run():
    while gdb.newest_frame().name() != "finished":
        step_through()
        gdb.execute("continue", to_string=True)
    ranges = [tuple(int(n) for n in part.split("-")) for part in gdb.convenience_variable("ranges").string().split(",")]
    known = sorted(instructions(ranges))
    texts = [""] + [text for _, text in known]
    missed = [
        (pc, text)
        for (pc, text), previous in zip(known, texts)
        if pc not in visited and not re.match(UNREACHED, text) and not re.match(FOLLOWED_UNSEEN, previous)
    ]
    print("%d steps, %d of %d instructions" % (steps, len(known) - len(missed), len(known)))
    for pc, text in missed:
        print("missed: 0x%x %s" % (pc, text))
    finish(1 if missed or not known else 0)


def start():
    emulator = gdb.convenience_variable("emulator")
    if emulator is None:
        gdb.execute("run", to_string=True)
        return
    path = gdb.convenience_variable("socket").string()
    program = gdb.current_progspace().filename
    page = gdb.convenience_variable("page").string()
    # The emulator waits until a debugger connects. It must end with gdb, also if gdb is killed.
    command = ["setpriv", "--pdeathsig", "KILL"] + emulator.string().split() + ["-g", path, program, page]
    emulated = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while True:
        try:
            gdb.execute("target remote " + path, to_string=True)
            break
        except gdb.error:  # The socket isn't there yet, or nobody listens yet.
            if emulated.poll() is not None:
                raise
            time.sleep(0.01)
    gdb.execute("continue", to_string=True)


for command in ["set pagination off", "set confirm off", "handle SIGUSR1 SIGUSR2 nostop noprint pass"]:
    gdb.execute(command, to_string=True)
gdb.execute("break call_one", to_string=True)
gdb.execute("break finished", to_string=True)
if gdb.lookup_static_symbol("handle"):
    gdb.execute("break handle", to_string=True)
try:
    start()
    architecture = gdb.newest_frame().architecture().name()
    inferior = gdb.selected_inferior()
    base = value("(unsigned long)code_page")
    time_page = value("(unsigned long)time_page")
    # gdb itself does the same with the address in AT_SYSINFO_EHDR.
    gdb.execute("add-symbol-file-from-memory 0x%x" % base, to_string=True)
    run()
except gdb.error as error:
    print("failed: %s" % error)
    finish(1)
