# SPDX-License-Identifier: Apache-2.0

"""Puts another image for AArch64 into a launcher, in place of the one that it was built with.

Usage: other-image.py LAUNCHER SOURCE OTHER_SOURCE RESULT
The sources are those of vdso-image-tool.
"""
import pathlib
import re
import sys


def image(source):
    text = pathlib.Path(source).read_text()
    return bytes(int(number) for number in re.search(r"aarch64Bytes[^[]*\[(.*?)\]", text, re.S).group(1).split(",") if number.strip())


launcher, source, other, result = sys.argv[1:]
code = pathlib.Path(launcher).read_bytes()
old, new = image(source), image(other)
if code.count(old) < 1 or old == new or len(old) != len(new):
    sys.exit("other-image.py: the launcher hasn't the image, or both are the same")
pathlib.Path(result).write_bytes(code.replace(old, new))
