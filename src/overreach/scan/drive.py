"""Scanning source code: Bandit over some files, a defect planted beside them, and findings out of it.

A result of medium or high severity is a finding at any confidence: bandit only suspects a query built from text.
Low ones are counted. The planted defect must be found in the same run, else the scan proves nothing.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from overreach.model.finding import Finding, NotExamined, Witness
from overreach.model.review import Control, PartSummary
from overreach.model.terms import Kind, Part, Severity
from overreach.scan.bandit import Report, Result, run_bandit
from overreach.scan.sources import python_files, stable_name

LOWEST = Severity.MEDIUM
_LONGEST_LINE = 160  # characters of a line shown as the witness

# What every scan must find: if Bandit is silent on this, its silence on the rest says nothing.
_PLANTED = """\
def find(database, surname):
    return database.execute("SELECT number FROM children WHERE family_name = '" + surname + "'")
"""
_PLANTED_TEST = "B608"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan found, and whether its silence means anything."""

    findings: tuple[Finding, ...]
    files: int
    """Files read."""
    lines: int
    """Lines of code in them, blank lines and comments left out."""
    low: int
    """Results below the severity of a finding."""
    excused: int
    """Places taken out by a `# nosec` comment."""
    controls: tuple[Control, ...]
    not_examined: tuple[NotExamined, ...]
    summary: PartSummary


def run_scan(paths: Sequence[Path], exclude: Sequence[Path] = ()) -> ScanResult:
    """Scan Python files, and folders of them, leaving out those at or below `exclude`.

    Raises OverreachError where a path holds no Python file or Bandit cannot be used.
    """
    began = perf_counter()
    left_out = [path.resolve() for path in exclude]
    roots = {
        file.resolve(): (path if path.is_dir() else path.parent).resolve()
        for path in paths
        for file in python_files(path)
        if not any(file.resolve().is_relative_to(folder) for folder in left_out)
    }
    with TemporaryDirectory(prefix="overreach-planted-") as scratch:
        planted = Path(scratch).resolve() / "planted.py"
        planted.write_text(_PLANTED, encoding="utf-8")
        report = run_bandit([planted, *roots])
    return _conclude(report, roots, planted, perf_counter() - began)


def _conclude(report: Report, roots: dict[Path, Path], planted: Path, seconds: float) -> ScanResult:
    found = [result for result in report.results if result.file != planted]
    told = [result for result in found if result.severity.height >= LOWEST.height]
    findings = {finding.key: finding for finding in (_finding(result, roots) for result in told)}
    gaps = _gaps(report, roots)
    lines = sum(count for file, count in report.lines.items() if file in roots)
    files, low = len(roots) - len(gaps), len(found) - len(told)
    figures = (
        ("files scanned", f"{files:,}"),
        ("lines of code", f"{lines:,}"),
        ("findings", f"{len(findings):,}"),
        ("results of low severity, counted only", f"{low:,}"),
        ("places excused by `# nosec`", f"{report.excused:,}"),
    )
    return ScanResult(
        findings=tuple(findings.values()),
        files=files,
        lines=lines,
        low=low,
        excused=report.excused,
        controls=(_self_test(report, planted),),
        not_examined=tuple(gaps),
        summary=PartSummary(Part.SCAN, ran=True, seconds=seconds, figures=figures),
    )


def _self_test(report: Report, planted: Path) -> Control:
    seen = any(result.file == planted and result.test_id == _PLANTED_TEST for result in report.results)
    words = "was found" if seen else "was not found: what the scan did not report is unproven"
    return Control("scan: planted defect", passed=seen, detail=f"a query built from text, planted in this run, {words}")


def _gaps(report: Report, roots: dict[Path, Path]) -> list[NotExamined]:
    reasons = {file: "bandit did not read it" for file in roots if file not in report.lines}
    reasons |= {file: reason for file, reason in report.errors if file in roots}
    return [
        NotExamined(Part.SCAN, stable_name(file, roots[file]), reason, count=1)
        for file, reason in sorted(reasons.items())
    ]


def _finding(result: Result, roots: dict[Path, Path]) -> Finding:
    name = stable_name(result.file, roots[result.file])
    source = result.file.read_text(encoding="utf-8", errors="replace")
    code = source.splitlines()[result.line - 1].strip() if result.line else ""
    digest = hashlib.sha256(" ".join(code.split()).encode()).hexdigest()[:8]
    where = enclosing(source, result.line)
    return Finding(
        key=f"source:{result.test_id}:{name}:{where}:{digest}",
        kind=Kind.SOURCE,
        title=result.text.split("\n")[0].rstrip("."),
        rule=result.test_id,
        severity=result.severity,
        roles=(),
        facets=(),
        subject=result.test_name.replace("_", " "),
        parts=(Part.SCAN,),
        witness=Witness(
            part=Part.SCAN,
            summary=f"{name}, line {result.line}, in {where}",
            request=f"{name}:{result.line}",
            answer=code[:_LONGEST_LINE],
        ),
        remedy=result.more,
    )


def enclosing(source: str, line: int) -> str:
    """Dotted name of the innermost function or class around a line; `module` outside all of them."""
    names: list[str] = []
    body: list[ast.stmt] = ast.parse(source).body
    while True:
        around = next((node for node in _definitions(body) if node.lineno <= line <= (node.end_lineno or 0)), None)
        if around is None:
            return ".".join(names) or "module"
        names.append(around.name)
        body = around.body


def _definitions(body: Sequence[ast.stmt]) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Definitions in a body, those inside `if` and `try` included, those inside other definitions not."""
    found: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = []
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(node)
        else:
            waiting.extend(ast.iter_child_nodes(node))
    return found
