#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All figures of the project, from one run: `./dev bench`.

These machines are noisy. CPU seconds come from /proc/PID/stat of the process that is measured, and
what depends on the machine's speed is given as a ratio to raw P-256 verifications made in the same
run. Each figure stands beside its bar ("must") and its aim ("stretch").
"""
import argparse
import contextlib
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """utime + stime, proc_pid_stat(5)."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_mib(pid: int) -> tuple[float, float]:
    """VmRSS and its anonymous part, proc_pid_status(5)."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    value = {k: int(v) for k, v in re.findall(r"^(VmRSS|RssAnon):\s+(\d+) kB", status, re.M)}
    return value["VmRSS"] / 1024, value["RssAnon"] / 1024


def protobuf_fields(message: bytes) -> dict:
    """The last value of each field; https://protobuf.dev/programming-guides/encoding/."""
    fields, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            fields[key >> 3] = varint()
        elif key & 7 == 2:
            length = varint()
            fields[key >> 3] = message[at:at + length]
            at += length
        else:
            raise ValueError(f"wire type {key & 7}")
    return fields


class Accepted:
    """Waits, without a poll, for an agent to be told that its evidence is accepted."""
    WATCH = b"\x22\x00"  # LocalRequest{watch: {}}

    def __init__(self, folder: pathlib.Path):
        self._path = folder / "agent.sock"
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._inotify = self._libc.inotify_init1(os.O_CLOEXEC)
        in_create = 0x100
        if self._libc.inotify_add_watch(self._inotify, str(folder).encode(), in_create) < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch")

    def wait(self) -> None:
        while b"agent.sock\0" not in os.read(self._inotify, 4096):
            pass
        os.close(self._inotify)
        with socket.socket(socket.AF_UNIX) as agent:
            while agent.connect_ex(str(self._path)) != 0:  # between its bind() and its listen()
                os.sched_yield()
            agent.settimeout(30)
            agent.sendall(struct.pack(">I", len(self.WATCH)) + self.WATCH)
            stream = agent.makefile("rb")
            while True:
                (length,) = struct.unpack(">I", stream.read(4))
                status = protobuf_fields(protobuf_fields(stream.read(length))[1])
                result = protobuf_fields(status.get(7, b""))
                if result.get(2) == 1:  # VERDICT_ACCEPTED
                    return


def until(what: str, check, within: float = 30.0, every: float = 0.005):
    end = time.monotonic() + within
    while time.monotonic() < end:
        answer = check()
        if answer:
            return answer
        time.sleep(every)
    raise RuntimeError(f"not seen within {within} s: {what}")


class Table:
    """What is printed, line by line, and kept for --json."""

    def __init__(self):
        self.rows = []

    def add(self, figure: str, value: float, unit: str, must: str = "", stretch: str = "") -> None:
        self.rows.append({"figure": figure, "value": value, "unit": unit, "must": must,
                          "stretch": stretch})
        text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
        print(f"{figure:<52} {text:>10} {unit:<14} {must and 'must ' + must:<16} "
              f"{stretch and 'stretch ' + stretch}", flush=True)


