"""A description in plain words -> what the song is about.

Conventions
    Instruction words ("pop song", "catchy melody") never become subject. A phrase is a noun phrase (`np`), an action in
    -ing (`ing`) or a clause about a person (`rel`); `words` are the weighty words the lyrics must contain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from songwright.engine.lyrics.lexicon import Lexicon, Theme, lexicon
from songwright.engine.lyrics.scan import stem

PhraseKind = Literal["np", "person", "ing", "adj", "rel"]
_MAX_PHRASES = 6
_MAX_PHRASE_WORDS = 6
_DEFAULT_THEME = "anyday"
_ARTICLES = ("a", "an", "the")
_POSSESSIVES = ("my", "your", "our")
_LINKS = ("in", "of", "at", "on", "by", "under", "to", "from", "between", "without", "across", "near", "after")


_ADVERBS = frozenset(("never", "always", "only", "still", "can't", "won't", "cannot", "just"))
#: What only somebody says who orders a song. Other words of music may be its subject: `a ladybug on a guitar`.
_ORDER = re.compile(
    r"\b(?:songs?|tracks?|anthem|ballad|shanty|lyrics?|music|vocals?|vocalist|bpm|pop|rock|rap|hip-?hop|jazz|country|folk|"
    r"metal|punk|techno|house|edm|blues|soul|funk|reggae|gospel|disco|synthwave|lo-?fi|indie|genre|style|upbeat|catchy|"
    r"about|write|create|generate|compose|produce|please|singing|singer|duet|acoustic|instrumental|beats?|vibes?|mood)\b",
    re.IGNORECASE,
)
_PLAIN_SIZES = frozenset(
    ("big", "long", "short", "full", "loud", "heavy", "light", "strong", "clear", "deep", "high", "low", "fast", "slow",
     "soft", "second", "simple")
)  # fmt: skip
_NO_FEELING = frozenset("best worst last first other same whole own final".split())  # noqa: SIM905
_PARTICLES = ("in", "out", "up", "down", "off", "away", "over", "under")
_AGENT = re.compile(
    r"(?:keeper|maker|man|woman|boy|girl|driver|rider|player|writer|walker|hunter|watcher|lighter|dealer|smith|ist|ian|"
    r"master|nurse|dancer|drummer|runner|diver|guard|chef)$"
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of the subject. `text` has its article, `bare` none; `hard` things are never welcomed."""

    kind: PhraseKind
    text: str
    bare: str
    hard: bool = False


@dataclass(frozen=True)
class Subject:
    """What a song is about, its mood and the themes its images come from (best first)."""

    phrases: tuple[Phrase, ...]
    themes: tuple[Theme, ...]
    valence: str
    words: tuple[str, ...] = field(default=())


def understand(description: str, *, mood: str = "") -> Subject:
    """The subject of a description. `mood` is the style's."""
    store = lexicon()
    text = _plain(description)
    core = _core(text, store)
    phrases = _phrases(core, store if _ORDER.search(text) else _without_orders(store))
    words = tuple(dict.fromkeys(w for p in phrases for w in _weighty(p.bare, store)))
    valence = _valence(text, mood, store)
    themes = _themes(core, text, valence, store)
    if valence == "0" and themes:
        valence = themes[0].valence
    return Subject(tuple(phrases[:_MAX_PHRASES]), themes, valence, words)


def _without_orders(store: Lexicon) -> Lexicon:
    """The lexicon for a text that orders nothing: all of it is subject."""
    return replace(store, words={**store.words, "instruction": frozenset()})


def _plain(description: str) -> str:
    text = description.replace("’", "'").replace("“", '"').replace("”", '"')
    return " ".join(re.sub(r"[^\w\s'\",.;:!?&-]", " ", text).split())


