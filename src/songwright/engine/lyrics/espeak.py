"""espeak-ng as a separate process: phonemes of words in many languages, where it is installed.

Conventions
    Only ever run as a subprocess (it is GPL-3; nothing is linked), with the text on standard input, one word a
    paragraph, within `TIMEOUT_S`. Its IPA is translated into the singing model's alphabet.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache

TIMEOUT_S = 5.0
MAX_WORDS = 400
_TO_ALPHABET = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^z", "ʣ"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("o^ʊ", "O"), ("ə^ʊ", "Q"), ("s^s", "S"),
    ("t^s", "ʦ"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"), ("^", ""), ("-", ""), ("g", "ɡ"), ("ɫ", "l"), ("̩", ""),
)  # fmt: skip
_ENGLISH = (("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("ɹɹ", "ɹ"), ("r", "ɹ"), ("ː", ""), ("ɐ", "ə"), ("o", "ɔ"))


@lru_cache(maxsize=1)
def is_installed() -> bool:
    """Whether the program can be found."""
    return shutil.which("espeak-ng") is not None


@lru_cache(maxsize=256)
def ipa_of(words: tuple[str, ...], voice: str) -> tuple[str, ...] | None:
    """Phonemes of each word, or None when the program is missing, too slow, or answers with another number of words."""
    if not words or not is_installed():
        return None
    text = "\n\n".join(words[:MAX_WORDS]) + "\n"
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", voice, "--stdin"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=TIMEOUT_S, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return None
    lines = [line.strip() for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()]
    if done.returncode or len(lines) != len(words):
        return None
    return tuple(_translate(line, voice) for line in lines)


def _translate(ipa: str, voice: str) -> str:
    ipa = re.sub(r"\([a-z-]+\)", "", ipa).replace(" ", "")
    for old, new in _TO_ALPHABET:
        ipa = ipa.replace(old, new)
    if voice.startswith("en"):
        for old, new in _ENGLISH:
            ipa = ipa.replace(old, new)
    return ipa
