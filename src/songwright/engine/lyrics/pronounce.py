"""Written words -> Words with syllables, in the language of the song.

Conventions
    A `Speaker` is made once per song: it asks espeak-ng for all unknown words in one go. Tokens are divided at white
    space; Chinese and Japanese are divided into their own words. A token that nobody can say is joined to the word
    before it. At most `MAX_WORD_SYLLABLES` of one word are sung.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from songwright.engine.lyrics.chinese import chinese_syllables
from songwright.engine.lyrics.dictionary import Dictionary, english_dictionary
from songwright.engine.lyrics.english import FUNCTION_WORDS, known_phonemes
from songwright.engine.lyrics.espeak import ipa_of, is_installed
from songwright.engine.lyrics.japanese import japanese_words
from songwright.engine.lyrics.language import script_language
from songwright.engine.lyrics.letters import sound_out
from songwright.engine.lyrics.romance import romance_phonemes, romanise
from songwright.engine.lyrics.spoken import spoken
from songwright.engine.lyrics.syllabify import VOWELS, syllabify
from songwright.engine.material import Assets, Syllable, Word

MAX_WORD_SYLLABLES = 24
_MAX_LETTERS = 60  #: of one spoken word that is read; the rest of a longer one could never be sung
_VOICES = {
    "es": "es", "fr": "fr-fr", "pt": "pt-br", "it": "it", "de": "de", "nl": "nl", "ru": "ru", "ko": "ko", "hi": "hi",
    "ar": "ar", "he": "he", "el": "el", "bn": "bn", "ta": "ta", "ka": "ka", "hy": "hy", "th": "th",
}  # fmt: skip
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_RULED = ("es", "it", "pt")
_ALPHABET = VOWELS | frozenset("bcdfhjklmnpqrstvwxzɕçɖðʤɟɡɥɰŋɳɲɴɸθɹɾɻʁɽʂʃʈʧʋɣχʎʒʔʣʥʦʨꭧβʝˈˌː̃ʰʲ→↗↘↓TS")
_NEAREST = str.maketrans(
    {"ʏ": "y", "ʉ": "u", "ħ": "h", "ʀ": "ʁ", "ʑ": "ʒ", "ʐ": "ʒ", "ɱ": "m", "ɘ": "ə", "ɵ": "ø", "ɭ": "l", "ɬ": "l",
     "ɦ": "h", "ʌ": "ʌ", "ɫ": "l", "ʈ": "t", "ɖ": "d", "ɝ": "ɜ"}
)  # fmt: skip
_UNSTRESSED = frozenset(
    "el la los las de que y en un una mi tu se te me lo le su con por para del al a o e os as um uma do da no na em il "  # noqa: SIM905
    "i gli che di non per si ti ci le les des je il un une dans ne et ma mon ta ton sa son du au der die das und ich "
    "du ein eine in mit zu".split()
)
_EAST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々〆ー0-9]")
_EAST_RUNS = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff々〆ー0-9]+|[A-Za-zÀ-ÿ'’]+|[^\u3040-\u30ff\u3400-\u9fff々〆ー0-9A-Za-zÀ-ÿ'’]+"
)
_DASHES = re.compile(r"(?<=[^\W_])(?:—|–|--|\.{3,}|…)+(?=[^\W_])")


@dataclass(frozen=True)
class Speaker:
    """Says words of one song: its language, the dictionary, and the phonemes asked for beforehand."""

    language: str
    dictionary: Dictionary
    asked: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def words(self, text: str) -> tuple[Word, ...]:
        """All words of a line; empty when nothing in it can be said."""
        out: list[Word] = []
        waiting = ""
        shouted = text.isupper() and len(text.split()) > 1
        previous = ""
        for token in tokens_of(text):
            said = self._token(token, previous, shouted)
            if not said:
                # Punctuation alone belongs to its neighbour, so that nothing written is lost.
                if out:
                    out[-1] = replace(out[-1], text=f"{out[-1].text} {token}")
                else:
                    waiting = f"{waiting} {token}".strip()
                continue
            if waiting:
                said[0] = replace(said[0], text=f"{waiting} {said[0].text}")
                waiting = ""
            out += said
            previous = re.sub(r"[^\w']", "", token.lower().replace("’", "'"))
        return tuple(_before_vowels(out)) if self.language == "en" else tuple(out)

    def _token(self, token: str, previous: str, shouted: bool) -> list[Word]:
        """One written token -> its Words: one for an alphabet, several for Chinese and Japanese."""
        languages = {s for s in map(script_language, token) if s}
        if languages & {"zh", "ja"}:
            of_token = "ja" if self.language == "ja" or "ja" in languages else "zh"
            east = _east_asian(token, of_token, lambda run: self._english(run, previous, shouted=False))
            if east is not None:
                return east
        if languages:
            syllables = self._foreign(token, next(iter(sorted(languages))))
        elif self.language == "en" or self.language in ("zh", "ja"):
            syllables = self._english(token, previous, shouted)
        else:
            syllables = self._foreign(token, self.language)
        return [Word(token, syllables[:MAX_WORD_SYLLABLES])] if syllables else []

    def _english(self, token: str, previous: str, shouted: bool) -> tuple[Syllable, ...]:
        out: tuple[Syllable, ...] = ()
        # `St.` is a saint, but after a number a street.
        is_street = _ORDINAL.fullmatch(previous) and token.lower().strip(".,!?") == "st"
        for word in ["street"] if is_street else spoken(token):
            word = word[:_MAX_LETTERS]
            phonemes = known_phonemes(word, self.dictionary, previous, shouted=shouted)
            phonemes = phonemes or self.asked.get(("en", word)) or sound_out(_plain(word))
            syllables = _stressed(syllabify(_singable(phonemes), word.strip("'")), word)
            previous = word.lower()
            out += syllables
        return out

    def _foreign(self, token: str, language: str) -> tuple[Syllable, ...]:
        out: tuple[Syllable, ...] = ()
        for word in foreign_words(token):
            word = word[:_MAX_LETTERS]
            phonemes = self.asked.get((language, word)) or _by_rules(word, language)
            syllables = syllabify(_singable(_glided(phonemes, language)), word, english=language in ("de", "nl"))
            syllables = _joined_vowels(syllables) if language == "it" else syllables
            if len(syllables) == 1:
                syllables = (replace(syllables[0], stress=0 if word.lower() in _UNSTRESSED else 2),)
            out += syllables
        return out


def make_speaker(assets: Assets, language: str, texts: Iterable[str]) -> Speaker:
    """A speaker who has looked up every word of `texts` that the dictionary does not know."""
    dictionary = english_dictionary(assets)
    wanted: dict[str, list[str]] = {}
    for token in (t for text in texts for t in tokens_of(text)):
        scripts = {s for s in map(script_language, token) if s}
        of_token = next(iter(sorted(scripts)), "en" if language in ("zh", "ja") else language)
        if of_token in ("zh", "ja"):
            continue
        for word in spoken(token) if of_token == "en" else foreign_words(token):
            word = word[:_MAX_LETTERS]
            if of_token != "en" or known_phonemes(word, dictionary) is None:
                wanted.setdefault(of_token, []).append(word)
    asked: dict[tuple[str, str], str] = {}
    for of_words, words in wanted.items():
        unique = tuple(dict.fromkeys(words))
        answers = ipa_of(unique, _VOICES.get(of_words, "en-us"))
        asked |= {(of_words, w): a for w, a in zip(unique, answers or (), strict=False) if a}
    return Speaker(language, dictionary, asked)


def pronunciation_notes(speaker: Speaker) -> tuple[str, ...]:
    """What a listener should know about how this language was read."""
    language = speaker.language
    if language == "en":
        return (
            ()
            if speaker.dictionary.is_present
            else ("The pronouncing dictionaries are missing; spelling rules were used.",)
        )
    if language in ("zh", "ja") or language in _RULED:
        return ()
    if language == "hi" and is_installed():
        return ("Hindi is sung, but less clearly than the other languages; a third of its sounds may be misheard.",)
    if language in ("fr", "de") and is_installed():
        return ()
    return ("There is no singer for this language; the words are sung as near as the sounds allow.",)


def tokens_of(text: str) -> list[str]:
    """Written words: divided at white space, and at a dash or dots between letters."""
    return [t for t in _DASHES.sub(lambda m: m[0] + " ", text.replace("\x00", " ")).split() if t]


def foreign_words(token: str) -> list[str]:
    """Runs of letters (with combining marks and apostrophes) or digits in a token."""
    return [
        w.strip("'’")
        for w in re.findall(
            r"(?:[^\W\d_]|[\u0300-\u036f\u0900-\u0d7f])[^\W\d_\s]*(?:[\u0900-\u0d7f'’]+[^\W\d_]*)*|\d{1,15}", token
        )
    ]


def _plain(word: str) -> str:
    return re.sub(r"[^a-z]", "", romanise(word.lower())) or "a"


def _singable(phonemes: str) -> str:
    """Only symbols the singing model knows."""
    return "".join(c for c in phonemes.translate(_NEAREST) if c in _ALPHABET)


def _stressed(syllables: tuple[Syllable, ...], word: str) -> tuple[Syllable, ...]:
    """Function words carry no stress; any other word of one syllable carries it."""
    if len(syllables) == 1:
        return (replace(syllables[0], stress=0 if word.lower() in FUNCTION_WORDS else 2),)
    if syllables and max(s.stress for s in syllables) < 2:
        strongest = max(range(len(syllables)), key=lambda i: (syllables[i].stress, -i))
        return tuple(replace(s, stress=2) if i == strongest else s for i, s in enumerate(syllables))
    return syllables


def _before_vowels(words: list[Word]) -> list[Word]:
    """`the` before a vowel is said with an i."""
    for i, (word, after) in enumerate(itertools.pairwise(words)):
        if word.syllables[-1].onset == "ð" and word.syllables[-1].nucleus == "ə" and not after.syllables[0].onset:
            words[i] = replace(word, syllables=(*word.syllables[:-1], replace(word.syllables[-1], nucleus="i")))
    return words


def _by_rules(word: str, language: str) -> str:
    if language in _RULED:
        return romance_phonemes(word, language)
    if word.isdigit():
        return sound_out("a" * min(len(word), 4))
    return romance_phonemes(romanise(word), "es")


def _glided(phonemes: str, language: str) -> str:
    """In Romance languages an unstressed i or u beside a vowel has no syllable of its own."""
    if language not in ("it", "es", "pt", "fr"):
        return phonemes
    phonemes = re.sub(r"(?<![ˈˌ])[iɪ](?=[ˈˌ]?[aeɛoɔu])", "j", phonemes)
    phonemes = re.sub(r"(?<![ˈˌ])[uʊ](?=[ˈˌ]?[aeɛioɔ])", "w", phonemes)
    phonemes = re.sub(r"(?<=[aeɛoɔ])[iɪ]", "j", phonemes)
    return re.sub(r"(?<=[aeɛoɔ])[uʊ]", "w", phonemes)


def _joined_vowels(syllables: tuple[Syllable, ...]) -> tuple[Syllable, ...]:
    """Italian `mio`, `tua`, `poesia`: a stressed i or u and the last vowel share one note."""
    if len(syllables) < 2:
        return syllables
    *head, first, last = syllables
    if first.nucleus[0] in "iu" and first.stress and not first.coda and not last.onset and last.nucleus[0] in "aeoɛɔ":
        joined = Syllable(first.text + last.text, first.onset, first.nucleus, last.nucleus + last.coda, first.stress)
        return (*head, joined)
    return syllables


def _east_asian(token: str, language: str, say_other: Callable[[str], tuple[Syllable, ...]]) -> list[Word] | None:
    """Chinese by character, Japanese by word, letters among them as English; signs stay with the word before."""
    words: list[Word] = []
    for run in _EAST_RUNS.findall(token):
        if not _EAST.match(run):
            words = _with_others(words, run, say_other)
            continue
        if language == "ja":
            read = japanese_words(run)
            if read is None:
                return None
            words += [Word(text, tuple(syllables)[:MAX_WORD_SYLLABLES]) for text, syllables in read if syllables]
        else:
            syllables = chinese_syllables(run)
            if syllables is None:
                return None
            words += [Word(s.text, (s,)) for s in syllables]
    return words


def _with_others(words: list[Word], run: str, say_other: Callable[[str], tuple[Syllable, ...]]) -> list[Word]:
    """`run` (letters or signs between Chinese or Japanese) as a word of its own, or part of the word before."""
    syllables = say_other(run) if run[0].isalpha() else ()
    if syllables:
        return [*words, Word(run, syllables)]
    if words:
        return [*words[:-1], replace(words[-1], text=words[-1].text + run)]
    return words
