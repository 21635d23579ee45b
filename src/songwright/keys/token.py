"""How a key is written: `sw_live_` or `sw_test_`, 30 random base62 characters, 6 more that are their CRC32.

The checksum lets secret scanners, and the server before it reads anything, tell a key from a look-alike.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib

from songwright.core.caller import KeyMode

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH = 30
CHECKSUM_LENGTH = 6
PATTERN = re.compile(r"sw_(live|test)_([0-9A-Za-z]{30})([0-9A-Za-z]{6})", re.ASCII)


def new_token(mode: KeyMode) -> str:
    """A new key with 178 bits of randomness."""
    body = f"sw_{mode}_" + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return body + checksum(body)


def is_well_formed(token: str) -> bool:
    """True when `token` has a key's shape and its checksum is right."""
    return PATTERN.fullmatch(token) is not None and checksum(token[:-CHECKSUM_LENGTH]) == token[-CHECKSUM_LENGTH:]


def token_hash(token: str) -> bytes:
    """What is stored. A key is 178 random bits, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(token.encode()).digest()


def checksum(body: str) -> str:
    """CRC32 of everything before it, as six base62 digits, the most significant first."""
    value = zlib.crc32(body.encode())
    digits: list[str] = []
    for _ in range(CHECKSUM_LENGTH):
        value, digit = divmod(value, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
