"""The OpenAPI 3.1 document of the registry: what its routes say of themselves, in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Protocol

from overreach.contactpoint.describing import (
    COUNT,
    FLAG,
    RECORD_NUMBER,
    TEXT,
    Described,
    Schema,
    answer,
    described,
    ref,
    shape,
)
from overreach.contactpoint.schemas import SCHEMAS

_IN_PATH = re.compile(r"{(\w+)}")
_PATH = {"number": RECORD_NUMBER}
"""Schemas of parameters of a path, by name; any other is text."""
_OPEN_PAGES = {
    "/health": described(
        "health", {200: answer("it answers", shape({"status": TEXT, "minting": FLAG}, optional=("minting",)))}
    ),
    "/openapi.json": described("openapi", {200: answer("this document", {"type": "object"})}),
}
_TOO_MANY: Schema = {
    **answer("too many requests", ref("Error")),
    "headers": {"retry-after": {"description": "seconds", "schema": COUNT}},
}
_NOT_MEDIATED = answer("on behalf of somebody, by a role that mediates nothing", ref("Error"))
_ON_BEHALF_OF: Schema = {
    "name": "X-On-Behalf-Of",
    "in": "header",
    "description": "a mediation of this session: the answer is what caller and mediator may both read",
    "schema": TEXT,
}


class Served(Protocol):
    """What a route says of itself."""

    @property
    def method(self) -> str:
        """The method of the request."""

    @property
    def path(self) -> str:
        """Its path, parameters in braces."""

    @property
    def signed_in(self) -> bool:
        """Whether it needs a session."""

    @property
    def reads(self) -> bool:
        """Whether the throttle counts it."""

    @property
    def mediated(self) -> bool:
        """Whether it may be asked on behalf of a caller."""

    @property
    def described(self) -> Described | None:
        """Its description; None keeps it out of the document."""


def document(routes: Iterable[Served]) -> Schema:
    """The whole document."""
    paths: Schema = {path: {"get": _operation(path, page, open_page=True)} for path, page in _OPEN_PAGES.items()}
    for route in routes:
        if route.described is not None:
            operation = _operation(route.path, route.described, open_page=not route.signed_in)
            if route.reads:
                operation["responses"]["429"] = _TOO_MANY
            if route.mediated:
                operation.setdefault("parameters", []).append(_ON_BEHALF_OF)
                operation["responses"].setdefault("403", _NOT_MEDIATED)
            paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ContactPoint reference registry",
            "version": "1",
            "description": "Synthetic records only. Every request of a signed-in user is logged.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}, "schemas": SCHEMAS},
    }


def _operation(path: str, page: Described, *, open_page: bool) -> Schema:
    names = _IN_PATH.findall(path)
    in_path = [{"name": name, "in": "path", "required": True, "schema": _PATH.get(name, TEXT)} for name in names]
    operation: Schema = {"operationId": page.name, "responses": _responses(page.answers)}
    if in_path or page.parameters:
        operation["parameters"] = [*in_path, *page.parameters]
    if page.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": page.body}}}
    if open_page:
        operation["security"] = []
    return operation


def _responses(answers: Mapping[int, Schema]) -> Schema:
    return {str(status): answers[status] for status in sorted(answers)}
