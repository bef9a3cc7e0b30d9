#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Posture change to last packet, on a real tunnel: p50 and p99 of a weak connection dropped into the
laptop's swanctl folder (quarantine) and of clamd killed (tunnel ended).

Prints one JSON document to --json FILE, figures for people to stdout. How it compares: Cloudflare
checks posture at least each 10 minutes, GlobalProtect HIP each 60 (their documentation's defaults).
"""
import argparse
import contextlib
import json
import math
import pathlib
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from netlab.lab import Lab  # noqa: E402
from netlab.product import Product, Timing  # noqa: E402

POLICIES = pathlib.Path(__file__).resolve().parent / "demo-policies.yml"
PEERS_SECONDS = {"Cloudflare WARP posture, 10 min": 600, "GlobalProtect HIP, 60 min": 3600}
MUST_MS = {"p50": 4.0, "p99": 25.0}
STRETCH_MS = {"p50": 2.0, "p99": 10.0}


def percentile(values: list[float], share: float) -> float:
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]


def cut_by_file(product: Product, flow) -> float:
    """One quarantine and back; milliseconds from the file's appearance to the last packet."""
    flow.wait_running(10)
    dropped = time.monotonic()
    path = product.drop_weak_connection()
    last = flow.wait_stopped(10, quiet=0.15)
    path.unlink()
    flow.wait_running(10)
    return max(0.0, last - dropped) * 1000


def cut_by_kill(product: Product, flow) -> float:
    """One end of the tunnel and back; milliseconds from the SIGKILL to the last packet."""
    flow.wait_running(10)
    killed = time.monotonic()
    product.kill_edr()
    last = flow.wait_stopped(10, quiet=0.15)
    product.start_edr()
    product.await_tier("full", 20)
    product.lab.reconnect()
    return max(0.0, last - killed) * 1000


def report(title: str, values: list[float]) -> dict:
    p50, p99 = percentile(values, 50), percentile(values, 99)
    print(f"{title}: {len(values)} cuts")
    print(f"  p50 {p50:8.2f} ms   must {MUST_MS['p50']:g}, stretch {STRETCH_MS['p50']:g}")
    print(f"  p99 {p99:8.2f} ms   must {MUST_MS['p99']:g}, stretch {STRETCH_MS['p99']:g}")
    print(f"  max {max(values):8.2f} ms   min {min(values):.2f}")
    for peer, seconds in PEERS_SECONDS.items():
        print(f"  {seconds * 1000 / p50:12,.0f} times faster than {peer}")
    return {"cuts": len(values), "p50_ms": p50, "p99_ms": p99, "max_ms": max(values),
            "min_ms": min(values), "all_ms": values}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the programs")
    parser.add_argument("--cuts", type=int, default=50, help="of each kind")
    parser.add_argument("--json", type=pathlib.Path, help="where the figures go, too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    folder = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-bench-"))
    lab = Lab(folder)
    product = Product(lab, options.bin, POLICIES.read_text(), Timing(lease="1m", beat="1s"))
    try:
        product.stand_up()
        with lab.app_flow(interval=0.0005) as flow:
            quarantine = [cut_by_file(product, flow) for _ in range(options.cuts)]
            killed = [cut_by_kill(product, flow) for _ in range(options.cuts)]
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # taking down is not interrupted
        lab.down()
        with contextlib.suppress(FileNotFoundError):
            folder.rmdir()
    figures = {
        "schema": "sallyport.bench-cut/v1",
        "weak_connection_dropped_in": report("weak connection dropped in -> last packet",
                                             quarantine),
        "edr_killed": report("EDR killed -> last packet", killed),
    }
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
