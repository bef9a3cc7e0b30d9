#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables whose machine this one is not: real LUKS, LVM, btrfs, swap and a TPM in a small machine of
its own, set up by guest/volumes and asked by guest/questions."""
import argparse
import json
import pathlib
import sys
import tempfile
import time
import unittest

import machine

SECONDS = 400  # emulated: a tenth of that on an idle machine
ANSWERS = {}
OPTIONS = argparse.Namespace()


def setUpModule():
    started = time.monotonic()
    folder = OPTIONS.folder
    kernel = machine.Kernel(folder)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        archive = pathlib.Path(work) / "initramfs"
        machine.initramfs(kernel, OPTIONS.bin / "sallyport", archive)
        disks = [archive.parent / "vda", archive.parent / "vdb"]
        machine.disk(disks[0], [16, 32, 128])
        machine.disk(disks[1], [64, 64, 16, 16, 32, 32, 160, 160, 64, 64])
        booted = time.monotonic()
        text = machine.boot(kernel, archive, disks, SECONDS)
        print(f"kernel {kernel.version}, initramfs {archive.stat().st_size >> 20} MiB made in"
              f" {booted - started:.0f} s, machine {time.monotonic() - booted:.0f} s", file=sys.stderr)
    (folder / "answers").write_text(text)  # to look at when a test fails
    for part in text.split("=== ")[1:]:
        name, _, content = part.partition("\n")
        ANSWERS[name] = content


def rows(name):
    answer = json.loads(ANSWERS[name])
    return answer["rows"], answer["doubts"]


class DiskVolumes(unittest.TestCase):
    maxDiff = None

    def test_each_volume_is_as_protected_as_it_was_set_up(self):
        found, doubts = rows("disk_volumes")
        aes = "aes-xts-plain64"
        self.assertEqual(doubts, [])
        self.assertEqual(
            {r["mount_point"]: (r["protection"], r["method"], r["cipher"], r["exempt"])
             for r in found if not r["is_swap"]},
            {"/": ("on", "LUKS2", aes, 0),
             "/boot": ("off", None, None, 1),
             "/boot/efi": ("off", None, None, 1),
             "/home": ("on", "LUKS1", aes, 0),
             "/srv": ("off", None, None, 0),
             "/media/bare": ("on", "plain", "aes-cbc-essiv:sha256", 0),
             "/media/nullified": ("off", None, None, 0),
             "/media/btrfs": ("partial", None, None, 0),
             "/media/striped": ("partial", None, None, 0),
             "/media/decoy": ("on", "LUKS2", aes, 0),
             "/media/loop-on-home": ("on", "LUKS1", aes, 0),
             "/media/loop-on-srv": ("off", None, None, 0),
             "/media/layers": ("on", "LUKS1", aes, 0)})

    def test_each_swap_area_is_as_protected_as_it_was_set_up(self):
        found, _ = rows("disk_volumes")
        aes = "aes-xts-plain64"
        self.assertEqual(
            {r["device"]: (r["protection"], r["method"], r["cipher"], r["holds_user_data"])
             for r in found if r["is_swap"]},
            {"/dev/mapper/laptop-swap_1": ("on", "LUKS2", aes, 1),
             "/dev/vdb3": ("off", None, None, 1),
             "/dev/mapper/swap_crypt": ("on", "plain", aes, 1),
             "/home/swapfile": ("on", "LUKS1", aes, 1),
             "/srv/swapfile": ("off", None, None, 1),
             "/dev/zram0": (None, None, None, 0)})

    def test_what_lsblk_shows_above_a_crypt_device_is_never_called_clear(self):
        found, _ = rows("disk_volumes")
        protection = {r["mount_point"]: r["protection"] for r in found}
        seen = {}
        for line in ANSWERS["lsblk"].splitlines():
            where, *types = line.split()
            seen[where] = "crypt" in types
        self.assertEqual(
            {where for where, crypt in seen.items() if crypt != (protection[where] in ("on", "partial"))},
            {"/media/nullified",       # a null cipher is a crypt device, and hides nothing
             "/media/loop-on-home"})  # lsblk does not follow a file to its volume


    def test_osquerys_table_calls_the_same_devices_encrypted(self):
        found, doubts = rows("disk_encryption")
        self.assertEqual(doubts, [])
        names = dict(line.split() for line in ANSWERS["mappings"].splitlines())
        kinds = {r["name"].removeprefix("/dev/"): (r["encrypted"], r["type"]) for r in found}
        self.assertEqual(
            {name: kinds[device] for name, device in names.items()},
            {"vda3_crypt": (1, "LUKS2-aes-xts-plain64"), "laptop-root": (1, "LUKS2-aes-xts-plain64"),
             "laptop-swap_1": (1, "LUKS2-aes-xts-plain64"), "home": (1, "LUKS1-aes-xts-plain64"),
             "swap_crypt": (1, "PLAIN-aes-xts-plain64"), "bare": (1, "PLAIN-aes-cbc-essiv:sha256"),
             "nullified": (0, None), "leg7": (1, "LUKS2-aes-xts-plain64"),
             "leg9": (1, "LUKS2-aes-xts-plain64"), "mixed-both": (0, None),
             "decoy": (1, "LUKS2-aes-xts-plain64")})
        self.assertEqual({n: e for n, (e, _) in kinds.items() if n.startswith("vd") and e != 0}, {})

    def test_what_opens_each_volume_is_what_its_header_and_crypttab_say(self):
        found, _ = rows("disk_unlock")
        columns = ("name", "device", "method", "needs_person", "key_file", "key_file_protection")
        passphrase = ("passphrase", 1, None, None)
        self.assertEqual(
            {tuple(r[c] for c in columns) for r in found},
            {("vda3_crypt", "/dev/vda3", "tpm2", 0, None, None),
             ("home", "/dev/vdb1", "keyfile", 1, "/home.key", "on"),
             ("swap_crypt", "/dev/vdb4", "random", None, None, None),
             ("bare", "/dev/vdb5", "unknown", "unknown", "unknown", "unknown"),
             ("nullified", "/dev/vdb6", *passphrase),
             ("leg7", "/dev/vdb7", "keyfile", 0, "/srv/leg7.key", "off"),
             ("leg9", "/dev/vdb9", *passphrase),
             ("decoy", "/dev/loop0", *passphrase)})


class Boot(unittest.TestCase):
    def test_a_tpm_2_is_seen_with_its_resource_manager(self):
        found, doubts = rows("tpm")
        self.assertEqual(doubts, [])
        self.assertEqual([(r["device"], r["version_major"], r["resource_manager"]) for r in found],
                         [("tpm0", 2, 1)])

    def test_without_uefi_secure_boot_does_not_apply(self):
        found, doubts = rows("secureboot")
        self.assertEqual(doubts, [])
        self.assertEqual([(r["secure_boot"], r["setup_mode"]) for r in found], [(None, None)])

    def test_the_kernel_is_locked_down_as_its_command_line_says(self):
        found, doubts = rows("boot_validation")
        self.assertEqual(doubts, [])
        self.assertEqual(found, [{"shim_validates": None, "lockdown": "integrity"}])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the built programs")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="where the kernel is kept")
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
