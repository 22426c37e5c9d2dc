"""Names that break parsers, and names as a careless feed would spell them.

What stands here can be held by a column of text anywhere: valid UTF-8, never blank, at most 1,000 signs, no NUL
(PostgreSQL stores none). Signs that cannot be told apart in an editor are written as escapes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from overreach.population.sampling import Draws


@dataclass(frozen=True, slots=True)
class Hostile:
    """A name that something somewhere does not expect."""

    text: str
    why: str
    """What could go wrong with it."""


def _all(why: str, *texts: str) -> tuple[Hostile, ...]:
    return tuple(Hostile(text, why) for text in texts)


LATIN: tuple[Hostile, ...] = (
    *_all("an apostrophe ends a quoted text", "D'Ath", "O'Brien-Ní", "N'Diaye"),
    *_all("an apostrophe that is not the ASCII one", "O\u2019Neill", "O\u02bcHara"),
    *_all("taken for a missing value", "Null", "None", "Nan", "Nil", "Na"),
    *_all("taken for a truth value", "True", "False", "No", "Yes"),
    *_all("taken for a test record or a missing name", "Test", "Unknown", "Baby", "Blank"),
    *_all("taken for a date", "March", "May", "Jan"),
    *_all("shorter than a form thinks possible", "Ng", "Ó", "X"),
    *_all("spaces and small letters within a family name", "van der Berg", "de la Cruz", "le Roux"),
    *_all("capitals within a word", "MacDonald", "McIntyre", "DeVries"),
    *_all("two words where one is expected", "Mary Ann", "St. John"),
    *_all("accents that a search may drop or not", "Müller", "Lê", "Núñez", "Zoë", "Chloé"),
    *_all("a letter that no accent-stripping reaches", "Łukasz", "Søren", "Æthelred", "Đặng"),
    *_all("longer in capitals", "Weiß"),
    *_all("damaged by an earlier feed", "MÃ¼ller", "M?ller", "O&#39;Brien"),
    *_all("longer than a form leaves room for", "Wolfeschlegelsteinhausenbergerdorff"),
)
"""Those in Latin script that a real register could hold."""

HOSTILE: tuple[Hostile, ...] = (
    *LATIN,
    *_all("written from right to left", "\u05db\u05d4\u05df", "\u0645\u062d\u0645\u062f", "\u0628\u0646\u062a Ann"),
    *_all("turns the reading direction of what follows", "\u202eEvans", "Ann\u202d\u202e", "\u2067Evans\u2069"),
    *_all("composed and decomposed: looks the same", "Ren\u00e9", "Rene\u0301", "\u00c5sa", "A\u030asa", "\u212bsa"),
    *_all("combining marks above and below the line", "Z\u0351\u036b\u0343o\u036a\u0302\u032be", "\u0301Ann"),
    *_all("changes its length in another case", "\u0130pek", "I\u015f\u0131k", "\u00df", "\ufb01nn"),
    *_all("letters of other scripts that look Latin", "Sm\u0456th", "\u0410nn", "\uff33mith"),
    *_all(
        "other scripts", "\u738b\u79c0\u82f1", "\u0e2a\u0e21\u0e0a\u0e32\u0e22", "\u092a\u094d\u0930\u093f\u092f\u093e"
    ),
    *_all("longer than a column of 255", "A" * 255, "Long " * 51 + "Name", "\u00e9" * 256),
    *_all("as long as a field may be", "B" * 1_000, "\U0001f9d2" * 1_000),
    *_all("markup", "<b>Ann</b>", "</td></tr>", "<!--", "]]>", "&lt;b&gt;", "&amp;"),
    *_all("runs in a browser", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)"),
    *_all("evaluated by a template or a format", "{{7*7}}", "${7*7}", "{0}", "%s%n", "%(name)s", "#{7*7}"),
    *_all("SQL", "Robert'); DROP TABLE children;--", "' OR '1'='1", "1; SELECT 1", "/* Ann */"),
    *_all("wildcards", "%", "_", "*", "Ann%", "[a-z]", ".*"),
    *_all("a formula in a spreadsheet", "=1+1", "@SUM(1+1)", "+1-1", "-2+3", "=cmd|' /C calc'!A0", "\uff1d1+1"),
    *_all("null-like in another language", "null", "NULL", "NaN", "undefined", "N/A", "#N/A", "\\N", "nil", "-", "''"),
    *_all("true or false", "true", "FALSE"),
    *_all("taken for a number", "0", "007", "1e5", "0x1F", "-0", "Infinity", "\u0661\u0662\u0663"),
    *_all("taken for a day", "2009-05-18", "1/2"),
    *_all("beyond the first plane", "\U0001f9d2", "Ann \U0001f469\u200d\U0001f467", "\U00020bb7\u91ce", "\U0001d49cnn"),
    *_all("signs without width", "An\u200bn", "\ufeffAnn", "An\u00adn", "Ann\u2060", "An\u200cn"),
    *_all("ends a line or a paragraph", "Ann\nLee", "Ann\r\nLee", "Ann\u2028Lee", "Ann\u2029Lee", "Ann\u0085Lee"),
    *_all("a tab", "Ann\tLee", "\tAnn"),
    *_all("controls a terminal", "\x1b[31mAnn", "Ann\x08\x08", "Ann\x07"),
    *_all("quotation marks", '"Ann"', '"', "'", "`Ann`", "\u201cAnn\u201d", "Ann 'Nan' Lee"),
    *_all("backslashes", "Ann\\", "\\", "C:\\new", "\\'"),
    *_all("JSON escapes", "\\u0041nn", '\\"', "\\ud83d", '{"name": "Ann"}', "[]"),
    *_all("percent encoding", "%27", "%2e%2e", "Ann%0d%0aX: y", "100%", "Ann+Lee"),
    *_all("separators of fields", "Lee, Ann", '"Lee, ""Ann"""', "Ann;Lee", "Ann|Lee", "Ann\x1fLee"),
    *_all("spaces that a feed trims", " Ann", "Ann ", "Ann  Lee", "Ann\u00a0Lee", "\u3000Ann"),
    *_all("a path or a command", "../../etc/passwd", "$(id)", "; ls", "&& id", "CON", "~"),
    *_all("a query of another kind", "*)(uid=*", "' or count(/*)=1 or '", '{"$ne": 1}'),
    *_all("signs that mean something else was lost", "M\ufffdller", "\ufffe", "\ue000"),
)
"""All of them, each text once.

A carer is searched for by both names as one text: with one of the longest, that text is longer than a field may be.
"""


