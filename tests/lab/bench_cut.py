#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Posture change to last packet, on a real tunnel: p50 and p99 of a weak connection dropped into
the laptop's swanctl folder (quarantine) and of clamd killed (tunnel ended).

Prints one JSON document to --json FILE, figures for people to stdout. How it compares: Cloudflare
checks posture at least each 10 minutes, GlobalProtect HIP each 60 (their documentation's defaults).
"""
import argparse
import contextlib
import dataclasses
import json
import math
import pathlib
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from netlab.flow import Flow  # noqa: E402
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


@dataclasses.dataclass(frozen=True)
class Cut:
    """Milliseconds after the change. The way was shut between these two."""
    last_packet: float  # arrival of the last packet that passed; 0 when it was before the change
    first_lost: float   # sending of the first that did not


def measure(flow: Flow, changed: float) -> Cut:
    last = flow.wait_stopped(10, quiet=0.15)
    return Cut(max(0.0, last - changed) * 1000, (flow.first_lost(changed) - changed) * 1000)


def cut_by_file(product: Product, flow: Flow) -> Cut:
    """One quarantine and back, by a file in the swanctl folder."""
    flow.wait_running(10)
    dropped = time.monotonic()
    path = product.drop_weak_connection()
    cut = measure(flow, dropped)
    path.unlink()
    flow.wait_running(10)
    return cut


def cut_by_kill(product: Product, flow: Flow) -> Cut:
    """One end of the tunnel and back, by SIGKILL to clamd."""
    flow.wait_running(10)
    killed = time.monotonic()
    product.kill_edr()
    cut = measure(flow, killed)
    product.start_edr()
    product.await_tier("full", 20)
    product.lab.reconnect()
    return cut


def report(title: str, cuts: list[Cut]) -> dict:
    values = [cut.last_packet for cut in cuts]
    lost = [cut.first_lost for cut in cuts]
    p50, p99 = percentile(values, 50), percentile(values, 99)
    print(f"{title}: {len(values)} cuts")
    print(f"  p50 {p50:8.2f} ms   must {MUST_MS['p50']:g}, stretch {STRETCH_MS['p50']:g}"
          f"   (first lost packet sent: {percentile(lost, 50):.2f})")
    print(f"  p99 {p99:8.2f} ms   must {MUST_MS['p99']:g}, stretch {STRETCH_MS['p99']:g}"
          f"   (first lost packet sent: {percentile(lost, 99):.2f})")
    for peer, seconds in PEERS_SECONDS.items():
        print(f"  {seconds * 1000 / percentile(lost, 50):12,.0f} times faster than {peer}")
    return {"cuts": len(values), "p50_ms": p50, "p99_ms": p99, "max_ms": max(values),
            "first_lost_p50_ms": percentile(lost, 50), "first_lost_p99_ms": percentile(lost, 99),
            "all_ms": values}


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
