"""What written lyrics are worth: `python bench/engine/words.py [--print N]`.

Writes a song for each description of `data/descriptions.txt`, which the writer's word stores were not made for, in
nine styles by turns, and prints the rows asked for. `*words*` are those a listener would expect to hear; a song names
its subject when it has them all (of a long description, of 200 letters and more, at least half). Needs
SONGWRIGHT_ASSETS.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
from collections import Counter
from pathlib import Path

from songwright.engine.lyrics.pronounce import make_speaker
from songwright.engine.lyrics.scan import rhymes, scanner_for, stem
from songwright.engine.lyrics.writer import WrittenSection, WrittenSong, write_song
from songwright.engine.material import Assets, Brief, LyricLine
from songwright.engine.styles import understand_style

STYLES = (
    "pop, female voice", "indie folk", "country", "80s synthwave", "hip hop", "punk rock", "blues", "rock",
    "piano ballad",
)  # fmt: skip
LIST = Path(__file__).parent / "data/descriptions.txt"
LONG = 200  #: letters


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print", type=int, default=0, help="songs to print, spread over the list")
    parser.add_argument("--list", type=Path, default=LIST, help="descriptions, one a line")
    parser.add_argument("--style", default="", help="one style for all")
    options = parser.parse_args()
    assets = Assets(Path(os.environ["SONGWRIGHT_ASSETS"]))
    marked = options.list.read_text(encoding="utf-8").splitlines()
    songs = [written(text, k, options.style or STYLES[k % len(STYLES)], assets) for k, text in enumerate(marked)]
    for k in range(0, len(songs), max(1, len(songs) // options.print)) if options.print else ():
        show(songs[k], marked[k])
    rhymed, near = metre(songs, assets)
    named = [names(song, text) for song, text in zip(songs, marked, strict=True)]
    lines = Counter(x.lower() for song in songs for s in song.sections if s.kind != "chorus" for x in s.lines)
    again = sum(n - 1 for n in lines.values())
    within = sum(max(n - 1, 0) for song in songs for n in own_lines(song).values())
    titles = Counter(song.title for song in songs)
    rows = [
        ("rhyme scheme kept", ">= 0.90", share(rhymed)),
        ("syllables within 1 of the pattern", ">= 0.90", share(near)),
        ("songs that name their subject", ">= 0.95", sum(named) / len(named)),
        ("lines that come again, outside choruses", "<= 0.01", again / lines.total()),
        ("lines that come twice in their song", "0", within),
        ("titles that another song has", "0", sum(n - 1 for n in titles.values())),
    ]
    for name, asked, value in rows:
        print(f"{name:42}{asked:>10}{value:9.4f}")
    print(
        f"{len(songs)} songs, {lines.total()} lines; not named:",
        [t for t, ok in zip(marked, named, strict=True) if not ok],
    )
    print("come again:", [line for line, n in lines.most_common(12) if n > 1])


def written(marked: str, seed: int, style: str, assets: Assets) -> WrittenSong:
    brief = Brief(description=marked.replace("*", ""), style=style, seed=seed)
    return write_song(brief, understand_style(brief), scanner_for(assets))


def names(song: WrittenSong, marked: str) -> bool:
    """Whether the words of the song have those marked in its description, as far as their stems go."""
    wanted = [w for part in re.findall(r"\*([^*]+)\*", marked) for w in re.findall(r"[\w']+", part.lower())]
    sung = {stem(w) for s in song.sections for x in s.lines for w in re.findall(r"[\w']+", x.lower())}
    found = sum(stem(w) in sung for w in wanted if len(w) > 2)
    needed = sum(len(w) > 2 for w in wanted)
    return found >= (needed / 2 if len(marked) >= LONG else needed)


def own_lines(song: WrittenSong) -> Counter[str]:
    return Counter(x.lower() for s in song.sections if s.kind != "chorus" for x in s.lines)


def metre(songs: list[WrittenSong], assets: Assets) -> tuple[Counter[bool], Counter[bool]]:
    """(pairs that rhyme as the scheme says, lines within one syllable of the pattern), each chorus once."""
    rhymed, near = Counter[bool](), Counter[bool]()
    speaker = make_speaker(assets, "en", ())
    for section in (s for song in songs for s in {(s.kind, s.lines): s for s in song.sections}.values()):
        lines = [LyricLine(text, speaker.words(text)) for text in section.lines]
        near.update(abs(len(x.syllables) - n) <= 1 for x, n in zip(lines, section.pattern, strict=True))
        rhymed.update(rhymes(a, b) for a, b in pairs(section, lines))
    return rhymed, near


def pairs(section: WrittenSection, lines: list[LyricLine]) -> list[tuple[LyricLine, LyricLine]]:
    """Lines that should rhyme. The second line of a blues verse is its first, called again."""
    if section.scheme == "AAA":
        return [(lines[0], lines[2])]
    letters = sorted(set(section.scheme))
    groups = [[line for line, x in zip(lines, section.scheme, strict=True) if x == letter] for letter in letters]
    return [pair for group in groups for pair in itertools.pairwise(group)]


def share(counts: Counter[bool]) -> float:
    return counts[True] / counts.total()


def show(song: WrittenSong, marked: str) -> None:
    print(f"## {marked}\n# {song.title}")
    for section in song.sections:
        print(f"[{section.label}]", *section.lines, sep="\n")
    print(flush=True)


if __name__ == "__main__":
    main()
