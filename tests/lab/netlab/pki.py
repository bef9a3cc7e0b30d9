# SPDX-License-Identifier: Apache-2.0
"""Certificates from a CA made with the openssl command: the harness proves itself without ours."""
import dataclasses
import pathlib
import subprocess

TRUST_DOMAIN = "lab.example"

_CONFIGURATION = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = placeholder
[ca]
default_ca = lab
[lab]
database = {folder}/index.txt
crlnumber = {folder}/crlnumber
default_md = sha256
default_crl_days = 7
crl_extensions = crl_extensions
[crl_extensions]
# Without it charon never matches the CRL to its CA.
authorityKeyIdentifier = keyid:always
"""


@dataclasses.dataclass(frozen=True)
class Credential:
    """What a charon needs to prove who it is. `identity` is a DNS SAN of the certificate."""
    identity: str
    ca: pathlib.Path
    certificate: pathlib.Path
    key: pathlib.Path
    crl: pathlib.Path | None = None  # DER; where there is one, revocation is strict


class OpensslCa:
    def __init__(self, folder: pathlib.Path):
        self._folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "openssl.cnf").write_text(_CONFIGURATION.format(folder=folder))
        (folder / "index.txt").touch()
        (folder / "crlnumber").write_text("01\n")
        self._key("ca")
        self._openssl("req", "-x509", "-new", "-key", "ca.key", "-subj", "/O=Lab/CN=Lab CA",
                      "-days", "365", "-sha256", "-addext", "subjectKeyIdentifier=hash", "-addext",
                      "basicConstraints=critical,CA:TRUE", "-addext",
                      "keyUsage=critical,keyCertSign,cRLSign", "-out", "ca.crt")
        self._openssl("ca", "-gencrl", "-cert", "ca.crt", "-keyfile", "ca.key", "-out", "crl.pem")
        self._openssl("crl", "-in", "crl.pem", "-outform", "DER", "-out", "ca.crl")

    def device(self, device_id: str) -> Credential:
        return self._issue(device_id, "device", "clientAuth")

    def gateway(self, name: str) -> Credential:
        return self._issue(name, "gateway", "serverAuth")

    def _issue(self, name: str, role: str, usage: str) -> Credential:
        identity = f"{name}.{TRUST_DOMAIN}"
        self._key(name)
        (self._folder / f"{name}.ext").write_text(
            "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"
            f"extendedKeyUsage={usage}\n"
            f"subjectAltName=DNS:{identity},URI:sallyport://{TRUST_DOMAIN}/{role}/{name}\n")
        self._openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={identity}", "-out",
                      f"{name}.csr")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                      "-CAcreateserial", "-days", "90", "-sha256", "-extfile", f"{name}.ext",
                      "-out", f"{name}.crt")
        at = self._folder
        return Credential(identity, at / "ca.crt", at / f"{name}.crt", at / f"{name}.key",
                          at / "ca.crl")

    def _key(self, name: str) -> None:
        self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                      f"{name}.key")

    def _openssl(self, *argv: str) -> None:
        subprocess.run(["openssl", *argv], cwd=self._folder, check=True, capture_output=True,
                       env={"OPENSSL_CONF": str(self._folder / "openssl.cnf"), "PATH":
                            "/usr/bin:/bin"})
