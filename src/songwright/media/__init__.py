"""Sound that somebody else made: told apart by its first bytes, decoded in a limited process of its own.

Nothing a user names becomes a path, a playlist or a choice of decoder. What decides is what comes out, in
seconds, counted while it is decoded: a small file that unpacks to hours is cut off at the limit.
"""

from songwright.media.decode import DecodedSound, MediaLimits, MediaRefused, decode_upload
from songwright.media.sniff import audio_format

__all__ = ["DecodedSound", "MediaLimits", "MediaRefused", "audio_format", "decode_upload"]
