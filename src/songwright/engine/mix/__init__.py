"""Mix and master: the band's and the singer's stems become one finished stereo sound.

The order of work, all of it in `stage.mix`: each stem gets its channel strip (`strips`, `vocals`) and its place
(`space`) and joins its role; a complete role gets its level from measured loudness (`balance`), is pushed aside by
voice and kick (`ducking`), gets reverb and echo (`space`) and joins a sub-mix; the band as a whole gets its tone
(`tone`) and bows under the voice; the sum is compressed, follows the form, is brought to loudness and limited
(`mastering`).

Conventions
    Stems come dry, float32 [2, samples], any level; what lasts longer than the music plus TAIL_S is cut.
    Levels inside are relative to the lead vocal at VOCAL_LUFS; style levels (`MixTraits`) are loudness of a whole role.
    What distorts or compresses one sound happens in its strip. Everything after that and before the limiter is a
    filter or a gain over time that does not depend on the sound it is applied to. So the stems of the `Master` add up
    to what entered the limiter: sum(stems) = bus, to the rounding of float32 (-100 dB).
    TARGET_LUFS integrated (-14 within 0.3 LU in WAV and MP3), true peak at most CEILING_DBTP before encoding, which
    leaves 0.8 dB for what MP3 adds (up to 0.55 dB in 24 songs).
"""

from songwright.engine.mix.channel import ROLE_ORDER
from songwright.engine.mix.mastering import CEILING_DBTP, TARGET_LUFS
from songwright.engine.mix.rough import Heard, rough_mix
from songwright.engine.mix.stage import TAIL_S, mix

__all__ = ["CEILING_DBTP", "ROLE_ORDER", "TAIL_S", "TARGET_LUFS", "Heard", "mix", "rough_mix"]
