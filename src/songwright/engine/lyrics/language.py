"""Which language a text is in: by script, then by the small words of each language.

Conventions
    Languages are ISO 639-1. A Latin text without any known small word counts as English. Own lists, own counting.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

#: Scripts as the Unicode character names begin, and the language each stands for here.
_SCRIPTS = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh", "HANGUL": "ko", "CYRILLIC": "ru", "GREEK": "el", "ARABIC": "ar",
    "HEBREW": "he", "DEVANAGARI": "hi", "BENGALI": "bn", "THAI": "th", "TAMIL": "ta", "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}  # fmt: skip
_SMALL_WORDS = {
    "en": "the and you i to of in my is it that on me we for with your be this are all can't don't not so when "
    "what was "
    "have but just like know i'm no from up now she he they our by love will if out down there a at",
    "es": "el la de que y en los las un una mi tu es no por con para se te me lo su como más pero sin cuando quiero "
    "corazón noche eres amor vida todo yo si al del está ya muy soy hasta",
    "fr": "le la les de des et je tu est un une dans que pas mon ma ne en qui sur pour avec toi moi ton ta nous "
    "vous il "
    "elle c'est j'ai au du plus comme mais sans ce cœur nuit l'amour jamais quand tout",
    "pt": "o a os as de que e em um uma meu minha você não com por para se eu te me do da no na é mais mas sem quando "
    "coração noite amor vida tudo vou está seu sua pra já nós são até",
    "it": "il lo la i gli le di che e in un una mio mia tu è non per con si ti mi del della nel sono più ma "
    "senza quando "
    "cuore notte amore vita tutto io se come questo sei ho mare sopra anche",
    "de": "der die das und ich du ist ein eine in mein meine nicht mit für auf den dem zu wir es so wie aber ohne wenn "
    "herz nacht liebe leben alles sich mich dich noch nur von hier sind war",
    "nl": "de het een en ik je is in mijn niet met voor op van dat wij er maar zonder als hart nacht liefde "
    "leven alles "
    "ook nog naar hier zijn was jij",
}  # fmt: skip
_COUNTED_UP_TO = 4  #: times one word counts
_LEAST = 0.5  #: the score of one small word: too little to tell a language by
_ADDRESS = re.compile(r"\S+(?:://|@)\S+|\bwww\.\S+|\b[\w-]+\.(?:com|org|net)\S*")
_LISTS = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
_LETTERS = {"es": "ñ¿¡", "fr": "œêàèç", "pt": "ãõçê", "it": "èìòù", "de": "ßäöü"}
NAMES = {
    "en": "English", "es": "Spanish", "fr": "French", "pt": "Portuguese", "it": "Italian", "de": "German",
    "nl": "Dutch", "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ru": "Russian", "el": "Greek", "ar": "Arabic",
    "he": "Hebrew", "hi": "Hindi", "bn": "Bengali", "th": "Thai", "ta": "Tamil", "ka": "Georgian", "hy": "Armenian",
}  # fmt: skip


def script_language(char: str) -> str | None:
    """The language a letter's script stands for; "" for Latin; None when it is no letter."""
    if char.isascii():
        return "" if char.isalpha() else None
    if not char.isalpha():
        return None
    name = unicodedata.name(char, "")
    return next((language for script, language in _SCRIPTS.items() if name.startswith(script)), "")


def detect_language(text: str) -> str:
    """The language most of the text is in."""
    scripts = Counter(s for s in map(script_language, text[:5000]) if s is not None)
    latin = scripts.pop("", 0)
    if not scripts or latin > 2 * sum(scripts.values()):
        return _latin_language(text)
    # Japanese mixes kana with Chinese characters; Chinese has no kana.
    if scripts["ja"] and scripts["ja"] + scripts["zh"] >= max(scripts.values()):
        return "ja"
    return scripts.most_common(1)[0][0]


def _score(words: Counter[str], known: frozenset[str]) -> float:
    found = [min(n, _COUNTED_UP_TO) for word, n in words.items() if word in known]
    return float(sum(found)) if len(found) > 1 else 0.5 * len(found)


def _latin_language(text: str) -> str:
    text = _ADDRESS.sub(" ", text[:5000])
    words = Counter(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower().replace("’", "'")))
    # However often, `la la la` is one word; a single small word proves no language.
    scores = {language: _score(words, known) for language, known in _LISTS.items()}
    for language, letters in _LETTERS.items():
        scores[language] += 0.6 * sum(text.lower().count(c) for c in letters)
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] > max(scores["en"], _LEAST) else "en"
