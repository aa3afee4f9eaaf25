# SPDX-License-Identifier: Apache-2.0
# gdb runs this, attached to clock-spin. It inspects all frames after each instruction, until 50 of them were in the kernel's functions, and
# then writes a core file, in the middle of such a function, to the file $core.

import gdb


def frames():
    frame, names = gdb.newest_frame(), []
    while frame:
        # Libraries have functions without names too. gdb doesn't list the page as a library.
        names.append(frame.name() or (gdb.solib_name(frame.pc()) and "of a library") or "??")
        frame = frame.older()
    return names


def is_guess():
    # The kernel's i386 functions have no unwind rules. gdb guesses, and is wrong where registers are zeroed between the last pop and ret.
    frame = gdb.newest_frame()
    if gdb.lookup_type("void").pointer().sizeof != 4:
        return False
    names = [line["asm"].split()[0] for line in frame.architecture().disassemble(frame.pc(), count=3)]
    return names[0] == "xor" and "ret" in names and set(names[: names.index("ret")]) == {"xor"}


def step():
    gdb.execute("stepi", to_string=True)
    return ".text.host" in gdb.execute("info symbol $pc", to_string=True)


in_kernel = steps = 0
while in_kernel < 50 and steps < 1000:
    steps += 1
    in_kernel += step()
    names = frames()
    if names[0] == "??" or ("??" in names or names[-1] != "main") and not is_guess():
        print("unnamed:", hex(gdb.newest_frame().pc()), names)
for _ in range(400):
    if step() and step():
        break
gdb.execute("generate-core-file " + gdb.convenience_variable("core").string())
print("in the kernel's functions:", "some" if in_kernel else "none")
