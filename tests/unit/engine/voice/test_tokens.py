from songwright.engine.material import Syllable, Word
from songwright.engine.voice.tokens import token_rows

VOCABULARY = {c: i for i, c in enumerate(". ˈˌəɪɹvsæŋðɡ", start=1)}
BACK = {i: c for c, i in VOCABULARY.items()} | {0: "$"}


def spelled(*words: Word, limit: int = 510) -> list[str]:
    return ["".join(BACK[i] for i in row.ids) for row in token_rows(words, VOCABULARY, limit=limit)]


def test_every_vowel_stands_behind_a_stress_mark():
    river = Word("river", (Syllable("ri", "ɹ", "ɪ", "", 2), Syllable("ver", "v", "ə", "ɹ", 0)))
    the = Word("the", (Syllable("the", "ð", "ə", "", 0),))
    assert spelled(the, river) == ["$ðˌə ɹˈɪvˌəɹ.$"]


def test_sounds_outside_the_vocabulary_are_dropped_and_a_lost_vowel_becomes_schwa():
    assert spelled(Word("x", (Syllable("x", "ʘs", "☃", "ŋ?", 1),))) == ["$sˌəŋ.$"]


def test_latin_g_is_read_as_ipa_g():
    assert spelled(Word("go", (Syllable("go", "g", "ə", "", 2),))) == ["$ɡˈə.$"]


def test_a_long_line_is_broken_into_rows_within_the_limit_and_no_syllable_is_lost():
    words = [Word("sang", (Syllable("sang", "s", "æ", "ŋ", 2),)) for _ in range(60)]
    rows = token_rows(words, VOCABULARY, limit=50)
    assert sum(len(row.syllables) for row in rows) == 60
    assert max(len(row.ids) for row in rows) <= 50 + 8


def test_spans_point_at_onset_mark_coda_and_end():
    (row,) = token_rows([Word("sang", (Syllable("sang", "s", "æ", "ŋ", 2),))], VOCABULARY, limit=510)
    (span,) = row.syllables
    marks = [BACK[row.ids[i]] for i in (span.onset, span.vowel, span.coda, span.end)]
    assert marks == ["s", "ˈ", "ŋ", "."]


def test_no_words_give_no_rows():
    assert token_rows([], VOCABULARY, limit=510) == ()
