#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The main job on this machine, end to end: real posture, real signatures, a real IKEv2 tunnel.

Exits 0 only if every step was observed; leaves nothing behind, whatever happens.
"""
import argparse
import contextlib
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from netlab import nodes  # noqa: E402
from netlab.flow import Flow  # noqa: E402
from netlab.lab import Lab  # noqa: E402
from netlab.product import Product, Timing  # noqa: E402
from netlab.timeline import NotObserved, Timeline  # noqa: E402
from netlab.waiting import eventually  # noqa: E402

LEASE_SECONDS = 5.0
POLICIES = pathlib.Path(__file__).resolve().parent / "demo-policies.yml"

PREFACE = """\
Sallyport: a laptop keeps its access while its state is good, and loses it when it is not.

What this touches on this machine, until it ends:
  - five network namespaces, {prefix}-laptop, -gw, -app, -rem and -mgmt: a laptop, a VPN gateway, an
    application, a remediation host and the policy service; in them wires and two TUN devices
  - the folder {folder}: keys, logs, state; removed at the end
  - processes in those namespaces: strongSwan (twice), Sallyport's programs, clamd, two UDP flows
What it reads: this machine's real posture (packages, disks, processes of the demo's laptop, kernel).
What it leaves alone: the host's network, firewall, /etc/swanctl, /etc/clamav and services.

  laptop 198.51.100.10 ==IKEv2, ESP in UDP== 198.51.100.1 gw -+- 10.20.1.10 app
                                                              +- 10.20.2.10 rem  (remediation)
                                                              +- 10.30.0.10 mgmt (policy service)"""


class Demo:
    def __init__(self, product: Product, timeline: Timeline, stack: contextlib.ExitStack):
        self.product = product
        self.lab = product.lab
        self.line = timeline
        self._stack = stack
        self.app: Flow
        self.remediation: Flow

    def run(self) -> None:
        self.service_starts()
        self.gateway_stands_closed()
        self.laptop_enrolls()
        self.evidence_goes_out()
        self.tunnel_comes_up()
        self.edr_is_killed()
        self.edr_is_back()
        self.weak_connection_is_dropped_in()
        self.weak_connection_is_removed()
        self.service_is_killed()
        self.service_is_back()
        self.old_and_changed_evidence_is_refused()

    # --- the line is built -----------------------------------------------------------------

    def service_starts(self) -> None:
        self.line.step("The policy service starts")
        started = time.monotonic()
        self.product.start_service()
        self.line.took("policy service ready, with a CA of its own made on first start",
                       time.monotonic() - started)
        status = self.product.service_status()
        self.line.observe(not status["policy_error"],
                          f"policy set {status['policy_set']} compiled from {POLICIES.name}")

    def gateway_stands_closed(self) -> None:
        self.line.step("The VPN gateway enrolls and stands closed")
        self.gateway_credential = self.product.enroll_gateway()
        self.product.load_base_rules()
        self.line.observe(self._forward_policy() == "drop",
                          "base ruleset loaded before charon: what has no lease is dropped")

    def laptop_enrolls(self) -> None:
        self.line.step("The laptop enrolls with a one-time token")
        started = time.monotonic()
        credential = self.product.enroll_laptop()
        self.line.took("identity key made on the laptop, certified, VPN certificate issued",
                       time.monotonic() - started)
        self.line.say(f"device id {self.product.device_id}")
        self.lab.start_charons(credential, self.gateway_credential)
        self.product.start_gate()
        eventually(lambda: self.product.service_status()["connected_gates"] == 1,
                   "the gate has connected", 5)
        self.line.observe(not self.product.kernel_leases(),
                          "strongSwan runs on both sides, the gate has connected: no lease yet")

    def evidence_goes_out(self) -> None:
        self.line.step("Real evidence of this machine goes out")
        self.product.start_edr()
        started = time.monotonic()
        self.product.start_agent()
        self.product.await_tier("full", 20)
        self.line.took("agent started, machine read, evidence signed and judged: tier full",
                       time.monotonic() - started)
        self.line.quote(self._words("evidence", "show"))
        self.old_evidence = self.product.keep_evidence("old-evidence")

    def tunnel_comes_up(self) -> None:
        self.line.step("The tunnel comes up and traffic crosses")
        self.app = self._stack.enter_context(self.lab.app_flow())
        self.remediation = self._stack.enter_context(self.lab.remediation_flow())
        self.line.observe(self.app.stands_still(0.3), "before the tunnel no packet arrives")
        started = time.monotonic()
        self.lab.connect()
        first = self.app.wait_running(10, started)
        self.line.took("dialled, tunnel up, lease granted, first packet at the application",
                       first - started)
        self.line.took("dialled to first packet at the remediation host",
                       self.remediation.wait_running(5, started) - started)
        tunnel = self.lab.gateway.tunnel()
        address = tunnel["remote-vips"][0]
        self.line.observe(self.product.kernel_leases() == {address: "full"},
                          f"the kernel's own list says {address}: full, "
                          f"for {tunnel['remote-id']}")

    # --- posture turns bad -----------------------------------------------------------------

    def edr_is_killed(self) -> None:
        self.line.step("The EDR is killed (SIGKILL to clamd)")
        killed = time.monotonic()
        self.product.kill_edr()
        self._cut_is_seen("clamd killed", killed)
        self.line.observe(self.remediation.stands_still(0.3),
                          "tier none: the remediation host is out of reach as well")
        eventually(lambda: not self.lab.gateway.sas(), "the gateway ended the tunnel", 5)
        self.line.observe(not self.product.kernel_leases(),
                          "tunnel ended, nothing of it is left in the kernel's list")
        self.line.quote(self._words("explain"), paragraphs=2)

    def edr_is_back(self) -> None:
        self.line.step("The EDR is started again")
        started = time.monotonic()
        self.product.start_edr()
        answered = time.monotonic()
        self.product.await_tier("full", 20)
        self.line.took("clamd answers to tier full", max(0.0, time.monotonic() - answered))
        dialled = time.monotonic()
        self.lab.reconnect()
        self.line.took("re-dialled to first packet", self.app.wait_running(10, dialled) - dialled)
        self.line.say(f"clamd took {(answered - started) * 1000:.0f} ms to load its signatures")

    def weak_connection_is_dropped_in(self) -> None:
        self.line.step("A connection with a pre-shared key and modp1024 appears in /etc/swanctl")
        before = self.lab.gateway.tunnel()["uniqueid"]
        dropped = time.monotonic()
        self.weak_file = self.product.drop_weak_connection()
        self._cut_is_seen("file dropped in", dropped)
        self.remediation.wait_running(2)
        self.line.observe(self.app.stands_still(0.3),
                          "quarantine: the remediation host is reachable, the application is not")
        self.line.observe(self.lab.gateway.tunnel()["uniqueid"] == before, "the tunnel stands")
        self.product.await_tier("quarantine", 5)
        words = self._words("explain")
        self.line.quote(words, paragraphs=2)
        for needle, meaning in (("vpn-hardening", "which policy"), ("quick-vpn", "what was seen"),
                                ("certificates on both sides, no weak", "what is expected"),
                                ("Remove the connection", "how to mend it")):
            self.line.observe(needle in words, f"sallyport explain says {meaning}")

    def weak_connection_is_removed(self) -> None:
        self.line.step("The file is removed")
        before = self.lab.gateway.tunnel()["uniqueid"]
        removed = time.monotonic()
        self.weak_file.unlink()
        first = self.app.wait_running(10, removed)
        self.line.took("file removed to first packet at the application", first - removed)
        self.line.observe(self.lab.gateway.tunnel()["uniqueid"] == before,
                          "full again, through the same tunnel")
        self.product.await_tier("full", 5)

    # --- the service goes away -------------------------------------------------------------

    def service_is_killed(self) -> None:
        self.line.step("The policy service gets SIGKILL")
        killed = time.monotonic()
        self.lab.book.find("policyd").kill()
        last = self.app.wait_stopped(LEASE_SECONDS + 5, quiet=0.5)
        self.line.took(f"killed to last packet, by the lease of {LEASE_SECONDS:g} s alone",
                       last - killed)
        self.line.observe(last - killed <= LEASE_SECONDS + 0.1,
                          "access ended by itself, not after the lease's end")
        self.tunnel_before = self.lab.gateway.tunnel()["uniqueid"]
        self.line.observe(bool(self.tunnel_before), "the tunnel stands, without access")

    def service_is_back(self) -> None:
        self.line.step("The policy service is started again")
        started = time.monotonic()
        self.product.start_service()
        first = self.app.wait_running(30, started)
        self.line.took("service started to first packet", first - started)
        self.line.observe(self.lab.gateway.tunnel()["uniqueid"] == self.tunnel_before,
                          "access is back through the expired lease's own tunnel, no re-dial")

    # --- somebody has copied the laptop's folder -------------------------------------------

    def old_and_changed_evidence_is_refused(self) -> None:
        self.line.step("Old evidence is replayed, and a bit of other evidence is flipped")
        newest = self.product.keep_evidence("newest-evidence")
        before = self.product.counters()
        began = time.monotonic()
        for title, envelope, flip, reasons in (
                ("replayed", self.old_evidence, False,
                 ("unknown_nonce", "spent_nonce", "sequence_backwards")),
                ("changed by one bit", newest, True, ("bad_signature",))):
            answer = self.product.replay(envelope, flip)
            self.line.observe(answer["verdict"] == "VERDICT_REFUSED" and
                              answer["reason"] in reasons and answer["lease_ttl_ms"] == 0,
                              f"{title}: refused, {answer['reason']}")
        after = self.product.counters()
        counted = {name: value - before.get(name, 0) for name, value in after.items()
                   if name.startswith("evidence_refused") and value > before.get(name, 0)}
        self.line.observe(sum(counted.values()) == 2, f"both are counted: {counted}")
        self.app.wait_running(10)
        self.line.observe(self.app.longest_outage(began) < 0.1,
                          "the laptop's own access went on meanwhile")

    # --- looking ---------------------------------------------------------------------------

    def _cut_is_seen(self, what: str, since: float) -> None:
        last = self.app.wait_stopped(10)
        shut = self.app.first_lost(since)
        self.line.took(f"{what} to the first packet that no longer reached the application",
                       shut - since)
        if last > since:
            self.line.say(f"the last that did arrived {(last - since) * 1000:.1f} ms after")

    def _words(self, *argv: str) -> str:
        done = self.product.sallyport(*argv)
        if not done.stdout:
            raise NotObserved(f"sallyport {' '.join(argv)}: exit {done.returncode}, {done.stderr}")
        return done.stdout

    def _forward_policy(self) -> str:
        chains = [entry["chain"] for entry in self.lab.nft_json("list", "ruleset")
                  if "chain" in entry and entry["chain"].get("hook") == "forward"]
        return chains[0]["policy"] if chains else "accept"


def tell_why(error: BaseException, product: Product) -> None:
    print(f"\nNOT OBSERVED: {error}\n", file=sys.stderr)
    for name in ("policyd", "gate", "agent", "clamd"):
        if words := product.log_end(name):
            print(f"--- end of {name}'s log\n{words}", file=sys.stderr)
    for charon in (product.lab.gateway, product.lab.laptop):
        print(f"--- end of charon's log, {charon.node}\n{charon.log_end()}", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the programs")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    folder = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-demo-"))
    lab = Lab(folder)
    product = Product(lab, options.bin, POLICIES.read_text(),
                      Timing(lease=f"{LEASE_SECONDS:g}s", beat="1s", full="1m"))
    timeline = Timeline()
    status = 1
    print(PREFACE.format(prefix=lab.network.prefix, folder=folder))
    try:
        with contextlib.ExitStack() as stack:
            product.up()
            Demo(product, timeline, stack).run()
        status = 0
    except KeyboardInterrupt:
        status = 130
    except (NotObserved, TimeoutError, RuntimeError, OSError, KeyError, ValueError,
            subprocess.SubprocessError) as error:
        tell_why(error, product)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # taking down is not interrupted
        lab.down()
        with contextlib.suppress(FileNotFoundError):
            folder.rmdir()
    if status == 0:
        timeline.step("Everything is taken down")
        timeline.observe(not any(lab.network.exists(node) for node in nodes.NODES)
                         and not folder.exists(), "no namespace, no process and no file is left")
        timeline.summary()
        print(f"\nAll {timeline.observations} observations were made.")
    return status


if __name__ == "__main__":
    sys.exit(main())
