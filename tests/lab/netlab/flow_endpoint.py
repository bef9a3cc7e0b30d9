# SPDX-License-Identifier: Apache-2.0
"""The two ends of a flow: `send ADDRESS PORT INTERVAL` and `receive ADDRESS PORT`.

A packet is the sender's CLOCK_MONOTONIC (which all namespaces share) in nanoseconds. The receiver
writes pairs (sent, arrived); arrived is the kernel's own receive stamp, so that a receiver that
wakes up late does not make a cut look late.
"""
import socket
import struct
import sys
import time

SO_TIMESTAMPNS = 35  # asm-generic/socket.h; control message: struct timespec of CLOCK_REALTIME
PAIR = struct.Struct("=qq")


def send(address: str, port: int, interval: float) -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True:
        try:
            sock.sendto(struct.pack("=q", time.monotonic_ns()), (address, port))
        except OSError:
            pass  # no route while there is no tunnel
        time.sleep(interval)


def receive(address: str, port: int) -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.bind((address, port))
    out = sys.stdout.buffer
    out.write(PAIR.pack(0, 0))  # ready
    out.flush()
    while True:
        data, control, _, _ = sock.recvmsg(64, 64)
        seconds, nanoseconds = struct.unpack("=qq", control[0][2][:16])
        age = time.time_ns() - (seconds * 1_000_000_000 + nanoseconds)
        out.write(PAIR.pack(struct.unpack("=q", data)[0], time.monotonic_ns() - age))
        out.flush()


if __name__ == "__main__":
    if sys.argv[1] == "send":
        send(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    else:
        receive(sys.argv[2], int(sys.argv[3]))
