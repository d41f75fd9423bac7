"""A time-stamp authority on this machine that signs with OpenSSL."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CONFIG = """[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def certificate(name, key, issuer=None, issuer_key=None):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer is not None:
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        built = built.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    return built.sign(issuer_key or key, hashes.SHA256())


def pem(thing):
    return thing.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A folder with a root (root.pem), another root (other.pem), and what the signer needs."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine; the fixture signs with it")
    folder = tmp_path_factory.mktemp("tsa")
    keys = [rsa.generate_private_key(65537, 2048) for _ in range(3)]
    root = certificate("Root of the test", keys[0])
    (folder / "root.pem").write_bytes(pem(root))
    (folder / "other.pem").write_bytes(pem(certificate("Somebody else", keys[2])))
    (folder / "tsa.pem").write_bytes(pem(certificate("Clock of the test", keys[1], root, keys[0])))
    (folder / "tsa.key").write_bytes(
        keys[1].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    return folder


@pytest.fixture
def server(authority):
    """The address of the server, and a dictionary: ``answer`` takes the place of the signed one, ``asked`` is kept."""
    told = {"answer": None, "code": 200, "asked": []}

    class Clock(BaseHTTPRequestHandler):
        def do_POST(self):
            question = self.rfile.read(int(self.headers["Content-Length"]))
            told["asked"].append((self.headers["Content-Type"], question))
            answer = told["answer"]
            if answer is None:
                (authority / "q.tsq").write_bytes(question)
                command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "a.tsr"]
                subprocess.run(command, cwd=authority, check=True, capture_output=True)
                answer = (authority / "a.tsr").read_bytes()
            self.send_response(told["code"])
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    started = HTTPServer(("127.0.0.1", 0), Clock)
    threading.Thread(target=started.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{started.server_port}/", told
    started.shutdown()
    started.server_close()
