"""Which of musicnn's tags mean a style, and whether it was recognised.

A style counts as recognised when one of its tags is among the five most probable of either model. Tags that nearly
every recording gets (`guitar`, `drums`, `instrumental`, `electronic`, `rock` for what is not rock) mean no style here.
Reggae and afrobeats have no tag in either vocabulary and are left out.
"""

from __future__ import annotations

from .musicnn import LABELS, Heard

TAGS_OF_STYLE: dict[str, tuple[str, ...]] = {
    "ambient": ("ambient", "new age"),
    "ballad": ("Mellow", "sad", "slow", "easy listening"),
    "blues": ("blues",),
    "bossa_nova": ("jazz", "easy listening"),
    "country": ("country",),
    "country_waltz": ("country",),
    "disco": ("dance", "70s", "funk"),
    "drum_and_bass": ("electronica", "techno", "electro"),
    "funk": ("funk", "soul"),
    "gospel": ("soul", "choir", "choral"),
    "hip_hop": ("Hip-Hop", "beats"),
    "house": ("House", "dance", "electro"),
    "indie_folk": ("folk", "indie", "acoustic"),
    "jazz_swing": ("jazz",),
    "kpop": ("pop", "dance"),
    "latin_pop": ("pop", "dance"),
    "lofi": ("chillout", "chill", "Mellow", "beats"),
    "metal": ("metal", "heavy metal", "hard rock"),
    "orchestral": ("classical", "classic", "strings", "violin"),
    "pop": ("pop", "indie pop"),
    "punk": ("punk",),
    "rock": ("rock", "alternative rock", "hard rock", "classic rock", "indie rock"),
    "soul_rnb": ("soul", "rnb"),
    "synthwave": ("80s", "synth", "electro", "electronica"),
    "techno": ("techno", "electro", "electronica"),
    "trap": ("Hip-Hop", "beats"),
}
TOP = 5


def recognised_by(style: str, heard: Heard) -> list[str] | None:
    """The tags of `style` among the top five of either model; None for a style without tags."""
    wanted = TAGS_OF_STYLE.get(style)
    if wanted is None:
        return None
    top = {tag for model in LABELS for tag, _ in heard.top(model, TOP)}
    return [tag for tag in wanted if tag in top]
