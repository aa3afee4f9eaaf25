# SPDX-License-Identifier: Apache-2.0

# Answers each line of input by the seconds of time.time, and how often time.monotonic_ns went back in a thread that reads it without a
# pause.
import sys
import threading
import time

steps_back = []


def watch():
    last = time.monotonic_ns()
    while True:
        now = time.monotonic_ns()
        if now < last:
            steps_back.append(now)
        last = now


threading.Thread(target=watch, daemon=True).start()
for _ in sys.stdin:
    print(int(time.time()), len(steps_back), flush=True)
