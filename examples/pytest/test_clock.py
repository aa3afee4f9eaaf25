# SPDX-License-Identifier: Apache-2.0
# Controls the clock of a program under test by vdso_session.py, which is in Python/. Run it by: PYTHONPATH=../../Python pytest
import os
import subprocess

from vdso_session import Session

# A program that prints its date, in seconds, for each line that it reads.
PROGRAM = ["bash", "-c", 'while read -r; do printf "%(%s)T\\n" -1; done']


def seconds(session):
    session.program.stdin.write("\n")
    session.program.stdin.flush()
    return int(session.program.stdout.readline())


def test_clock():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with Session(PROGRAM, loader=os.environ.get("DEMO_LOADER", "demo-loader"), **pipes) as session:
        host = seconds(session)
        session.set("@2038-01-19T03:14:00Z")  # jump
        assert 2147483640 <= seconds(session) < 2147483640 + 3600
        session.set("=2000-02-29T12:00:00Z")  # freeze
        assert seconds(session) == seconds(session) == 951825600
        session.set("x1000000")  # a rate
        assert seconds(session) >= 951825600
        session.set("+0")  # back
        assert host <= seconds(session) < host + 3600