def _core(text: str, store: Lexicon) -> str:
    """The part of the text that says what the song is about."""
    lower = text.lower()
    if not _ORDER.search(lower):
        return " , ".join(part.strip() for part in re.split(r"[,.;:!?]|\s+-\s+", text) if part.strip())
    starts = [m.end() for w in sorted(store.words["about"]) for m in re.finditer(rf"\b{w}\b", lower)]
    if starts:
        core = text[min(starts) :]
    elif match := re.search(
        r"\b(?:song|track|anthem|ballad|tune|lullaby|hymn|ode|jingle)\b\s+(?:for|to|of|on)\s+", lower
    ):
        core = text[match.end() :]
    else:
        core = text
    core = re.split(r"[.;!?](?:\s|$)", core)[0] if starts else core
    return _without_sound(core, store)


def _without_sound(core: str, store: Lexicon) -> str:
    """Without the parts, between commas or after `with`, that only speak of sound."""
    kept: list[str] = []
    for part in re.split(r"[,.;:!?]|\s+-\s+", core):
        part = re.sub(r"\bin (?:the |an? )?(?:[\w-]+ )?style(?: of .*)?$", "", part, flags=re.IGNORECASE)
        pieces = re.split(r"\b((?:with|featuring|using|over|set to|in)\s)", part, flags=re.IGNORECASE)
        words = pieces[0]
        for joiner, rest in zip(pieces[1::2], pieces[2::2], strict=False):
            if _is_sound(rest, store):
                break
            words += joiner + rest
        if not _is_sound(words, store):
            kept.append(words.strip())
    return " , ".join(k for k in kept if k)


def _is_sound(part: str, store: Lexicon) -> bool:
    """Whether a part has nothing but instruction, mood and small words."""
    known = store.words["instruction"] | store.words["bright"] | store.words["dark"] | store.words["function"]
    words = re.findall(r"[\w'&-]+", part.lower())
    return all(w in known or w.isdigit() or re.fullmatch(r"\d+\s?bpm", w) for w in words) or (
        bool(words) and words[-1] in store.words["instruction"] and sum(w not in known for w in words) <= 1 < len(words)
    )


# ------------------------------------------------------------------------------------------------ phrases


def _phrases(core: str, store: Lexicon) -> list[Phrase]:
    """Phrases in order, without repetition."""
    found: list[Phrase] = []
    for part in core.split(" , "):
        tokens = re.findall(r"[^\W_][\w'&-]*", part)
        found += _of_part(tokens, store)
    unique: dict[str, Phrase] = {}
    for phrase in found:
        unique.setdefault(phrase.bare.lower(), phrase)
    return list(unique.values())


def _of_part(tokens: list[str], store: Lexicon) -> list[Phrase]:
    out: list[Phrase] = []
    i = 0
    while i < len(tokens):
        word = tokens[i].lower()
        if word in ("who", "that", "which") and out and out[-1].kind in ("person", "np") and i + 1 < len(tokens):
            clause = _bounded(tokens[i + 1 :])
            if clause[0].lower() in store.words["verb"] | _ADVERBS or clause[0].lower().endswith(("s", "ed")):
                text = " ".join(clause)
                teller = out[-1].text
                out.append(Phrase("rel", f"{teller} {text}", text))
                i += 1 + len(clause)
                continue
        if _is_action(tokens, i, store):
            length = _action_length(tokens, i, store)
            text = " ".join(tokens[i : i + length])
            hard = any(
                t.lower() in store.words["hard"] | {"losing", "dying", "leaving"} for t in tokens[i : i + length]
            )
            out.append(Phrase("ing", text[0].lower() + text[1:], text[0].lower() + text[1:], hard))
            i += length
            continue
        if (
            word.endswith("ed")
            and len(word) > 3
            and not out
            and tokens[i + 1 : i + 2]
            and tokens[i + 1].lower() in _PARTICLES
        ):
            text = f"{word} {tokens[i + 1].lower()}"
            out.append(Phrase("ing", text, text))
            i += 2
            continue
        length = _noun_length(tokens, i, store)
        phrase = _noun_phrase(tokens, i, length, store) if length else None
        if phrase:
            out.append(_linked(out.pop(), tokens[i - 1], phrase) if _links(tokens, i, out) else phrase)
        i += max(length, 1)
    return out


