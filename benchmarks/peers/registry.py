"""The registry's reads without its protections: a peer of `benchmarks/registry.py`, as a process of its own.

    python benchmarks/peers/registry.py DATABASE records|bare

`records` answers a view from the registry's database by the registry's own port of records, to anybody; `bare` answers
that it is there. Both are starlette on granian, with the settings of the registry.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from overreach.contactpoint import process
from overreach.contactpoint.records import StoredRecords
from overreach.contactpoint.roles import ROLES
from overreach.contactpoint.storage import Storage

ROLE = "social_worker"


def main(database: str, kind: str) -> None:
    """Serve until told to stop."""
    process.die_with_parent()
    records, everything = StoredRecords(Storage(Path(database))), ROLES[ROLE].facets

    async def view(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        found = records.find(asked["number"], 0)
        if found is None or found.date_of_birth != asked["date_of_birth"]:
            return Response(status_code=404)
        return Response(orjson.dumps(records.read(found.child.child, everything)), media_type="application/json")

    async def nothing(_request: Request) -> Response:
        return JSONResponse({"status": "ready"})

    pages = [Route("/children/view", {"records": view, "bare": nothing}[kind], methods=["POST"])]
    pages.append(Route("/health", nothing))
    application: Any = Starlette(routes=pages)
    with process.listen("127.0.0.1", 0) as listener:
        process.run(application, listener, lambda: print(process.url_of(listener), flush=True))
    process.leave()


if __name__ == "__main__":
    main(*sys.argv[1:])
