# SPDX-License-Identifier: Apache-2.0
"""The two ends of a flow: `send ADDRESS PORT INTERVAL` and `receive ADDRESS PORT`.

A packet is the sender's CLOCK_MONOTONIC (which all namespaces share) in nanoseconds; the sender
also writes it to its stdout, sent or not. The receiver writes pairs (sent, arrived); arrived is the
kernel's own receive stamp, so that a receiver that wakes up late does not make a cut look late.
"""
import contextlib
import os
import socket
import struct
import sys
import time

SO_TIMESTAMPNS = 35  # asm-generic/socket.h; control message: struct timespec of CLOCK_REALTIME
STAMP = struct.Struct("=q")
PAIR = struct.Struct("=qq")


def send(address: str, port: int, interval: float) -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True:
        stamp = STAMP.pack(time.monotonic_ns())
        try:
            sock.sendto(stamp, (address, port))
        except OSError:
            pass  # no route while there is no tunnel
        os.write(1, stamp)
        time.sleep(interval)


def receive(address: str, port: int) -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.bind((address, port))
    os.write(1, PAIR.pack(0, 0))  # ready
    while True:
        data, control, _, _ = sock.recvmsg(64, 64)
        seconds, nanoseconds = struct.unpack("=qq", control[0][2][:16])
        age = time.time_ns() - (seconds * 1_000_000_000 + nanoseconds)
        os.write(1, PAIR.pack(STAMP.unpack(data)[0], time.monotonic_ns() - age))


if __name__ == "__main__":
    with contextlib.suppress(PermissionError):  # a clock that other work keeps waiting is no clock
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    if sys.argv[1] == "send":
        send(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    else:
        receive(sys.argv[2], int(sys.argv[3]))