class Service:
    """A policy service of its own on loopback."""

    def __init__(self, binaries: pathlib.Path, folder: pathlib.Path):
        self.binaries = binaries
        self.state = folder / "service"
        self.socket = folder / "admin.sock"
        ready = folder / "ready.json"
        policies = folder / "policies.yml"
        shutil.copy(SOURCE / "policy/packs/default.yml", policies)
        self.log = open(folder / "policyd.log", "wb")
        self.process = subprocess.Popen(
            [binaries / "sallyport-policyd", "--state", self.state, "--policies", policies,
             "--trust-domain", "bench.example", "--enroll-listen", "127.0.0.1:0",
             "--attest-listen", "127.0.0.1:0", "--server-name", "127.0.0.1",
             "--admin-socket", self.socket, "--lease", "10m", "--beat-interval", "1m",
             "--full-interval", "15m", "--ready-file", ready],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.ready = json.loads(until("the policy service listens",
                                      lambda: ready.exists() and ready.read_text()))

    @property
    def enroll(self) -> str:
        return self.ready["enroll"]

    @property
    def ca(self) -> pathlib.Path:
        return self.state / "ca/ca.crt"

    def ctl(self, *argv: str) -> str:
        return subprocess.run([self.binaries / "sallyportctl", "--socket", self.socket, *argv],
                              check=True, capture_output=True, text=True).stdout

    def token(self, uses: int = 1) -> str:
        return self.ctl("token", "create", "--role", "device", "--uses", str(uses)).split()[0]

    def stop(self) -> None:
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


def bench_load(binaries: pathlib.Path, table: Table, devices: int, full: int, beats: int) -> None:
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-") as folder:
        service = Service(binaries, pathlib.Path(folder))
        try:
            done = subprocess.run(
                [binaries / "sallyport_bench_attest_load", "--enroll", service.enroll,
                 "--ca", service.ca, "--token", service.token(devices), "--pid",
                 str(service.process.pid), "--devices", str(devices), "--full", str(full),
                 "--beats", str(beats)], check=True, capture_output=True, text=True)
        finally:
            service.stop()
    found = json.loads(done.stdout)
    hot = devices <= 64
    for kind in ("full", "unchanged", "beat"):
        if not found[kind]["all_accepted"]:
            raise RuntimeError(f"{devices} devices, {kind}: not every message was accepted")
    at = f"{devices} devices: "
    table.add(at + "raw P-256 verifications", found["full"]["raw_verify_per_cpu_s"], "per CPU-s")
    table.add(at + "attestations, all rows", found["full"]["per_cpu_s"], "per CPU-s")
    table.add(at + "  share of raw verify", found["full"]["share_of_raw"] * 100, "%",
              ">= 45" if hot else ">= 27", "55" if hot else "35")
    table.add(at + "attestations, unchanged tables", found["unchanged"]["per_cpu_s"], "per CPU-s")
    table.add(at + "  share of raw verify", found["unchanged"]["share_of_raw"] * 100, "%",
              ">= 45" if hot else ">= 27", "55" if hot else "35")
    table.add(at + "beats", found["beat"]["per_cpu_s"], "per CPU-s")
    table.add(at + "  beats per full attestation",
              found["beat"]["per_cpu_s"] / found["full"]["per_cpu_s"], "times",
              ">= 8" if hot else ">= 2", "11" if hot else "3")
    table.add(at + "service RSS per device", found["rss_kib_per_device"], "KiB", "<= 140", "100")
    table.add(at + "  of it TCP, TLS and stream", found["rss_kib_per_connection"], "KiB")
    table.add(at + "service CPU per connection made", found["connect_cpu_ms"], "ms", "<= 2.3", "1.8")
    if hot:
        table.add("evidence, all rows", found["bytes"]["full"], "bytes")
        table.add("evidence, unchanged tables", found["bytes"]["unchanged"], "bytes")
        table.add("beat", found["bytes"]["beat"], "bytes", "<= 160")


class Laptop:
    """Collector and agent on loopback, as root: two plain children, so that both can be measured."""

    def __init__(self, service: Service, folder: pathlib.Path):
        self.service = service
        self.folder = folder
        self.state = folder / "agent"
        self.children = []
        token = folder / "token"
        token.write_text(service.token())
        subprocess.run([service.binaries / "sallyport", "enroll", "--service", service.enroll,
                        "--ca", service.ca, "--token-file", token, "--state", self.state],
                       check=True, capture_output=True)
        self.collector = self._start("collector", [
            "sallyport-collector", "--socket", folder / "collector.sock", "--state",
            folder / "collector", "--service-key", self.state / "service.spki"])
        until("the collector listens", (folder / "collector.sock").exists)

    def _start(self, name: str, argv: list) -> subprocess.Popen:
        with open(self.folder / f"{name}.log", "ab") as log:
            child = subprocess.Popen([self.service.binaries / argv[0], *argv[1:]],
                                     stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.children.append(child)
        return child

    def start_agent(self) -> subprocess.Popen:
        return self._start("agent", ["sallyport-agent", "--state", self.state, "--run", self.folder])

    def end(self, child: subprocess.Popen) -> None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(10)
        if child.poll() is None:
            child.kill()
            child.wait()

    def stop(self) -> None:
        for child in self.children:
            self.end(child)


def bench_laptop(binaries: pathlib.Path, table: Table, idle_seconds: float, starts: int) -> None:
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-") as name:
        folder = pathlib.Path(name)
        service = Service(binaries, folder)
        laptop = None
        try:
            laptop = Laptop(service, folder)
            walls, cpus = [], []
            for _ in range(starts):
                accepted = Accepted(folder)
                began = time.monotonic()
                agent = laptop.start_agent()
                accepted.wait()
                walls.append((time.monotonic() - began) * 1000)
                agent.kill()  # so that getrusage(2) tells what was spent up to here, to the us
                usage = os.wait4(agent.pid, 0)[2]
                agent.returncode = -signal.SIGKILL
                cpus.append((usage.ru_utime + usage.ru_stime) * 1000)
            accepted = Accepted(folder)
            agent = laptop.start_agent()
            accepted.wait()
            table.add("agent start to first accepted evidence, median",
                      statistics.median(walls), "ms wall", "<= 60", "30")
            table.add("  CPU of the agent for it", statistics.median(cpus), "ms CPU", "<= 45")

            rounds = 20
            before = cpu_seconds(laptop.collector.pid)
            for _ in range(rounds):
                subprocess.run([binaries / "sallyport", "--socket", folder / "agent.sock",
                                "check-now"], check=False, capture_output=True)
            spent = (cpu_seconds(laptop.collector.pid) - before) * 1000 / rounds
            table.add("full collection of this machine", spent, "ms CPU", "<= 20", "10")

            time.sleep(3)  # what the checks above set off has ended
            start = time.monotonic()
            before = [cpu_seconds(p) for p in (agent.pid, laptop.collector.pid)]
            time.sleep(idle_seconds)
            passed = time.monotonic() - start
            after = [cpu_seconds(p) for p in (agent.pid, laptop.collector.pid)]
            for who, pid, a, b in zip(("agent", "collector"), (agent.pid, laptop.collector.pid),
                                      before, after):
                rss, anonymous = rss_mib(pid)
                table.add(f"{who} idle: CPU", (b - a) / passed * 100, "% of a core", "<= 0.1", "0.05")
                table.add(f"{who} idle: RSS", rss, "MiB", "<= 28", "20")
                table.add(f"{who} idle: anonymous part", anonymous, "MiB", "<= 8", "4")
        finally:
            if laptop:
                laptop.stop()
            service.stop()


def google_benchmark(program: pathlib.Path) -> tuple[dict, str]:
    """By name, and what the program says beside them."""
    done = subprocess.run([program, "--benchmark_format=json", "--benchmark_min_time=0.5"],
                          check=True, capture_output=True, text=True)
    found, end = json.JSONDecoder().raw_decode(done.stdout)
    return {b["name"]: b for b in found["benchmarks"]}, done.stdout[end:].strip()


def bench_parts(binaries: pathlib.Path, table: Table) -> None:
    for part in ("attestation", "policy", "gate"):
        program = binaries / f"sallyport_bench_{part}"
        figures, words = google_benchmark(program)
        for name, found in figures.items():
            table.add(f"{part}: {name}", found["cpu_time"], found["time_unit"] + " CPU")
            for key, value in found.items():
                if key.startswith(("share", "ratio")):
                    table.add(f"  {key}", value, "")
        if words:
            print(words, flush=True)


def bench_collection(binaries: pathlib.Path, table: Table) -> None:
    """Of the pack that ships and of the tests' policies: cold is a program that knows nothing yet."""
    files = [SOURCE / "policy/packs/default.yml",
             *(SOURCE / f"tests/policies/{system}.yml" for system in ("linux", "macos", "windows"))]
    done = subprocess.run([binaries / "sallyport_bench_collection", *files], check=True,
                          capture_output=True, text=True)
    for line in done.stdout.splitlines():
        what, cold, warm, started_cold, started, results, rows, size = line.split("\t")
        shipped = what == done.stdout.split("\t", 1)[0]
        table.add(f"collecting, {what}", int(warm) / 1000, "ms CPU",
                  "<= 20" if shipped else "", "10" if shipped else "")
        table.add("  programs started", int(started), "", "<= 0" if shipped else "")
        table.add("  read for the first time", int(cold) / 1000, "ms CPU")
        table.add("  programs started then", int(started_cold), "")
        table.add(f"  {results} results of {rows} rows", int(size) / 1000, "kB")


def lint_tree(folder: pathlib.Path, configurations: int, others: int) -> None:
    """Of the configurations each tenth is weak."""
    weak = ("connections {\n  c {\n    version = 1\n    aggressive = yes\n    remote_addrs = vpn.example\n"
            "    proposals = 3des-sha1-modp1024\n    local {\n      auth = psk\n    }\n    remote {\n"
            "      auth = psk\n    }\n    children {\n      n {\n        remote_ts = 10.0.0.0/8\n      }\n"
            "    }\n  }\n}\n")
    strong = ("connections {\n  c {\n    version = 2\n    remote_addrs = vpn.example\n    vips = 0.0.0.0\n"
              "    proposals = aes256gcm16-prfsha384-ecp384\n    local {\n      certs = c.pem\n    }\n"
              "    remote {\n      id = vpn.example\n      revocation = strict\n    }\n    children {\n"
              "      n {\n        remote_ts = 0.0.0.0/0, ::/0\n        esp_proposals = aes256gcm16-ecp384\n"
              "      }\n    }\n  }\n}\n")
    for number in range(configurations):
        path = folder / f"site{number:05}/swanctl/swanctl.conf"
        path.parent.mkdir(parents=True)
        path.write_text(weak if number % 10 == 0 else strong)
    for number in range(others):
        path = folder / f"role{number // 100:03}/task{number % 100}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("- name: install\n  apt:\n    name: strongswan\n" * 20)


def bench_lint(binaries: pathlib.Path, table: Table) -> None:
    """`sallyport lint` of a tree of 10,000 files."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        lint_tree(folder / "tree", configurations=2_000, others=8_000)
        with open(folder / "report.json", "wb") as report:
            began = time.monotonic()
            child = subprocess.Popen([binaries / "sallyport", "lint", "--format", "json",
                                      folder / "tree"], stdout=report)
            _, status, usage = os.wait4(child.pid, 0)
            took = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 1:
            raise RuntimeError(f"sallyport lint: exit code {child.returncode}, not 1")
        found = len(json.loads((folder / "report.json").read_text())["findings"])
    table.add("lint: 10,000 files, 2,000 of them configurations", took, "s")
    table.add("  CPU", usage.ru_utime + usage.ru_stime, "s")
    table.add("  most memory", usage.ru_maxrss / 1024, "MiB")
    table.add(f"  of {found:,} findings", found / took, "per second")


def bench_line(binaries: pathlib.Path, table: Table, cuts: int) -> None:
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        done = subprocess.run([sys.executable, SOURCE / "tests/lab/bench_cut.py", "--bin", binaries,
                               "--cuts", str(cuts), "--json", out.name],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"bench_cut.py: {done.stderr[-2000:]}")
        found = json.load(open(out.name, encoding="utf-8"))
    for kind, figures in found.items():
        if not isinstance(figures, dict) or "p50_ms" not in figures:
            continue
        table.add(f"{kind}: change to last packet, p50 of {figures['cuts']}", figures["p50_ms"],
                  "ms", "<= 4", "2")
        table.add(f"{kind}: change to last packet, p99", figures["p99_ms"], "ms", "<= 25", "10")
        table.add(f"{kind}: times faster than a 10 min poll", 600_000 / figures["p50_ms"], "times")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the programs")
    parser.add_argument("--json", type=pathlib.Path, help="where the figures go, too")
    parser.add_argument("--only", choices=["parts", "collection", "lint", "laptop", "load", "line"], action="append")
    parser.add_argument("--crowd", type=int, default=2000, help="devices of the large load")
    parser.add_argument("--cuts", type=int, default=50, help="of each kind")
    parser.add_argument("--idle", type=float, default=20, help="seconds of the idle figures")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    binaries = options.bin.absolute()
    parts = options.only or ["parts", "collection", "lint", "laptop", "load", "line"]
    table = Table()
    if "parts" in parts:
        bench_parts(binaries, table)
    if "collection" in parts:
        bench_collection(binaries, table)
    if "lint" in parts:
        bench_lint(binaries, table)
    if "laptop" in parts:
        bench_laptop(binaries, table, options.idle, starts=7)
    if "load" in parts:
        bench_load(binaries, table, 64, full=8000, beats=40_000)
        bench_load(binaries, table, options.crowd, full=12_000, beats=40_000)
    if "line" in parts:
        bench_line(binaries, table, options.cuts)
    if options.json:
        options.json.write_text(json.dumps({"schema": "sallyport.bench/v1", "rows": table.rows},
                                           indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
