"""Mix and master: the band's and the singer's stems become one finished stereo sound.

The order of work, all of it in `stage.mix`: each stem gets its channel strip (`strips`, `vocals`); levels follow from
measured loudness (`balance`); the voice and the kick push others aside (`ducking`); tone, place and space (`tone`,
`space`); the sum is compressed, follows the form, is brought to loudness and limited (`mastering`).

Conventions
    Stems come dry, float32 [2, samples], any level; what lasts longer than the music plus TAIL_S is cut.
    Levels inside are relative to the lead vocal at VOCAL_LUFS; style levels (`MixTraits`) are loudness of a whole role.
    Everything after the sum and before the limiter is a gain over time, applied to every stem alike. So the stems of
    the `Master` add up to what entered the limiter: sum(stems) = bus, to the rounding of float32.
    TARGET_LUFS integrated (-14 within 0.3 LU in WAV and MP3), true peak at most CEILING_DBTP before encoding, which
    leaves 0.5 dB for what MP3 adds.
"""

from songwright.engine.mix.mastering import CEILING_DBTP, TARGET_LUFS
from songwright.engine.mix.rough import Heard, rough_mix
from songwright.engine.mix.stage import TAIL_S, mix

__all__ = ["CEILING_DBTP", "TAIL_S", "TARGET_LUFS", "Heard", "mix", "rough_mix"]
