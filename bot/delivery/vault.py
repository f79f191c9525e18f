"""Tokens at rest: encrypted with keys of the settings (Fernet: AES-128 in CBC mode, signed with HMAC-SHA256)."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Locked(Exception):
    """None of the keys opens it: it was encrypted with another one."""


class Vault:
    """Encrypts with the first of the keys, and opens what any of them has encrypted: so that one can follow another."""

    def __init__(self, keys: str) -> None:
        """`keys`: one, or several with commas between. Raises ValueError where one is none; it is not repeated."""
        try:
            fernets = [Fernet(key.strip()) for key in keys.split(",") if key.strip()]
        except ValueError:
            raise ValueError("a key is 32 bytes in url-safe base64") from None
        if not fernets:
            raise ValueError("there is no key")
        self._fernet = MultiFernet(fernets)

    def close(self, secret: str) -> str:
        """The secret as it may be stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, stored: str) -> str:
        """The secret. Raises `Locked`."""
        try:
            return self._fernet.decrypt(stored.encode()).decode()
        except InvalidToken:
            raise Locked from None
