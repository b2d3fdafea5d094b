"""An operator, an account and users of a NATS server, made here: keys, and the JWTs that they sign."""

import base64
import json
import secrets
import time
from pathlib import Path
from typing import Any

import nkeys  # type: ignore[import-untyped]

UNLIMITED = -1
PREFIXES = {
    "operator": nkeys.PREFIX_BYTE_OPERATOR,
    "account": nkeys.PREFIX_BYTE_ACCOUNT,
    "user": nkeys.PREFIX_BYTE_USER,
}


class Identity:
    """Somebody with a key of his own."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.seed = bytes(nkeys.encode_seed(secrets.token_bytes(32), PREFIXES[kind]))
        self._pair: Any = nkeys.from_seed(bytearray(self.seed))
        self.public: str = self._pair.public_key.decode()

    def vouch(self, subject: "Identity", seconds: float = 3600.0, **claims: Any) -> str:
        """Return a JWT that says what somebody may, for so long."""
        now = int(time.time())
        said = {
            "jti": secrets.token_hex(16),
            "iat": now,
            "exp": int(now + seconds),
            "iss": self.public,
            "name": subject.kind,
            "sub": subject.public,
            "nats": {"type": subject.kind, "version": 2, **claims},
        }
        head = {"typ": "JWT", "alg": "ed25519-nkey"}
        body = b".".join(_encode(json.dumps(part).encode()) for part in (head, said))
        return (body + b"." + _encode(self._pair.sign(body))).decode()


class Operator:
    """A trusted operator, his one account, with JetStream, and the one that servers need themselves."""

    def __init__(self) -> None:
        self._operator = Identity("operator")
        self._account, self._system = Identity("account"), Identity("account")

    def config(self) -> str:
        """Return what a server is configured with that trusts him."""
        usual = ["subs", "data", "payload", "imports", "exports", "conn", "leaf"]
        stored = ["mem_storage", "disk_storage", "streams", "consumer"]
        limits = {**dict.fromkeys(usual, UNLIMITED), "wildcards": True}
        all_limits = {**limits, **dict.fromkeys(stored, UNLIMITED)}
        operator = self._operator.vouch(self._operator)
        account = self._operator.vouch(self._account, limits=all_limits)
        system = self._operator.vouch(self._system, limits=limits)
        accounts = f"{self._account.public}: {account}\n{self._system.public}: {system}"
        return (
            f"operator: {operator}\nsystem_account: {self._system.public}\nresolver: MEMORY\n"
            f"resolver_preload: {{ {accounts} }}\n"
        )

    def credentials(self, path: Path, seconds: float = 3600.0) -> Path:
        """Write a file of credentials of a new user, as the tools of NATS do."""
        user = Identity("user")
        limits = dict.fromkeys(("subs", "data", "payload"), UNLIMITED)
        jwt = self._account.vouch(user, seconds, pub={}, sub={}, **limits)
        path.write_text(
            f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{user.seed.decode()}\n------END USER NKEY SEED------\n"
        )
        return path


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
