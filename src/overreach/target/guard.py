"""The synthetic-only guard: stops a run at the first answer that could concern a real person.

What stops it:

- a postcode that Royal Mail could allocate: a postcode area in use, and an inward part without C, I, K, M, O and V
  (Programmers' Guide to the PAF file); the populations' own postcodes end in two of those six letters;
- an e-mail address at a domain that is not reserved (RFC 2606, RFC 6761);
- a British telephone number outside the ranges that Ofcom keeps for drama;
- a number of the form of an NHS number with a right check digit (NHS Data Dictionary), 999 test numbers apart;
- a record number that is neither the population's nor one of those that the run created.

A message never repeats the value. Numbers that are not quoted in JSON are positions, counts and times, never
NHS numbers, unless their key says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from overreach.model.canary import ALPHABET, LENGTH, LITERAL, TokenKind
from overreach.model.errors import SyntheticOnlyError
from overreach.model.probe import Answer

REMEDY = "point the audit at a system that holds nothing but a generated population; nothing of the answer was kept"

_AREAS = frozenset(
    b"AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK "
    b"FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN "
    b"NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW "
    b"UB W WA WC WD WF WN WR WS WV YO ZE".split()
)
_NEVER_ALLOCATED = frozenset(b"CIKMOV")
_ORDINALS = frozenset((b"st", b"nd", b"rd", b"th"))

#: Ofcom, "Telephone numbers for use in TV and radio drama programmes"; national digits without the last three or four.
DRAMA = (
    *("1134960", "1144960", "1154960", "1164960", "1174960", "1184960", "1214960", "1314960", "1414960"),
    *("1514960", "1614960", "1914980", "2079460", "2896496", "2920180", "1632960", "7700900", "8081570"),
    *("9098790", "3069990"),
)

# Every match starts with a digit, a plus, a bracket or an at sign: the engine skips the rest of an answer quickly.
_BEFORE = rb"(?<![A-Za-z0-9_+/.-])"  # not inside a word, a path, a decimal or an encoded run
_AFTER = rb"(?![A-Za-z0-9_+/=-]|\.[A-Za-z0-9])"
_SUSPECT = re.compile(
    rb"[+(]?[0-9](?:[0-9]{3}-[0-9]{2}-[0-9]{2}(?![0-9 ()-])|(?P<digits>[0-9() -]{7,}[0-9])|(?P<inward>[A-Za-z]{2})"
    + _AFTER
    + rb")"
    rb"|@(?P<domain>[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9.\x80-\xff-]*[A-Za-z0-9\x80-\xff])?)"
)
_OUTWARD = re.compile(_BEFORE + rb"([A-Za-z]{1,2})[0-9][0-9A-Za-z]? ?\Z")
_LOCAL_PART = re.compile(rb"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\x80-\xff-]\Z")
_RESERVED = re.compile(rb"(?:.*\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost)\.?", re.IGNORECASE)
_REAL_DOMAIN = re.compile(rb".+\.[A-Za-z\x80-\xff][A-Za-z0-9\x80-\xff-]+")
# At least three digits before the first gap, a code such as 020 or 07700: `01-02-2009 10` is a date.
_TELEPHONE = re.compile(
    _BEFORE
    + rb"(?:\+44[ -]?(?:\(0\)[ -]?)?|0044[ -]?|\(?0(?=[0-9]{2}))(?P<national>[1-357-9](?:[() -]{0,2}[0-9]){8,9})"
    rb"(?![0-9])" + _AFTER
)
_NHS_NUMBER = re.compile(_BEFORE + rb"(?:[0-9]{10}|[0-9]{3}([ -])[0-9]{3}\1[0-9]{4})" + _AFTER)
_NHS_KEY = re.compile(rb"(?:nhs|chi|health)[ _-]?(?:number|num|no|id)?[\"']?\s*[:=]\s*[\"']?\Z", re.IGNORECASE)
_NHS_TEST = b"999"
_DIGITS = 10  # of an NHS number; with gaps it is longer
_NHS_FIRST = b"3456789"  # of issued numbers; ten digits that start with 1 or 2 are times in seconds
_NOT_DIGITS = re.compile(rb"[^0-9]+")
_RECORD = re.compile(rf"{LITERAL}(?=({TokenKind.RECORD.value}[{ALPHABET}]{{{LENGTH - len(LITERAL) - 1}}}))".encode())
_NEEDLE = LITERAL.encode()


class Guard:
    """Refuses what could belong to a real person.

    `known` says whether a record number, in lower case, is in the population or was created by this run.
    """

    def __init__(self, known: Callable[[str], bool]) -> None:
        self._known = known

    def check(self, *seen: Answer | bytes | str, sent: str = "") -> None:
        """SyntheticOnlyError, without the value, at the first thing in `seen` that could be a real person's.

        Of an answer, headers and body are checked as they came. `sent` is what the request said itself: a number
        that was never issued may be asked for on purpose and come back.
        """
        for each in seen:
            for text, suspected in _texts(each):
                reason = suspected or self._stranger(text, sent)
                if reason:
                    message = f"an answer holds {reason}: the target does not hold synthetic people only"
                    raise SyntheticOnlyError(message, REMEDY)

    def _stranger(self, text: bytes, sent: str) -> str:
        lowered = text.lower()
        if _NEEDLE not in lowered:
            return ""
        for rest in _RECORD.findall(lowered):
            number = LITERAL + rest.decode()
            if not self._known(number) and number not in sent.lower():
                return "a record number of nobody in the population"
        return ""


def _texts(seen: Answer | bytes | str) -> Iterator[tuple[bytes, str]]:
    """The texts of what was seen, and what is suspicious in each."""
    if isinstance(seen, Answer):
        yield _in_headers(seen.headers)
        yield seen.body, suspicion(seen.body)
    else:
        text = seen.encode(errors="replace") if isinstance(seen, str) else seen
        yield text, suspicion(text)


def _in_headers(headers: tuple[tuple[str, str], ...]) -> tuple[bytes, str]:
    """The values of headers, and what is suspicious in them; nothing at all where each is known to be harmless."""
    for _, value in headers:
        if not _is_harmless(value):
            text = "\n".join([value for _, value in headers]).encode(errors="replace")
            return text, suspicion(text)
    return b"", ""


@lru_cache(maxsize=4096)
def _is_harmless(value: str) -> bool:
    """Whether nothing in a header's value can be part of anything that is looked for: most are always the same."""
    text = value.encode(errors="replace")
    return _SUSPECT.search(text) is None and _NEEDLE not in text.lower()


