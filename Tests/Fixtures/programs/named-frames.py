# SPDX-License-Identifier: Apache-2.0
# For gdb, attached to clock-spin: looks at all frames after each of 100 instructions, then writes a core file, in the middle of a
# function of the kernel's, to the file $core.

import gdb


def frames():
    frame, names = gdb.newest_frame(), []
    while frame:
        # Libraries have functions without names, too: the page is none of gdb's.
        names.append(frame.name() or (gdb.solib_name(frame.pc()) and "of a library") or "??")
        frame = frame.older()
    return names


def step():
    gdb.execute("stepi", to_string=True)
    return ".text.host" in gdb.execute("info symbol $pc", to_string=True)


in_kernel = 0
for _ in range(100):
    in_kernel += step()
    names = frames()
    if "??" in names or names[-1] != "main":
        print("unnamed:", hex(gdb.newest_frame().pc()), names)
for _ in range(400):
    if step() and step():
        break
gdb.execute("generate-core-file " + gdb.convenience_variable("core").string())
print("in the kernel's functions:", "some" if in_kernel else "none")
