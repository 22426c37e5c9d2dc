"""Hosts of a small network on one machine: network namespaces on a bridge, with addresses 10.77.0.1 and on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

ADDRESS = "10.77.0.{}"


def missing() -> str:
    """What this machine lacks for it; empty for nothing."""
    if shutil.which("ip") is None:
        return "network namespaces need `ip` of iproute2"
    if os.geteuid() != 0:
        return "network namespaces need root"
    tried = f"ov{os.getpid()}-try"
    done = subprocess.run(["ip", "netns", "add", tried], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"no network namespace can be made: {done.stderr.strip()}"
    _ip("netns", "del", tried)
    return ""


@contextmanager
def network(names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Name -> its namespace; the first has the address that ends in 1. All of it is removed whatever happens."""
    spaces = {name: f"ov{os.getpid()}-{name}" for name in ("bridge", *names)}
    made: list[str] = []
    try:
        for space in spaces.values():
            _ip("netns", "add", space)
            made.append(space)
            _ip("-n", space, "link", "set", "lo", "up")
        bridge = spaces["bridge"]
        _ip("-n", bridge, "link", "add", "bridge", "type", "bridge")
        _ip("-n", bridge, "link", "set", "bridge", "up")
        for number, name in enumerate(names, 1):
            space, port = spaces[name], f"port{number}"
            _ip("-n", bridge, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("-n", bridge, "link", "set", port, "master", "bridge", "up")
            _ip("-n", space, "address", "add", f"{ADDRESS.format(number)}/24", "dev", "eth0")
            _ip("-n", space, "link", "set", "eth0", "up")
        yield {name: spaces[name] for name in names}
    finally:
        for space in made:
            subprocess.run(["ip", "netns", "del", space], check=False)


def inside(space: str, command: Sequence[str]) -> list[str]:
    """The command as a process of that host: `ip` becomes the command, so that a signal to it is one to the command."""
    return ["ip", "netns", "exec", space, *command]


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
