# SPDX-License-Identifier: Apache-2.0
"""sallyport-service.exe under Wine's service manager: installed, started, stopped, killed, hanging,
kept from its folder, and in a console. Wine does no recovery actions and keeps no Event Log; that
they are set, and what is written there, windows_service_test looks at."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lab"))
from netlab.waiting import eventually  # noqa: E402

BIN = pathlib.Path(sys.argv.pop(1))
WINE = str(ROOT / "cmake" / "windows" / "wine-run")
SERVICE = BIN / "sallyport-service.exe"
NAME = "SallyportTest"
STATE = "C:\\sallyport test"  # a blank, so that quoting matters
RUN = "\\\\.\\pipe\\sallyport-test"
WITHIN = 40


def wine(*argv, within=60):
    return subprocess.run([WINE, *map(str, argv)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", timeout=within, check=False)


def drive_c(path):
    assert path.startswith("C:\\"), path
    return pathlib.Path(os.environ["WINEPREFIX"]) / "drive_c" / path[3:].replace("\\", "/")


def field(name):
    """Of `sc query`: the number after the colon."""
    found = re.search(rf"{name}\s*: *(\d+)", wine("sc", "query", NAME).stdout)
    return int(found.group(1)) if found else None


def stopped():
    return field("STATE") == 1


def running():
    return field("STATE") == 4


def processes(program):
    """Process ids, of this machine, of the program that runs on the test's folder."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue  # it has ended meanwhile
        if f"{program}.exe" in words.split("\0")[0] and STATE in words:
            found.append(int(entry.name))
    return found


