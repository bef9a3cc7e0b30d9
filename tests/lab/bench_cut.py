#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Posture change to last packet, on a real tunnel: p50 and p99 of a weak connection dropped into
the laptop's swanctl folder (quarantine) and of clamd killed (tunnel ended). The figure is the
sending of the first packet that no longer passed; the last one that did passed before.

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
    process_gone: float | None = None  # the kernel reported the killed process's end


def measure(flow: Flow, changed: float) -> Cut:
    # Longer than a busy machine keeps the receiver from saying what arrived.
    last = flow.wait_stopped(10, quiet=0.5)
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
    gone = product.kill_edr()
    cut = dataclasses.replace(measure(flow, killed), process_gone=(gone - killed) * 1000)
    product.start_edr()
    product.await_tier("full", 20)
    product.lab.reconnect()
    return cut


def report(title: str, cuts: list[Cut]) -> dict:
    """The bars are held against the later bound: by then the way was certainly shut."""
    shut = [cut.first_lost for cut in cuts]
    last = [cut.last_packet for cut in cuts]
    print(f"{title}: {len(cuts)} cuts")
    for share in (50, 99):
        print(f"  p{share} {percentile(shut, share):8.2f} ms   must {MUST_MS[f'p{share}']:g}, "
              f"stretch {STRETCH_MS[f'p{share}']:g}   (last packet that passed: "
              f"{percentile(last, share):.2f})")
    gone = [cut.process_gone for cut in cuts if cut.process_gone is not None]
    if gone:
        print(f"  of it until the kernel reported the process's end: p50 {percentile(gone, 50):.2f} "
              f"ms, p99 {percentile(gone, 99):.2f} ms")
    for peer, seconds in PEERS_SECONDS.items():
        print(f"  {seconds * 1000 / percentile(shut, 50):12,.0f} times faster than {peer}")
    figures = {"cuts": len(cuts), "p50_ms": percentile(shut, 50), "p99_ms": percentile(shut, 99),
               "max_ms": max(shut), "last_packet_p50_ms": percentile(last, 50),
               "last_packet_p99_ms": percentile(last, 99), "all_ms": shut}
    if gone:
        figures |= {"process_gone_p50_ms": percentile(gone, 50),
                    "process_gone_p99_ms": percentile(gone, 99)}
    return figures


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
        "weak_connection_dropped_in": report("weak connection dropped in -> no packet passes",
                                             quarantine),
        "edr_killed": report("EDR killed -> no packet passes", killed),
    }
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