def _links(tokens: list[str], i: int, before: list[Phrase]) -> bool:
    """Whether the phrase at i hangs on the one before by a preposition: `coffee in the morning`."""
    if i < 2 or not before or before[-1].kind not in ("np", "person") or tokens[i - 1].lower() not in _LINKS:
        return False
    ends_there = before[-1].bare.split()[-1].lower() == tokens[i - 2].lower()
    return ends_there and len(before[-1].bare.split()) <= _MAX_PHRASE_WORDS - 2


def _linked(first: Phrase, link: str, second: Phrase) -> Phrase:
    tail = f" {link.lower()} {second.text}"
    return Phrase(first.kind, first.text + tail, first.bare + tail, first.hard or second.hard)


def _bounded(tokens: list[str]) -> list[str]:
    stop = next(
        (k for k, t in enumerate(tokens) if k and t.lower() in ("and", "but", "while", "because", "so")), len(tokens)
    )
    return tokens[: min(stop, _MAX_PHRASE_WORDS)]


def _is_action(tokens: list[str], i: int, store: Lexicon) -> bool:
    word = tokens[i].lower()
    is_ing = word.endswith("ing") and len(word) > 4 and word not in store.words["ing_noun"] | store.words["about"]
    follows_article = i and tokens[i - 1].lower() in (*_ARTICLES, *_POSSESSIVES)
    return is_ing and not follows_article and word not in ("feeling", "sounding", "singing" if len(tokens) == 1 else "")


def _action_length(tokens: list[str], i: int, store: Lexicon) -> int:
    """`dancing in the rain`: up to a joining word, or a second action after `and`."""
    length = 1
    while i + length < len(tokens) and length < _MAX_PHRASE_WORDS:
        word = tokens[i + length].lower()
        if word in ("and", "or", "but", "while", "when", "who", "that", "which", "because", "with", "after", "before"):
            break
        length += 1
    while length > 1 and tokens[i + length - 1].lower() in store.words["preposition"] | store.words["function"]:
        length -= 1
    return length


def _noun_length(tokens: list[str], i: int, store: Lexicon) -> int:
    """How many tokens from i are one noun phrase (article, adjectives, nouns)."""
    stop = store.words["preposition"] | store.words["function"]
    openers = {*_ARTICLES, *_POSSESSIVES, "his", "her", "their", "this", "that", "these", "those"}
    length = 1 if tokens[i].lower() in openers and i + 1 < len(tokens) else 0
    start = length
    while i + length < len(tokens) and length < _MAX_PHRASE_WORDS:
        word = tokens[i + length].lower()
        is_verb = word in store.words["verb"] and not (word in store.words["mass"] or length == start == 1)
        if word in stop or (
            is_verb and word not in ("love", "dream", "dreams", "hope", "work", "dance", "call", "lost")
        ):
            break
        if length > start and word.endswith("ing") and word not in store.words["ing_noun"]:
            break
        length += 1
    return length if length > start else 0


