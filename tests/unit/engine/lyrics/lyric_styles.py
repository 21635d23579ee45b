"""A style as small as the lyrics need."""

from songwright.engine.material import DrumKit, MelodyTraits, MixTraits, Player, Style, VocalTraits


def style(
    name: str = "pop", *, density: tuple[float, float] = (7, 7), mood: str = "", rap: float = 0.0, bpm: float = 112
) -> Style:
    bass = Player(name="bass", role="bass", program=33, low_midi=28, high_midi=50)
    return Style(
        name=name, bpm=bpm, metre="4/4", beats_per_bar=4, steps_per_bar=16, swing=0.5, swing_unit=16,
        modes={"major": 1.0},
        tonic_pcs=(0,), chords={}, forms=(), drums=DrumKit(kit="standard", grooves={}, fills=()), bass=bass, players=(),
        melody=MelodyTraits(density=density), vocal=VocalTraits(rap=rap), mix=MixTraits(), mood=mood,
    )  # fmt: skip
