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


def step():
    gdb.execute("stepi", to_string=True)
    return ".text.host" in gdb.execute("info symbol $pc", to_string=True)


in_kernel = steps = 0
while in_kernel < 50 and steps < 1000:
    steps += 1
    in_kernel += step()
    names = frames()
    if "??" in names or names[-1] != "main":
        print("unnamed:", hex(gdb.newest_frame().pc()), names)
for _ in range(400):
    if step() and step():
        break
gdb.execute("generate-core-file " + gdb.convenience_variable("core").string())
print("in the kernel's functions:", "some" if in_kernel else "none")
