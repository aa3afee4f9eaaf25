#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What attaching costs: how long threads are stopped, and a call afterwards beside one in a program that was started on our page.

Usage: attach-cost.py DEMO-LOADER PROGRAM [COUNT [THREADS]], where PROGRAM is attach-cost.c, compiled with -O2 -pthread.
"""

import re
import statistics
import subprocess
import sys

LOADER, PROGRAM = sys.argv[1:3]
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 20


def start(*words):
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    return process, process.stdout.readline().strip()


def control(*words):
    result = subprocess.run([LOADER, *words], stderr=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(result.stderr)
    return float(re.search(r"stopped for ([0-9.]+) ms", result.stderr)[1])


def stop_times(threads):
    process, number = start(PROGRAM, str(threads - 1))
    times = {"attach": [], "detach": []}
    for _ in range(COUNT):
        times["attach"].append(control("attach", number, "--verbose", "--time", "+1d", "--no-follow"))
        times["detach"].append(control("detach", number, "--verbose"))
    process.kill()
    for verb, values in times.items():
        print(f"{verb}, {threads} threads: median {statistics.median(values):.2f} ms, worst {max(values):.2f} ms")


def call_costs(*options):
    programs = {"started": start(LOADER, *options, PROGRAM), "attached": start(PROGRAM), "kernel's": start(PROGRAM)}
    control("attach", programs["attached"][1], "--verbose", *options, "--no-follow")
    costs = {name: [] for name in programs}
    for _ in range(COUNT):
        for name, (process, _) in programs.items():
            process.stdin.write("\n")
            process.stdin.flush()
            costs[name].append(float(process.stdout.readline()))
    for process, _ in programs.values():
        process.kill()
    print(" ".join(options), *(f"{name} {statistics.median(values):.1f} ns" for name, values in costs.items()), sep=", ")


call_costs("--time", "+1d")
call_costs("--time", "+1d", "--clock-source", "tsc")
stop_times(int(sys.argv[4]) if len(sys.argv) > 4 else 8)