def _noun_phrase(tokens: list[str], i: int, length: int, store: Lexicon) -> Phrase | None:
    words = tokens[i : i + length]
    article = words[0].lower() if words[0].lower() in (*_ARTICLES, *_POSSESSIVES, "his", "her", "their") else ""
    body = words[1:] if article or words[0].lower() in ("this", "that", "these", "those") else words
    body = _without_instruction(body, store)
    if not body:
        return None
    head = body[-1].lower()
    body = [w if w[0].isupper() and (i or k) and not w.isupper() else w.lower() if not w[0].isupper() else w
            for k, w in enumerate(body)]  # fmt: skip
    if (
        i == 0
        and not article
        and body[0][0].isupper()
        and body[0].lower() in store.words["mass"] | store.words["adjective"]
    ):
        body[0] = body[0].lower()
    bare = " ".join(body)
    article = {"his": "the", "her": "the", "their": "the"}.get(article, article)
    if article in ("a", "an"):
        article = "an" if bare[0].lower() in "aeiou" else "a"
    if all(w.lower() in store.words["adjective"] | store.words["bright"] | store.words["dark"] for w in body):
        return None if len(body) > 1 or i or head in _NO_FEELING else Phrase("adj", bare, bare)
    is_person = head in store.words["person"] or (_AGENT.search(head) and article in ("a", "an"))
    text = f"{article} {bare}".strip() if article else bare if _needs_no_article(body, store) else f"the {bare}"
    kind: PhraseKind = "person" if is_person and article in ("a", "an") else "np"
    return Phrase(kind, text, f"{article} {bare}" if article in _POSSESSIVES else bare, head in store.words["hard"])


def _needs_no_article(body: list[str], store: Lexicon) -> bool:
    head = body[-1].lower()
    is_plural = head.endswith("s") and not head.endswith(("ss", "us", "is"))
    is_name = body[-1][0].isupper()
    return (
        is_plural
        or is_name
        or head in store.words["mass"]
        or head.endswith(("ness", "tion", "ship", "hood", "ism", "ity"))
    )


def _without_instruction(body: list[str], store: Lexicon) -> list[str]:
    """Trailing and leading instruction words go; a mood word before a noun goes too."""
    drop = store.words["instruction"] - (_PLAIN_SIZES if len(body) > 1 else frozenset())
    while body and body[-1].lower() in drop:
        body = body[:-1]
    while body and (body[0].lower() in drop or body[0].lower() in store.words["bright"] - {"warm", "sweet", "sunny"}):
        body = body[1:]
    return body


def _weighty(text: str, store: Lexicon) -> list[str]:
    skip = store.words["function"] | store.words["preposition"]
    return [w for w in re.findall(r"[^\W_][\w'-]*", text.lower()) if w not in skip and len(w) > 1]


# ------------------------------------------------------------------------------------------------ mood and theme


def _valence(text: str, mood: str, store: Lexicon) -> str:
    words = re.findall(r"[\w'-]+", text.lower())
    score = sum(w in store.words["bright"] for w in words) - sum(w in store.words["dark"] for w in words)
    if score == 0:
        score = {"bright": 1, "dark": -1}.get(mood, 0)
    return "+" if score > 0 else "-" if score < 0 else "0"


def _themes(core: str, text: str, valence: str, store: Lexicon) -> tuple[Theme, ...]:
    """Up to two themes by their key words; the core counts more than the rest."""
    scores: dict[str, float] = {}
    for weight, part in ((3.0, core), (1.0, text)):
        for position, word in enumerate(re.findall(r"[^\W_][\w'-]*", part.lower())):
            if weight == 1.0 and word in store.words["instruction"]:
                continue
            for name, theme in store.themes.items():
                if word in theme.keys or (len(word) > 4 and stem(word) in _stems(theme)):
                    scores[name] = scores.get(name, 0.0) + weight / (1 + 0.08 * position)
    if valence == "-" and "love" in scores:
        scores["heartbreak"] = scores.pop("love") + scores.get("heartbreak", 0.0)
    ranked = sorted(scores, key=lambda name: -scores[name])[:2]
    if ranked:
        return tuple(store.themes[name] for name in ranked)
    return (store.themes[_DEFAULT_THEME],)


_STEMS: dict[str, frozenset[str]] = {}


def _stems(theme: Theme) -> frozenset[str]:
    if theme.name not in _STEMS:
        _STEMS[theme.name] = frozenset(stem(k) for k in theme.keys if len(k) > 4)
    return _STEMS[theme.name]
