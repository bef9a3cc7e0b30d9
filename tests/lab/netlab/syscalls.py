# SPDX-License-Identifier: Apache-2.0
"""The namespace system calls that Python 3.11 does not have (os.setns and os.unshare are 3.12)."""
import contextlib
import ctypes
import os

CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def setns(path: str, kind: int) -> None:
    """Moves the calling thread into the namespace at `path`; setns(2)."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_libc.setns(descriptor, kind), f"setns {path}")
    finally:
        os.close(descriptor)


def unshare(kind: int) -> None:
    _check(_libc.unshare(kind), "unshare")


@contextlib.contextmanager
def children_in_pid_namespace(path: str):
    """What this thread starts inside the block belongs to the PID namespace at `path`.

    pid_namespaces(7): setns(2) changes where children go, never the caller itself, and the caller's
    own namespace is always a legal way back.
    """
    setns(path, CLONE_NEWPID)
    try:
        yield
    finally:
        setns("/proc/self/ns/pid", CLONE_NEWPID)


@contextlib.contextmanager
def children_in_new_pid_namespace():
    """The first process started inside the block is PID 1 of a new PID namespace."""
    unshare(CLONE_NEWPID)
    try:
        yield
    finally:
        setns("/proc/self/ns/pid", CLONE_NEWPID)
