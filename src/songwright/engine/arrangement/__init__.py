"""The arrangement stage: who plays what, from score and style.

Conventions
    Notes are in beats with swing and human timing included, velocities 1..127, within their player's range and the
    song's length. Everything about a genre comes from the style's data; players differ by role (comp, pad, arp, riff,
    bass, drums), never by a style's name. The same score, style and brief give the same arrangement.
"""

from songwright.engine.arrangement.arranging import arrange

__all__ = ["arrange"]
