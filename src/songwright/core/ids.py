"""Identifiers. Every id is random (122 bits or more): knowing one tells nothing about another."""

from __future__ import annotations

import secrets
import uuid

MEDIA_TOKEN_BYTES = 18


def new_id() -> str:
    """A UUID4 in its usual text form; used for tasks, clips, accounts and requests."""
    return str(uuid.uuid4())


def new_media_token() -> str:
    """144 random bits, URL-safe: the part of a media address that cannot be guessed."""
    return secrets.token_urlsafe(MEDIA_TOKEN_BYTES)
