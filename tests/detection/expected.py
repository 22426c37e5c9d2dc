"""Where each fault must show: the expectations of the detection matrix."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.model.terms import Part


@dataclass(frozen=True)
class Expected:
    """Where a fault must show."""

    part: Part
    """The part that finds it with all the others off."""
    key: str
    """How the key of one of its findings begins."""
    subject: str
    """A word of the facet, action or duty that the finding names."""
    searching: bool = False
    """Whether it shows in answers to searches, although the finding is not of a search."""
    meanwhile: str = ""
    """Name of the group it is found with, where it shows only while records change: such loads are larger."""
    found: bool = True
    """Whether the audit finds it yet; a fault that it does not find is a strict expected failure."""


SWEEP, LOAD, WIRE, OUTSIDE, SCAN = Part.SWEEP, Part.LOAD, Part.WIRE, Part.OUTSIDE, Part.SCAN
SCENARIOS = Part.SCENARIOS
EXPECTED = {
    "shield-ignored-in-postcode-search": Expected(SWEEP, "inference:POST /children/search", "whereabouts"),
    "shield-ignored-in-view": Expected(SWEEP, "access:POST /children/view:shielded", "whereabouts"),
    "area-not-checked": Expected(SWEEP, "access:POST /children/view:out_of_area", "identity"),
    "leaver-signs-in": Expected(SWEEP, "action:POST /sessions:sign_in", "sign_in"),
    "override-without-alert": Expected(SWEEP, "duty:POST /children/{number}/override:alert", "alert"),
    "former-name-searchable": Expected(SWEEP, "inference:POST /children/search", "former_names"),
    "count-includes-hidden": Expected(SWEEP, "inference:POST /children/search", "equal answer"),
    "forbidden-differs-from-absent": Expected(SWEEP, "inference:POST /children/view", "existence"),
    "empty-search-not-logged": Expected(SWEEP, "duty:POST /children/search:log", "log"),
    "cache-shared-between-users": Expected(SWEEP, "access:POST /children/view", "whereabouts"),
    "sessions-mixed-in-parallel": Expected(LOAD, "", ""),
    "whereabouts-in-header": Expected(WIRE, "wire:", "whereabouts"),
    "plaintext-backup": Expected(OUTSIDE, "access:outside:", "whereabouts"),
    "denied-not-logged": Expected(SWEEP, "duty:POST /children/view:log", "log"),
    "results-left-out-of-log": Expected(SWEEP, "duty:POST /children/view:log", "log"),
    "query-left-out-of-log": Expected(Part.SCENARIOS, "scenario:test_everything_is_in_the_log:duty", "log"),
    "logged-after-the-answer": Expected(Part.SCENARIOS, "scenario:test_everything_is_in_the_log:duty", "log"),
    "answers-though-not-logged": Expected(Part.SCENARIOS, "duty:", "log", found=False),
    "chain-not-continued": Expected(Part.OUTSIDE, "duty:", "log", found=False),
    "own-rows-deletable": Expected(Part.SCENARIOS, "action:DELETE /log", "log", found=False),
    "log-reading-not-logged": Expected(Part.SCENARIOS, "duty:GET /log:log", "log", found=False),
    "log-never-masked": Expected(Part.SCENARIOS, "access:GET /log", "identity", found=False),
    "log-of-every-area": Expected(Part.SCENARIOS, "access:GET /log", "read_log", found=False),
    "own-family-unnoticed": Expected(Part.SCENARIOS, "duty:POST /children/view:alert", "alert", found=False),
    "enumeration-unnoticed": Expected(Part.SCENARIOS, "duty:POST /children/view:alert", "alert", found=False),
    "dummy-reason-unnoticed": Expected(Part.SCENARIOS, "duty:", "alert", found=False),
    "unmasking-unnoticed": Expected(Part.SCENARIOS, "duty:GET /log:alert", "alert", found=False),
    "alert-answered-by-self": Expected(Part.SCENARIOS, "action:POST /alerts/", "answer", found=False),
    "alert-answered-by-manager": Expected(Part.SCENARIOS, "action:POST /alerts/", "answer", found=False),
    "unread-alerts-forgotten": Expected(Part.SCENARIOS, "duty:", "alert", found=False),
    "query-built-from-text": Expected(SCAN, "source:B608", "B608"),
    "sensitive-services-readable": Expected(SWEEP, "access:POST /children/view", "sensitive_services"),
    "sensitive-provider-shown": Expected(SWEEP, "access:POST /children/view", "sensitive_services", found=False),
    "sensitive-service-marked": Expected(SWEEP, "inference:POST /children/view", "sensitive_services", found=False),
    "sensitive-service-without-basis": Expected(
        SWEEP, "action:POST /children/{number}/services", "record_service", found=False
    ),
    "harm-ground-not-stored": Expected(SWEEP, "duty:POST /children/{number}/services", "basis", found=False),
    "withdrawn-service-comes-back": Expected(
        SWEEP, "action:POST /children/{number}/services", "record_service", found=False
    ),
    "sensitive-service-updates-record": Expected(
        SWEEP, "inference:POST /children/view", "sensitive_services", found=False
    ),
    "withdrawn-service-tells": Expected(
        SWEEP, "inference:POST /children/{number}/services", "sensitive_services", found=False
    ),
    "service-of-another-child-removed": Expected(
        SWEEP, "action:DELETE /children/{number}/services", "remove_service", found=False
    ),
    "service-removed-by-anybody": Expected(
        SWEEP, "action:DELETE /children/{number}/services", "remove_service", found=False
    ),
    "brokering-tells-sensitive-service": Expected(
        SWEEP, "inference:POST /children/{number}/brokering", "sensitive_services", found=False
    ),
    "brokering-names-area": Expected(SWEEP, "access:POST /children/{number}/brokering", "provenance", found=False),
    "brokering-for-every-area": Expected(SWEEP, "action:POST /brokering", "broker", found=False),
    "export-over-wide": Expected(SWEEP, "access:GET /exports", "whereabouts", found=False),
    "export-includes-shielded": Expected(SWEEP, "access:GET /exports", "whereabouts", found=False),
    "export-approved-by-asker": Expected(SWEEP, "action:POST /exports", "export", found=False),
    "export-approved-by-manager": Expected(SWEEP, "action:POST /exports", "export", found=False),
    "export-approved-by-one": Expected(SWEEP, "action:GET /exports", "export", found=False),
    "export-downloaded-by-others": Expected(SWEEP, "access:GET /exports", "identity", found=False),
    "export-downloaded-again": Expected(SWEEP, "action:GET /exports", "export", found=False),
    "export-of-other-areas": Expected(SWEEP, "access:GET /exports", "identity", found=False),
    "export-by-everybody": Expected(SWEEP, "action:POST /exports", "export", found=False),
    "export-not-counted": Expected(SWEEP, "duty:GET /exports", "log", found=False),
    "export-with-formulas": Expected(SWEEP, "wire:", "formula", found=False),
    # No operation of the pack keeps accounts or mediates yet; the embedded registry runs without the throttle.
    "vetting-never-lapses": Expected(SWEEP, "action:POST /sessions:sign_in", "sign_in"),
    "several-sessions-a-user": Expected(SCENARIOS, "scenario:test_a_second_session_ends_the_first", "session"),
    "one-time-code-replayed": Expected(SCENARIOS, "scenario:test_a_second_session_ends_the_first", "session"),
    "suspension-leaves-session": Expected(SCENARIOS, "scenario:", "session", found=False),
    "leaver-session-goes-on": Expected(SCENARIOS, "scenario:", "session", found=False),
    "role-kept-until-next-sign-in": Expected(SCENARIOS, "scenario:", "whereabouts", found=False),
    "employer-accreditation-ignored": Expected(SWEEP, "action:POST /sessions:sign_in", "sign_in", found=False),
    "lockout-counts-nothing": Expected(SCENARIOS, "scenario:", "sign_in", found=False),
    "self-promotion": Expected(SWEEP, "action:PUT /users/{username}/role", "administer", found=False),
    "sign-out-leaves-session": Expected(SCENARIOS, "scenario:", "session", found=False),
    "idle-session-lives-on": Expected(SCENARIOS, "scenario:", "session", found=False),
    "enumeration-not-throttled": Expected(SWEEP, "duty:POST /children/view", "throttle", found=False),
    "lone-officer-lifts": Expected(SCENARIOS, "scenario:test_one_officer_alone_cannot_lift_a_shield", "unshield"),
    "override-kept-for-ten-minutes": Expected(
        SCENARIOS, "scenario:test_an_override_opens_one_record_for_one_visit", "whereabouts"
    ),
    "override-opens-for-everybody": Expected(
        SCENARIOS, "scenario:test_an_override_opens_one_record_for_one_visit", "whereabouts"
    ),
    "earlier-version-served": Expected(
        SCENARIOS, "scenario:test_nothing_that_was_visible_remains_after_a_shield", "whereabouts"
    ),
    "lifting-frees-shared-carer": Expected(SCENARIOS, "scenario:test_a_second_officer_lifts_a_shield", "contacts"),
    # No shield of a population is old enough for its review to be missed, and time does not pass in an audit.
    "missed-review-lifts": Expected(SWEEP, "access:POST /children/view:shielded", "whereabouts"),
    # The audit looks for values that belong to one child; a date belongs to many.
    "last-update-betrays-shield": Expected(SWEEP, "access:POST /children/view:shielded", "provenance", found=False),
    # The pack has no operation yet that requests or decides shields, names threats, merges, splits or moves.
    "shield-waits-for-decision": Expected(SCENARIOS, "scenario:", "whereabouts", found=False),
    "threat-party-lifts": Expected(SCENARIOS, "scenario:", "unshield", found=False),
    "threat-party-overrides": Expected(SCENARIOS, "scenario:", "override", found=False),
    "merge-keeps-plain-survivor": Expected(SCENARIOS, "scenario:", "whereabouts", found=False),
    "merge-drops-contact-protection": Expected(SCENARIOS, "scenario:", "contacts", found=False),
    "old-number-unmasked": Expected(SCENARIOS, "scenario:", "whereabouts", found=False),
    "split-leaves-half-plain": Expected(SCENARIOS, "scenario:", "whereabouts", found=False),
    "move-drops-shield": Expected(SCENARIOS, "scenario:", "whereabouts", found=False),
    "old-area-keeps-rights": Expected(SCENARIOS, "scenario:", "whereabouts", found=False),
    "mediator-lends-own-rights": Expected(SCENARIOS, "scenario:", "whereabouts", found=False),
    "caller-not-authenticated": Expected(SCENARIOS, "scenario:", "mediate", found=False),
    "log-names-mediator-only": Expected(SCENARIOS, "scenario:", "log", found=False),
    "mediation-survives-suspension": Expected(SCENARIOS, "scenario:", "session", found=False),
    "school-finds-shielded": Expected(SWEEP, "inference:POST /children/search", "education"),
    "practice-finds-shielded": Expected(SWEEP, "inference:POST /children/search", "health"),
    "carer-finds-shielded": Expected(SWEEP, "inference:POST /children/search", "carers"),
    "second-facet-forgotten": Expected(SWEEP, "inference:POST /children/search", "whereabouts"),
    "telephone-finds-shielded": Expected(SWEEP, "inference:POST /children/search", "contacts"),
    "email-finds-shielded": Expected(SWEEP, "inference:POST /children/search", "contacts"),
    "sibling-found-by-protected-contact": Expected(SWEEP, "inference:POST /children/search", "contacts"),
    "postcode-prefix-finds-shielded": Expected(SWEEP, "inference:POST /children/search", "whereabouts", found=False),
    "postcode-without-space-finds-shielded": Expected(
        SWEEP, "inference:POST /children/search", "whereabouts", found=False
    ),
    "rows-carry-address": Expected(SWEEP, "access:POST /children/search:shielded", "whereabouts"),
    "rows-carry-authority": Expected(SWEEP, "access:POST /children/search", "provenance", found=False),
    "contact-team-named-under-shield": Expected(SCENARIOS, "", "provenance", found=False),
    "total-count-header": Expected(SWEEP, "inference:POST /children/search", "equal answer"),
    "single-match-redirects": Expected(SWEEP, "", "whereabouts", searching=True),
    "suggestions-over-hidden-values": Expected(SWEEP, "inference:POST /children/search", "equal answer"),
    "rows-sorted-by-postcode": Expected(SCENARIOS, "", "whereabouts", found=False),
    "shielded-rows-come-last": Expected(SCENARIOS, "", "protection", found=False),
    "hidden-rows-take-a-place": Expected(SWEEP, "inference:POST /children/search", "equal answer", found=False),
    "too-many-matches-counts-hidden": Expected(SWEEP, "inference:POST /children/search", "equal answer", found=False),
    "hidden-record-words-its-refusal": Expected(SWEEP, "inference:POST /children/view", "existence"),
    "wrong-birth-date-confirms-number": Expected(SCENARIOS, "scenario:", "existence"),
    "hidden-match-takes-longer": Expected(SWEEP, "inference:POST /children/search", "time", found=False),
    "etag-of-whole-record": Expected(SCENARIOS, "scenario:", "whereabouts"),
    "last-modified-of-hidden-part": Expected(SCENARIOS, "scenario:", "whereabouts"),
    "hidden-members-are-null": Expected(SWEEP, "", "protection", found=False),
    "answers-outlive-override": Expected(SWEEP, "access:POST /children/view:shielded", "protection"),
    "answers-may-be-stored": Expected(WIRE, "wire:answer-may-be-stored", "stored"),
    "number-never-given-opens": Expected(SCENARIOS, "scenario:", "existence"),
    "number-in-query-wins": Expected(SWEEP, "access:GET /children/{number}", "", found=False),
    "number-in-header-wins": Expected(SWEEP, "access:POST /children/view", "whereabouts", found=False),
    "number-in-body-overridden": Expected(SWEEP, "action:POST /children/{number}/override", "override", found=False),
    "list-of-numbers-checked-by-first": Expected(SWEEP, "access:POST /children/view", "whereabouts", found=False),
    "shield-kept-by-any-team": Expected(SWEEP, "action:POST /children/{number}/shield", "shield"),
    "reason-declared-for-another-session": Expected(SCENARIOS, "", "declare", found=False),
    "record-as-of-an-earlier-day": Expected(SWEEP, "access:GET /children/{number}", "whereabouts", found=False),
    "override-for-any-reason": Expected(SWEEP, "action:POST /children/{number}/override", "override", found=False),
    "override-claimed-in-view": Expected(SWEEP, "access:POST /children/view", "whereabouts", found=False),
    "method-override-skips-checks": Expected(
        SWEEP, "access:POST /children/{number}/reason", "whereabouts", found=False
    ),
    "role-taken-from-header": Expected(SWEEP, "access:", "whereabouts", found=False),
    "role-taken-at-activation": Expected(SWEEP, "action:", "", found=False),
    "session-never-expires": Expected(SWEEP, "action:", "", found=False),
    "sign-out-ends-nothing": Expected(SWEEP, "action:", "", found=False),
    "log-open-to-all": Expected(SWEEP, "action:GET /log", "read_log"),
    "alerts-open-to-all": Expected(SWEEP, "action:GET /alerts", "read_log"),
    "head-tells-existence": Expected(SWEEP, "inference:", "existence", found=False),
    "trailing-slash-skips-rules": Expected(SWEEP, "access:", "whereabouts", found=False),
    "raw-record-route": Expected(SWEEP, "access:", "whereabouts", found=False),
    "internal-route-without-sign-in": Expected(SWEEP, "access:", "whereabouts", found=False),
    "debug-adds-whole-record": Expected(SWEEP, "access:", "whereabouts", found=False),
    "record-buffer-shared-in-parallel": Expected(LOAD, "access:", "whereabouts"),
    "facets-of-last-request-in-parallel": Expected(LOAD, "access:", "whereabouts"),
    "search-page-mixed-in-parallel": Expected(LOAD, "", "existence"),
    "log-names-another-in-parallel": Expected(LOAD, "duty:", "log"),
    "log-row-dropped-in-parallel": Expected(LOAD, "duty:", "log"),
    "log-row-twice-in-parallel": Expected(LOAD, "duty:", "log"),
    "log-row-for-last-user-too": Expected(LOAD, "duty:GET /log:log", "log"),
    "first-answer-shared-in-parallel": Expected(LOAD, "access:", "existence"),
    # Faults of one group do not hide each other, and are told apart by their findings.
    "clicked-twice-lifts-shield-in-parallel": Expected(
        LOAD, "action:POST /children/{number}/unshield", "unshield", meanwhile="moves and clicks"
    ),
    "move-undone-by-reader-in-parallel": Expected(LOAD, "access:", "identity", meanwhile="moves and clicks"),
    "shield-undone-by-reader-in-parallel": Expected(LOAD, "access:", "whereabouts", meanwhile="shields"),
    "override-end-lost-in-parallel": Expected(LOAD, "access:", "protection", meanwhile="moves and clicks"),
    "merged-number-shows-other-in-parallel": Expected(LOAD, "access:", "", meanwhile="merges"),
    # Amendments: the pack has no operation that amends yet.
    "shield-assigned-by-amendment": Expected(SWEEP, "action:PATCH /children/{number}", "amend", found=False),
    "responsible-assigned-by-amendment": Expected(SWEEP, "action:PATCH /children/{number}", "amend", found=False),
    "archive-year-assigned-by-amendment": Expected(SWEEP, "action:PATCH /children/{number}", "amend", found=False),
    "case-notes-stored": Expected(SWEEP, "action:PATCH /children/{number}", "amend", found=False),
    "amended-record-answered-whole": Expected(SWEEP, "access:PATCH /children/{number}", "whereabouts", found=False),
    "amendment-out-of-area": Expected(SWEEP, "action:PATCH /children/{number}", "amend", found=False),
    "former-addresses-unmasked": Expected(SWEEP, "access:POST /children/view:shielded", "whereabouts"),
    "indicator-set-for-another": Expected(SWEEP, "action:PUT /children/{number}/indicators", "amend", found=False),
}