def suspicion(text: bytes) -> str:
    """What in a text could belong to a real person, in words; empty for nothing."""
    for match in _SUSPECT.finditer(text):
        kind = match.lastgroup
        if kind is None:  # a date
            continue
        if kind == "domain":
            found = _is_real_domain(match["domain"]) and _has_local_part(text, match.start())
            reason = "an e-mail address at a real domain"
        elif kind == "inward":
            found = _is_inward(match["inward"]) and _has_outward(text, match.start())
            reason = "a postcode that can be allocated"
        else:
            start = match.start()
            telephone, numbers = _in_digits(text[max(0, start - 1) : start], match[0])
            if telephone:
                return "a telephone number outside the ranges kept for drama"
            found = any(_is_nhs_number(text, start + first, start + last) for first, last in numbers)
            reason = "a valid NHS number"
        if found:
            return reason
    return ""


# The values of synthetic people are few: domains, letters and numbers that nobody has. Each is looked at once.


@lru_cache(maxsize=1024)
def _is_real_domain(domain: bytes) -> bool:
    return bool(_REAL_DOMAIN.fullmatch(domain) and not _RESERVED.fullmatch(domain))


def _has_local_part(text: bytes, end: int) -> bool:
    return _LOCAL_PART.search(text, max(0, end - 1), end) is not None


@lru_cache(maxsize=4096)
def _is_inward(letters: bytes) -> bool:
    return not _NEVER_ALLOCATED & set(letters.upper()) and letters not in _ORDINALS


def _has_outward(text: bytes, end: int) -> bool:
    outward = _OUTWARD.search(text, max(0, end - 6), end)
    return outward is not None and outward[1].upper() in _AREAS


@lru_cache(maxsize=4096)
def _in_digits(before: bytes, digits: bytes) -> tuple[bool, tuple[tuple[int, int], ...]]:
    """Whether a run of digits holds a telephone number that can be somebody's, and where in it NHS numbers stand.

    `before` is the letter before the run, if any.
    """
    text, start = before + digits, len(before)
    if any(_is_telephone(number) for number in _TELEPHONE.finditer(text, start)):
        return True, ()
    spans = [number.span() for number in _NHS_NUMBER.finditer(text, start) if _is_checked(number[0])]
    return False, tuple((first - start, last - start) for first, last in spans)


def _is_telephone(match: re.Match[bytes]) -> bool:
    return not _NOT_DIGITS.sub(b"", match["national"]).decode().startswith(DRAMA)


def _is_checked(number: bytes) -> bool:
    """Whether ten digits have the check digit of an NHS number, and are no test number."""
    digits = _NOT_DIGITS.sub(b"", number)
    weighed = sum(int(digit) * weight for digit, weight in zip(digits.decode(), range(10, 0, -1), strict=True))
    return not weighed % 11 and not digits.startswith(_NHS_TEST) and len(set(digits)) > 1


def _is_nhs_number(text: bytes, start: int, end: int) -> bool:
    """Whether ten digits with the right check digit are meant as an NHS number."""
    if end - start > _DIGITS or _NHS_KEY.search(text, max(0, start - 24), start):
        return True
    quoted = text[start - 1 : start] == b'"' == text[end : end + 1]
    return text[start] in _NHS_FIRST and (quoted or text.lstrip()[:1] not in (b"{", b"["))