class ServiceTest(unittest.TestCase):
    def setUp(self):
        self.root = drive_c(STATE)
        self.log = drive_c("C:\\sallyport-test.log")
        self.clean()
        self.addCleanup(self.clean)

    def clean(self):
        wine(SERVICE, "uninstall", "--name", NAME)
        for program in ("sallyport-service", "sallyport-agent"):
            for pid in processes(program):
                os.kill(pid, signal.SIGKILL)
            eventually(lambda p=program: not processes(p), f"{program} is gone", WITHIN, 0.05)
        for folder in self.root.parent.glob(self.root.name + "*"):
            shutil.rmtree(folder)
        self.log.unlink(missing_ok=True)

    def install(self, *options, state=STATE):
        done = wine(SERVICE, "--state", state, "--run", RUN, "--log", "C:\\sallyport-test.log",
                    *options, "install", "--name", NAME)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def until(self, look, what):
        try:
            return eventually(look, what, WITHIN, 0.05)
        except TimeoutError as late:
            raise AssertionError(f"{late}\n{self.said()}") from late

    def start(self):
        done = wine("sc", "start", NAME)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def start_in_vain(self):
        wine("sc", "start", NAME)  # whose answer hangs on how soon the service gives up
        self.until(stopped, "the service gives up")

    def start_and_await(self):
        spoken = self.said().count("agent: not enrolled")
        self.start()
        self.until(running, "the service runs")
        # By then its process is the one that stays: Wine starts a program through others.
        self.until(lambda: self.said().count("agent: not enrolled") > spoken, "the agent speaks")

    def await_all_gone(self):
        self.until(lambda: not processes("sallyport-service"), "the service is gone")
        self.until(lambda: not processes("sallyport-agent"), "the agent is gone")

    # --- life ---------------------------------------------------------------------------------

    def test_starts_and_stops_five_times_and_leaves_nothing_behind(self):
        self.install()
        for cycle in range(1, 6):
            self.start_and_await()
            self.assertEqual(self.said().count("agent: not enrolled"), cycle)
            self.assertEqual(wine("sc", "stop", NAME).returncode, 0)
            self.until(stopped, "the service is stopped")
            self.assertEqual(field("WIN32_EXIT_CODE"), 0)
            self.await_all_gone()
        self.assertNotIn("killed", self.said())
        self.assertEqual(self.said().count("service info: stopped: 0"), 5)

    def test_hears_of_a_shutdown_while_it_runs(self):
        self.install()
        self.start_and_await()
        # SERVICE_ACCEPT_STOP, _SHUTDOWN, _PRESHUTDOWN. No program may send a shutdown.
        self.assertEqual(wine(BIN / "accepted_controls_windows.exe", NAME).stdout.split(),
                         [str(0x1 | 0x4 | 0x100)])

    def test_killed_service_takes_the_agent_along_and_starts_again(self):
        self.install()
        self.start_and_await()
        os.kill(processes("sallyport-service")[0], signal.SIGKILL)
        self.await_all_gone()
        # Wine goes on saying that it runs, does nothing to recover it, and yet starts it when asked.
        self.start_and_await()

    def test_killed_agent_is_started_again(self):
        self.install()
        self.start_and_await()
        (first,) = processes("sallyport-agent")
        os.kill(first, signal.SIGKILL)
        self.until(lambda: re.search(r"service warning: the agent \(process \d+\) ended",
                                     self.said()), "its end is noticed")
        self.until(lambda: self.said().count("agent: not enrolled") == 2, "another agent runs")
        self.assertNotIn(first, processes("sallyport-agent"))
        self.assertTrue(running())

    # --- the watchdog -------------------------------------------------------------------------

    def test_table_that_hangs_ends_the_process_and_is_held_back_by_the_next(self):
        self.install("--table-deadline", "1")
        self.start_and_await()
        boot = re.search(r"Id\s+REG_SZ\s+(\S+)", wine(
            "reg", "query", "HKLM\\SOFTWARE\\Sallyport\\Boot", "/v", "Id").stdout).group(1)
        # Since the machine's start; the collector itself marks nothing, it has no manifest.
        (self.root / "collector" / "collector.progress").write_text(f"a/probe\n{boot}\n0\n")
        self.await_all_gone()
        self.assertIn("service error: the collector is ended: a/probe takes too long", self.said())
        self.start_and_await()
        self.assertIn("the run before was killed while reading a/probe", self.said())
        self.assertEqual((self.root / "collector" / "collector.killed").read_text(), "1 a/probe\n")

    def test_process_that_grows_is_ended(self):
        self.install("--table-deadline", "1", "--max-memory-mib", "1")
        self.start()
        self.until(lambda: "it has grown to" in self.said(), "the watchdog speaks")
        self.await_all_gone()

    # --- bad input ----------------------------------------------------------------------------

    def test_folder_that_cannot_be_made_is_said_and_exits_with_a_code(self):
        self.install(state="Z:\\proc\\sallyport test")
        self.start_in_vain()
        self.assertIn("service error: Z:\\proc\\sallyport test: cannot be made", self.said())
        self.assertEqual(field("WIN32_EXIT_CODE"), 1066)  # ERROR_SERVICE_SPECIFIC_ERROR
        self.assertIn(field("SERVICE_EXIT_CODE"), (8, 70))
        self.assertFalse(processes("sallyport-agent"))

    def test_folder_that_somebody_made_before_is_set_aside_and_not_believed(self):
        (self.root / "agent").mkdir(parents=True)
        (self.root / "agent" / "service.spki").write_text("planted")
        self.root.chmod(0o777)
        self.install()
        self.start_and_await()
        self.assertIn("set aside as C:\\sallyport test.foreign-", self.said())
        self.assertEqual(list((self.root / "agent").iterdir()), [])
        (aside,) = self.root.parent.glob(self.root.name + ".foreign-*")
        self.assertEqual((aside / "agent" / "service.spki").read_text(), "planted")

    def test_pipe_name_that_is_taken_is_said_and_exits_with_a_code(self):
        console = self.console(STATE + ".other")
        self.install()
        self.start_in_vain()
        self.assertIn("another process has a pipe of this name", self.said())
        self.assertEqual(field("SERVICE_EXIT_CODE"), 70)
        self.assertIsNone(console.poll())

    def test_folder_that_another_service_works_in_is_left_to_it(self):
        console = self.console()
        self.install()
        self.start_in_vain()
        self.assertIn("collector.progress: Windows error 32", self.said())  # sharing violation
        self.assertEqual(field("SERVICE_EXIT_CODE"), 8)
        self.assertIsNone(console.poll())

    def test_agent_that_is_not_there_is_tried_again_and_again(self):
        self.install("--agent", "C:\\none\\sallyport-agent.exe")
        self.start()
        self.until(lambda: self.said().count("the agent does not start: C:\\none") >= 3,
                   "three tries")
        self.assertTrue(running())

    # --- installing ---------------------------------------------------------------------------

    def test_entry_holds_the_options_quoted_and_the_settings_that_wine_knows(self):
        done = self.install("--table-deadline", "20")
        entry = wine("reg", "query", f"HKLM\\SYSTEM\\CurrentControlSet\\Services\\{NAME}").stdout
        self.assertRegex(entry, r"Start\s+REG_DWORD\s+0x2\b")  # SERVICE_AUTO_START
        line = re.search(r"ImagePath\s+REG_\w+\s+(.*?)\r?\n", entry).group(1)
        self.assertTrue(line.endswith(f'sallyport-service.exe --state "{STATE}" --run {RUN} '
                                      "--log C:\\sallyport-test.log --table-deadline 20"), line)
        # What this service manager lacks is said; all of it is there on Windows.
        self.assertEqual(
            re.findall(r"knows no setting: (.*?)\r?\n", done.stderr),
            ["delayed start", "recovery after an error", "SID", "required privileges"])
        again = wine(SERVICE, "install", "--name", NAME)
        self.assertEqual(again.returncode, 70)
        self.assertIn(f"service {NAME}: there is one of this name", again.stderr)

    def test_uninstall_stops_a_service_that_runs_and_keeps_its_folders(self):
        self.install()
        self.start_and_await()
        self.assertEqual(wine(SERVICE, "uninstall", "--name", NAME).returncode, 0)
        self.await_all_gone()
        self.assertIsNone(field("STATE"))
        self.assertTrue((self.root / "collector").is_dir())
        gone = wine(SERVICE, "uninstall", "--name", NAME)
        self.assertEqual(gone.returncode, 70)
        self.assertIn(f"service {NAME}: there is none", gone.stderr)

    # --- in a console -------------------------------------------------------------------------

    def console(self, state=STATE):
        with open(self.root.parent / "sallyport-test.stderr", "w", encoding="utf-8") as err:
            console = subprocess.Popen(
                [WINE, SERVICE, "--state", state, "--run", RUN, "--console"],
                stdin=subprocess.DEVNULL, stdout=err, stderr=err)
        self.addCleanup(console.wait)
        self.addCleanup(console.kill)
        self.console_said = pathlib.Path(err.name)
        self.addCleanup(self.console_said.unlink)
        self.until(lambda: "agent: not enrolled" in self.console_said.read_text(), "it runs")
        return console

    def test_console_runs_the_same_and_says_it_there(self):
        console = self.console()
        self.assertIn("service info: running", self.console_said.read_text())
        console.kill()  # Wine gives a program without a terminal no Ctrl-C
        self.await_all_gone()

    def test_without_option_and_service_manager_it_says_what_to_do(self):
        started = time.monotonic()
        done = wine(SERVICE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("not started by the service manager; --console runs it here", done.stderr)
        self.assertLess(time.monotonic() - started, 30)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
