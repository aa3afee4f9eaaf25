# SPDX-License-Identifier: Apache-2.0

"""The time of programs that demo-loader has started, read and set while they run.

A session is named by the number of one of its processes, or by the path that --control gave. Times are written as for --time:
"@2038-01-19T03:14:00Z", "+1d", "=", "x10", "+0" for the host's. It uses libSessionInterface.so, whose path VDSO_SESSION_LIBRARY
may give, by the functions of vdso_session.h; any thread may call it.
"""

import ctypes
import os
import shutil
import subprocess
import tempfile
import time

SAME, REALTIME, ALL = 0, 1, 2


class SessionError(Exception):
    """A session that can't be reached, or refuses what is asked for: why, in one line."""


def _library():
    # Where both are installed, the library is two folders above this one's.
    folder = os.path.dirname(os.path.realpath(__file__))
    beside = os.path.join(folder, "..", "..", "libSessionInterface.so")
    usual = beside if os.path.exists(beside) else "libSessionInterface.so"
    return ctypes.CDLL(os.environ.get("VDSO_SESSION_LIBRARY", usual))


def _call(name, subject, *arguments):
    library = _library()
    reason = ctypes.create_string_buffer(500)
    if getattr(library, name)(subject, *arguments, reason, ctypes.c_size_t(len(reason))) != 0:
        raise SessionError(reason.value.decode(errors="replace"))


def date(session):
    """Returns the date that the session's programs see, in nanoseconds since 1970."""
    nanoseconds = ctypes.c_int64()
    _call("vdso_session_date", str(session).encode(), ctypes.byref(nanoseconds))
    return nanoseconds.value


def set(session, specification, clocks=SAME):
    """Sets the session's clocks: those that were set before, REALTIME's, or ALL."""
    _call("vdso_session_set", str(session).encode(), specification.encode(), ctypes.c_int(clocks))


def attach(process, specification=None, clocks=SAME):
    """Gives a running process our page, so that it sees the time of the specification; its number then names a session."""
    text = None if specification is None else specification.encode()
    _call("vdso_session_attach", ctypes.c_int32(process), text, ctypes.c_int(clocks))


def detach(process):
    """Puts a process that was attached to on the kernel's vDSO again."""
    _call("vdso_session_detach", ctypes.c_int32(process))


class Session:
    """A program in a session of its own; `program` is its subprocess.Popen. It ends when the `with` block does.

    Other arguments are passed to subprocess.Popen.
    """

    def __init__(self, command, time="+0", loader="demo-loader", **arguments):
        self._folder = tempfile.mkdtemp()
        self.control = os.path.join(self._folder, "control")
        options = ["--control", self.control, "--time", time, "--"]
        self.program = subprocess.Popen([loader, *options, *command], **arguments)
        self._wait()

    def _wait(self):
        while True:
            try:
                return self.date
            except SessionError:
                if self.program.poll() is not None:
                    shutil.rmtree(self._folder, ignore_errors=True)
                    raise
            time.sleep(0.01)

    @property
    def date(self):
        """The date that its programs see, in nanoseconds since 1970."""
        return date(self.control)

    def set(self, specification, clocks=SAME):
        """Sets its clocks."""
        set(self.control, specification, clocks)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.kill()
        self.program.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)
