"""Lyrics: the words of a song, given or written, with the syllables they are sung in.

Conventions
    `write_lyrics` turns a brief into `Lyrics`. Phonemes are in the singing model's alphabet (see `syllabify`). The
    words
    depend on the brief's seed, description, title and style, not on its take: both clips of a task share them.
"""

from songwright.engine.lyrics.stage import write_lyrics

__all__ = ["write_lyrics"]