def variant(name: str, draws: Draws) -> str:
    """The name with one slip of a feed: letters swapped or doubled, accents or a hyphen lost, Mc for Mac.

    Never blank, and never equal to the name: not in another case, trimmed, or with its accents composed otherwise.
    ValueError for a blank name.
    """
    if not name.strip():
        message = "a blank name has no variant"
        raise ValueError(message)
    slips = [[text for text in slip(name) if _plain(text) not in {"", _plain(name)}] for slip in _SLIPS]
    # Doubling a sign that shows always makes another name: at least one kind is left.
    possible = [texts for texts in slips if texts]
    texts = possible[int(draws.below(len(possible), 1)[0])]
    return texts[int(draws.below(len(texts), 1)[0])]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip().casefold())


def _swapped(name: str) -> list[str]:
    """Two small letters within the name the other way round."""
    pairs = (place for place in range(1, len(name) - 1) if name[place].islower() and name[place + 1].islower())
    return [f"{name[:place]}{name[place + 1]}{name[place]}{name[place + 2 :]}" for place in pairs]


def _doubled(name: str) -> list[str]:
    """A letter twice; any sign that shows where there is no letter."""
    letters = [place for place, sign in enumerate(name) if sign.isalpha()]
    places = letters or [place for place, sign in enumerate(name) if not sign.isspace()]
    return [f"{name[: place + 1]}{name[place].lower()}{name[place + 1 :]}" for place in places]


def _unaccented(name: str) -> list[str]:
    """Accents left out."""
    apart = unicodedata.normalize("NFD", name)
    return [unicodedata.normalize("NFC", "".join(sign for sign in apart if not unicodedata.combining(sign)))]


def _unhyphened(name: str) -> list[str]:
    """A hyphen left out, or a space for it."""
    return [name.replace("-", " "), name.replace("-", "")]


def _prefixed(name: str) -> list[str]:
    """Mc for Mac, or the other way round."""
    return [re.sub(r"\bMac(?=\w{3})", "Mc", name), re.sub(r"\bMc(?=\w)", "Mac", name)]


_SLIPS: tuple[Callable[[str], list[str]], ...] = (_swapped, _doubled, _unaccented, _unhyphened, _prefixed)
