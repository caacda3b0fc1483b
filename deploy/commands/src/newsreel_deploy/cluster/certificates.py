"""A throw-away authority, a key pair for each part of a cluster, a kubeconfig for each client."""

import datetime
import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = datetime.timedelta(days=2)


@dataclass(frozen=True)
class Authority:
    """Signs certificates that live two days, into a folder (mode 0700)."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    name: x509.Name

    @classmethod
    def create(cls, folder: Path) -> "Authority":
        folder.mkdir(parents=True, mode=0o700)
        key, name = ec.generate_private_key(ec.SECP256R1()), _name("testcluster")
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _builder(name, name, key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        (folder / "ca.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        authority = cls(folder, key, name)
        authority.key_pair("service-accounts")
        return authority

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.crt"

    def key_pair(self, name: str) -> ec.EllipticCurvePrivateKey:
        """A fresh key in `<name>.key`, its public half in `<name>.pub`."""
        key = ec.generate_private_key(ec.SECP256R1())
        encoding, private = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
        place = self.folder / f"{name}.key"
        place.touch(mode=0o600)
        place.write_bytes(key.private_bytes(encoding, private, serialization.NoEncryption()))
        public = key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
        (self.folder / f"{name}.pub").write_bytes(public)
        return key

    def issue(self, name: str, user: str, group: str = "", hosts: Sequence[str] = ()) -> None:
        """`<name>.key` and `<name>.crt` for a user of a group, valid for `hosts` (names or addresses)."""
        key = self.key_pair(name)
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = _builder(_name(user, group), self.name, key).add_extension(
            x509.ExtendedKeyUsage(uses), critical=False
        )
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([*map(_host, hosts)]), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        (self.folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def kubeconfig(self, name: str, server: str) -> Path:
        """A kubeconfig for the holder of `<name>.crt`, in JSON, which is YAML."""
        place = self.folder / f"{name}.kubeconfig"
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [
                {"name": name, "cluster": {"server": server, "certificate-authority": str(self.certificate)}}
            ],
            "users": [
                {
                    "name": name,
                    "user": {
                        "client-certificate": str(self.folder / f"{name}.crt"),
                        "client-key": str(self.folder / f"{name}.key"),
                    },
                }
            ],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        }
        place.write_text(json.dumps(content))
        return place


def _name(user: str, group: str = "") -> x509.Name:
    named = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
    return x509.Name([*named, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
    )
