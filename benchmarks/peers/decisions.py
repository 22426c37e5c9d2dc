"""Decisions by pycasbin: a peer of `benchmarks/reach.py`, as a process of its own.

    python benchmarks/peers/decisions.py < QUESTIONS

In: one JSON object, `permitted` (lists of role, cell, facet) and `asked` (the same). The permissions are given as the
exact lines that casbin's quickest enforcer looks up, so that no matcher goes through a list. Out: one JSON object,
`seconds` for asking alone, and `allowed`.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import time

MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
"""


def main() -> None:
    """Load, ask, tell."""
    casbin = importlib.import_module("casbin")  # only the environment of the peer has it

    questions = json.load(sys.stdin)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as model:
        model.write(MODEL)
        model.flush()
        enforcer = casbin.FastEnforcer(
            model.name, cache_key_order=[0, 1, 2]
        )  # only a file makes its model the quick one
    enforcer.add_policies(questions["permitted"])
    began = time.perf_counter()
    allowed = [enforcer.enforce(*one) for one in questions["asked"]]
    print(json.dumps({"seconds": time.perf_counter() - began, "allowed": allowed}))


if __name__ == "__main__":
    main()
