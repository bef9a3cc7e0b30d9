# SPDX-License-Identifier: Apache-2.0
"""A small machine of its own: Debian's kernel, an initramfs of what is named here, emulated disks and
a TPM. It has no network and sees nothing of the machine that it runs on."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

GUEST = pathlib.Path(__file__).parent / "guest"
# What the guest may load, with all that these need.
MODULES = """virtio_pci virtio_blk dm-mod dm-crypt dm-mirror xts cbc ecb essiv aes_generic crypto_null
    sha256_generic algif_skcipher algif_hash loop ext4 crc32c_generic vfat nls_cp437 nls_ascii btrfs
    overlay zram tpm_tis""".split()
PROGRAMS = """/usr/sbin/cryptsetup /usr/sbin/dmsetup /usr/sbin/lvm /usr/sbin/mkfs.ext4
    /usr/sbin/mkfs.btrfs /usr/sbin/mkfs.vfat /usr/bin/lsblk""".split()


def run(*argv, **options):
    return subprocess.run([str(a) for a in argv], check=True, capture_output=True, text=True,
                          **options).stdout


class Kernel:
    """Debian's kernel package, unpacked; nothing of it is installed."""

    def __init__(self, folder: pathlib.Path):
        depends = run("apt-cache", "depends", "linux-image-amd64")
        found = re.search(r"Depends: (linux-image-\d\S+)", depends)
        if not found:
            raise RuntimeError(f"linux-image-amd64 names no kernel: {depends!r}")
        self.tree = folder.resolve() / found[1]
        if not self.tree.exists():
            self._fetch(found[1], folder.resolve())
        self.version = next((self.tree / "lib/modules").iterdir()).name
        self.image = self.tree / f"boot/vmlinuz-{self.version}"

    def _fetch(self, package: str, folder: pathlib.Path):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            run("apt-get", "download", package, cwd=work)
            (archive,) = pathlib.Path(work).glob("*.deb")
            run("dpkg", "-x", archive, f"{work}/tree")
            run("depmod", "-b", f"{work}/tree", next(pathlib.Path(work, "tree/lib/modules").iterdir()).name)
            os.rename(f"{work}/tree", self.tree)

    def copy_modules(self, root: pathlib.Path):
        wanted = set()
        for name in MODULES:
            shown = subprocess.run(["modprobe", "-d", self.tree, "-S", self.version, "--show-depends", name],
                                   capture_output=True, text=True, check=False)
            wanted.update(re.findall(r"^insmod (\S+)", shown.stdout, re.M))  # none: built in
        for path in wanted:
            target = root / pathlib.Path(path).relative_to(self.tree)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        folder = f"lib/modules/{self.version}"
        for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            shutil.copy(self.tree / folder / name, root / folder / name)
        run("depmod", "-b", root, self.version)


def libraries(program: str) -> set[str]:
    return set(re.findall(r"(/\S+) \(0x", run("ldd", program)))


def initramfs(kernel: Kernel, sallyport: pathlib.Path, target: pathlib.Path):
    """busybox, the programs with their libraries, the modules, and the scripts of guest/."""
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        root = pathlib.Path(work)
        for name in ("bin", "sbin", "etc", "proc", "sys", "dev", "run", "tmp", "root", "machine",
                     "usr/bin", "usr/sbin"):
            (root / name).mkdir(parents=True)
        kernel.copy_modules(root)
        shutil.copy("/bin/busybox", root / "bin/busybox")
        for name in ("sh", "modprobe"):
            (root / "bin" / name).symlink_to("busybox")
        (root / "sbin/modprobe").symlink_to("../bin/busybox")
        shutil.copy(sallyport, root / "usr/bin/sallyport")
        run("strip", root / "usr/bin/sallyport")
        needed = libraries(str(sallyport))
        for program in PROGRAMS:
            shutil.copy(program, root / program[1:])
            needed |= libraries(program)
        for path in needed:
            folder = root / os.path.dirname(path)[1:]
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder)
        for script in GUEST.iterdir():
            shutil.copy(script, root / script.name)
            (root / script.name).chmod(0o755)
        archive = subprocess.run("find . | cpio -o -H newc --quiet", shell=True, check=True, cwd=root,
                                 capture_output=True).stdout
        target.write_bytes(archive)


def disk(path: pathlib.Path, sizes: list[int]):
    """A GPT disk with partitions of so many MiB; its file has holes."""
    path.unlink(missing_ok=True)
    with open(path, "wb") as handle:
        handle.truncate((sum(sizes) + 4) << 20)
    run("/usr/sbin/sfdisk", "-q", path, input="label: gpt\n" + "".join(f"size={s}MiB\n" for s in sizes))


class Tpm:
    """swtpm behind a socket, for as long as the machine runs."""

    def __init__(self, folder: pathlib.Path):
        state = folder / "tpm"
        state.mkdir()
        self.socket = folder / "tpm.socket"
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--ctrl",
             f"type=unixio,path={self.socket}", "--flags", "startup-clear", "--terminate"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self.socket.exists():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("swtpm did not open its socket")
            time.sleep(0.02)

    def options(self) -> list[str]:
        return ["-chardev", f"socket,id=tpm,path={self.socket}", "-tpmdev", "emulator,id=tpm0,chardev=tpm",
                "-device", "tpm-tis,tpmdev=tpm0"]

    def stop(self):
        self.process.kill()
        self.process.wait()


def boot(kernel: Kernel, archive: pathlib.Path, disks: list[pathlib.Path], seconds: float) -> str:
    """Runs guest/init to its end and returns what it wrote to its second serial port. Emulated; the
    environment's SALLYPORT_VM_ACCEL=kvm uses the processor's own virtualization."""
    with tempfile.TemporaryDirectory(dir=archive.parent) as work:
        folder = pathlib.Path(work)
        tpm = Tpm(folder)
        argv = ["qemu-system-x86_64", "-M", "q35", "-accel",
                os.environ.get("SALLYPORT_VM_ACCEL", "tcg,thread=multi"), "-cpu", "max", "-smp", "2",
                "-m", "1024", "-nodefaults", "-no-user-config", "-nic", "none", "-display", "none",
                "-no-reboot", "-serial", f"file:{folder}/console", "-serial", f"file:{folder}/answers",
                "-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng",
                "-kernel", str(kernel.image), "-initrd", str(archive), "-append",
                "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable lockdown=integrity", *tpm.options()]
        for path in disks:
            argv += ["-drive", f"file={path},format=raw,if=virtio,cache=unsafe"]
        try:
            subprocess.run(argv, stdin=subprocess.DEVNULL, timeout=seconds, check=True)
        except subprocess.SubprocessError as error:
            raise RuntimeError(f"{error}\n{tail(folder / 'console')}") from error
        finally:
            tpm.stop()
        answers = (folder / "answers").read_text()
        if not answers.endswith("=== end\n"):
            raise RuntimeError(f"the machine stopped early\n{tail(folder / 'console')}")
        return answers


def tail(path: pathlib.Path) -> str:
    return path.read_text(errors="replace")[-4000:] if path.exists() else "(no console)"
