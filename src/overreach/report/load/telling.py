"""A load in one sentence, in numbers."""

from __future__ import annotations

from overreach.model.terms import Verdict
from overreach.model.underload import Ledger, UnderLoad
from overreach.report.wording import number, people, users


def answer(load: UnderLoad) -> str:
    """What the users were told that they should not have been, whether the log knows of all, and what was found."""
    found = f"; {people(len(load.findings), 'finding', 'findings')}" if load.findings else ""
    return f"{_judged(load)}; {_booked(load.log)}{found}"


def _judged(load: UnderLoad) -> str:
    found, unproven = load.count(Verdict.OVERREACH), load.count(Verdict.UNPROVEN)
    answers = people(load.requests, "answer", "answers")
    if found:
        told = f"{number(found)} of {answers} to {users(load.users)} at once gave what the policy denies"
    elif load.requests:
        told = f"{users(load.users)} at once had {answers}, none of them with what the policy denies"
    else:
        told = f"{users(load.users)} at once had no answer: nothing is proven"
    return f"{told}; {number(unproven)} unproven" if unproven else told


def _booked(log: Ledger | None) -> str:
    if log is None:
        return "the log was not compared"
    wrong = log.missing + log.extra + log.wrong_user + log.incomplete + log.repeated
    unproven = f"{number(log.unproven)} rows or answers that only a lost process could explain"
    if log.unproven and not wrong:
        return f"in the log nothing is known to be wrong, but there are {unproven}"
    if not wrong:
        return f"the log has a row for each of {people(log.requests, 'request', 'requests')}"
    told = ((log.missing, "rows missing"), (log.extra, "extra"), (log.wrong_user, "booked to somebody else"))
    more = ((log.incomplete, "incomplete"), (log.repeated, "repeated"))
    words = [f"{number(count)} {what}" for count, what in (*told, *more) if count]
    return f"in the log {', '.join([*words, unproven] if log.unproven else words)}"
