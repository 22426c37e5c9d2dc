"""How every benchmark tells a figure: beside a peer or a limit, as a ratio, with a goal."""

from __future__ import annotations


def figured(  # noqa: PLR0913 - a row of a table
    figure: str, value: float, unit: str, peer: tuple[str, float], goal: float, *, least: bool = False
) -> dict[str, object]:
    """A figure and its peer; `least` where the goal is a ratio to reach rather than to keep under."""
    name, other = peer
    ratio = value / other
    met = ratio >= goal if least else ratio <= goal
    told = {"value": round(value, 2), "unit": unit, "peer": name, "peer_value": round(other, 2)}
    return {"figure": figure, **told, "ratio": float(f"{ratio:.3g}"), "goal": goal, "met": met}


def line(figure: dict[str, object]) -> str:
    """A figure for reading."""
    told = "{figure:<46} {value:>18,} {unit:<4} {peer:>26} {peer_value:>24,}  ratio {ratio:>9.3g}  goal {goal:>6}"
    return f"{told.format(**figure)}  {'met' if figure['met'] else 'NOT MET'}"
