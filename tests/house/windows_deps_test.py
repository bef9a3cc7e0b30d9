#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds where the libraries of the Windows build come from: which tarball ./dev accepts, and what the
recipe does with an archive that lacks a pinned source. The archive is a folder and a stand-in for
apt."""
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

ROOT = os.path.abspath(sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else ".")
RECIPE = os.path.join(ROOT, "cmake", "windows")


def sha256(path):
    with open(path, "rb") as handle:
        return hashlib.sha256(handle.read()).hexdigest()


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(text)
    os.chmod(path, mode)


def read(path):
    with open(path, encoding="utf-8") as handle:
        return handle.read()


class Folder(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.top)

    def at(self, *names):
        return os.path.join(self.top, *names)


class AcceptedTarball(Folder):
    """A checkout that pins one of two tarballs."""

    def setUp(self):
        super().setUp()
        shutil.copy(os.path.join(ROOT, "dev"), self.at("dev"))
        self.pinned, self.own = self.tarball("pinned"), self.tarball("own")
        write(self.at("cmake/windows/mingw-prefix.sha256"), sha256(self.pinned) + "\n")

    def tarball(self, content):
        write(self.at("content", "lib", "libx.a"), content)
        os.utime(self.at("content", "lib", "libx.a"), (0, 0))
        path = self.at(content + ".tar.xz")
        with tarfile.open(path, "w:xz") as tar:
            tar.add(self.at("content"), "prefix")
        return path

    def need_prefix(self, tarball, accepted=""):
        env = dict(os.environ, SALLYPORT_MINGW_PREFIX_TARBALL=tarball, SALLYPORT_MINGW_PREFIX_SHA256=accepted)
        return subprocess.run(["bash", "-c", 'source "$0" help >/dev/null; need_windows_prefix', self.at("dev")],
                              env=env, capture_output=True, text=True, check=False)

    def unpacked(self):
        return read(self.at("build/mingw-prefix/lib/libx.a"))

    def test_the_pinned_tarball_is_accepted_by_itself(self):
        self.assertEqual(self.need_prefix(self.pinned).returncode, 0)
        self.assertEqual(self.unpacked(), "pinned")

    def test_another_tarball_is_refused_with_both_digests(self):
        done = self.need_prefix(self.own)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.own} has the sha256 {sha256(self.own)}, but cmake/windows/mingw-prefix.sha256 "
                      f"accepts {sha256(self.pinned)} alone", done.stderr)
        self.assertFalse(os.path.exists(self.at("build/mingw-prefix/lib")))

    def test_the_environment_accepts_a_tarball_of_ones_own_and_no_other(self):
        self.assertEqual(self.need_prefix(self.own, sha256(self.own)).returncode, 0)
        self.assertEqual(self.unpacked(), "own")
        done = self.need_prefix(self.own, sha256(self.pinned))
        self.assertEqual(done.returncode, 1)
        self.assertIn("SALLYPORT_MINGW_PREFIX_SHA256 accepts", done.stderr)

    def test_back_to_the_pinned_tarball_its_libraries_are_unpacked_again(self):
        self.need_prefix(self.own, sha256(self.own))
        self.assertEqual(self.need_prefix(self.pinned).returncode, 0)
        self.assertEqual(self.unpacked(), "pinned")

    def test_what_was_compiled_against_other_libraries_is_older_than_these(self):
        before = time.time() - 1
        self.need_prefix(self.pinned)
        self.assertGreater(os.stat(self.at("build/mingw-prefix/lib/libx.a")).st_mtime, before)

    def test_a_missing_tarball_is_said_with_the_ways_out(self):
        done = self.need_prefix(self.at("nowhere.tar.xz"))
        self.assertEqual(done.returncode, 1)
        for part in [self.at("nowhere.tar.xz"), "windows-deps", "SALLYPORT_SKIP_WINDOWS=1"]:
            self.assertIn(part, done.stderr)

    def test_headers_that_a_prefix_lacks_are_laid_into_it(self):
        self.need_prefix(self.pinned)
        os.remove(self.at("build/mingw-prefix/headers/fmt/format.h"))
        shutil.rmtree(self.at("build/mingw-prefix/headers/CLI"))
        self.assertEqual(self.need_prefix(self.pinned).returncode, 0)
        for header in ["CLI/CLI.hpp", "spdlog/spdlog.h", "fmt/format.h", "tl/expected.hpp", "nlohmann/json.hpp"]:
            self.assertTrue(os.path.exists(self.at("build/mingw-prefix/headers", header)), header)


APT_GET = """#!/bin/sh
case " $* " in
*" indextargets "*) echo "http://debian.example/debian/ bookworm main" ;;
*" update "*) ;;
*" source "*)
    echo "asked for $*" >>"$ARCHIVE/asked"
    cp "$ARCHIVE"/pool/* . 2>/dev/null || true
    echo "E: Failed to fetch some archives." >&2
    exit 100 ;;
esac
"""


class Sources(Folder):
    """The recipe's first step, with one pinned source: demo 1:2.0-3."""

    def setUp(self):
        super().setUp()
        shutil.copytree(RECIPE, self.at("recipe"))
        write(self.at("bin/apt-get"), APT_GET, 0o755)
        write(self.at("bin/apt-cache"), "#!/bin/sh\necho 'Version: 1:2.0-4'\n", 0o755)
        write(self.at("bin/dpkg-query"), "#!/bin/sh\necho 'compiler 12'\n", 0o755)
        write(self.at("release/demo_2.0.orig.tar.gz"), "the release")
        write(self.at("release/demo_2.0-3.debian.tar.xz"), "Debian's part")
        files = [self.at("release", name) for name in sorted(os.listdir(self.at("release")))]
        write(self.at("release/demo_2.0-3.dsc"), "Source: demo\nChecksums-Sha256:\n" + "".join(
            f" {sha256(f)} {os.path.getsize(f)} {os.path.basename(f)}\n" for f in files) + "Files:\n")
        os.mkdir(self.at("pool"))
        self.pin()

    def pin(self, tarball=""):
        digest = sha256(self.at("release/demo_2.0-3.dsc"))
        write(self.at("recipe/sources"), f"# comment\ndemo 1:2.0-3 {digest} {tarball}\n")

    def serve(self, *names):
        for name in names:
            shutil.copy(self.at("release", name), self.at("pool", name))

    def fetch(self):
        env = dict(os.environ, PATH=self.at("bin") + ":/usr/sbin:/usr/bin:/sbin:/bin", ARCHIVE=self.top)
        return subprocess.run([self.at("recipe/build-libraries"), "sources", self.at("work")],
                              env=env, capture_output=True, text=True, check=False)

    def test_a_source_with_all_its_files_is_accepted(self):
        self.serve("demo_2.0-3.dsc", "demo_2.0.orig.tar.gz", "demo_2.0-3.debian.tar.xz")
        self.assertEqual(self.fetch().returncode, 0)
        self.assertIn("demo=1:2.0-3", read(self.at("asked")))

    def test_a_superseded_source_is_named_with_its_version_and_what_there_is(self):
        done = self.fetch()
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not serve the source of demo 1:2.0-3", done.stderr)
        self.assertIn("It lists: 1:2.0-4", done.stderr)

    def test_a_file_of_other_content_is_not_accepted(self):
        self.serve("demo_2.0-3.dsc", "demo_2.0.orig.tar.gz")
        write(self.at("pool/demo_2.0-3.debian.tar.xz"), "another part")
        self.assertEqual(self.fetch().returncode, 1)

    def test_a_dsc_of_other_content_is_not_accepted(self):
        self.serve("demo_2.0.orig.tar.gz", "demo_2.0-3.debian.tar.xz")
        write(self.at("pool/demo_2.0-3.dsc"), read(self.at("release/demo_2.0-3.dsc")) + "Binary: other\n")
        self.assertEqual(self.fetch().returncode, 1)

    def test_without_debians_part_the_release_alone_serves_only_where_it_is_pinned(self):
        self.serve("demo_2.0.orig.tar.gz")
        self.assertEqual(self.fetch().returncode, 1)
        self.pin("demo_2.0.orig.tar.gz " + sha256(self.at("release/demo_2.0.orig.tar.gz")))
        done = self.fetch()
        self.assertEqual(done.returncode, 0)
        self.assertIn("demo 1:2.0-3: the archive does not serve Debian's part", done.stdout)
        self.pin("demo_2.0.orig.tar.gz " + "0" * 64)
        self.assertEqual(self.fetch().returncode, 1)

    def test_files_laid_there_by_hand_need_no_archive(self):
        shutil.copytree(self.at("release"), self.at("work/sources"))
        self.assertEqual(self.fetch().returncode, 0)
        self.assertFalse(os.path.exists(self.at("asked")))

    def test_a_finished_step_is_skipped_until_the_recipe_says_something_else(self):
        self.serve("demo_2.0-3.dsc", "demo_2.0.orig.tar.gz", "demo_2.0-3.debian.tar.xz")
        self.fetch()
        write(self.at("work/prefix/lib/libx.a"), "built")
        with open(self.at("recipe/sources"), "a", encoding="utf-8") as handle:
            handle.write("# one more comment\n")
        self.assertIn("was done before", self.fetch().stdout)
        self.assertTrue(os.path.exists(self.at("work/prefix/lib/libx.a")))
        toolchain = read(self.at("recipe/toolchain.cmake"))
        write(self.at("recipe/toolchain.cmake"), toolchain.replace("0x0A00", "0x0603"))
        self.assertNotIn("was done before", self.fetch().stdout)
        self.assertFalse(os.path.exists(self.at("work/prefix/lib/libx.a")))


class Recipe(unittest.TestCase):
    def test_each_pinned_source_is_a_step_and_each_step_has_one(self):
        steps = subprocess.run([os.path.join(RECIPE, "build-libraries"), "steps"], check=True,
                               capture_output=True, text=True).stdout.split()
        pinned = [line.split()[0] for line in read(os.path.join(RECIPE, "sources")).splitlines()
                  if line and not line.startswith("#")]
        self.assertEqual((steps[0], steps[-1]), ("sources", "tarball"))
        self.assertEqual(sorted(pinned), sorted(steps[1:-1]))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
