"""Budgets of the source: files, functions, nesting, arguments, and what must not stand there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "ocpp_forensics").rglob("*.py"))
SILENCED = re.compile(r"#\s*type:\s*ign")
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def length(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def nesting(node: ast.AST, depth: int = 0) -> int:
    """How deep blocks stand in each other; `elif` is no deeper than its `if`."""
    found = [depth]
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            elif_ = (
                isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
            )
            found.append(nesting(child, depth + (isinstance(child, BLOCKS) and not elif_)))
    return max(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_says_what_it_makes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    assert ast.get_docstring(ast.parse(text))
    assert not SILENCED.search(text)


def test_functions_are_short() -> None:
    sizes = sorted(length(node) for _, node in functions())
    assert [name for name, node in functions() if length(node) > 50] == []
    assert sizes[len(sizes) * 9 // 10] <= 30


def test_blocks_do_not_stand_deep_in_each_other() -> None:
    assert [name for name, node in functions() if nesting(node) > 3] == []


def test_no_test_is_left_out() -> None:
    left_out = re.compile(r"pytest\.mark\.(?:skip|xfail)|pytest\.(?:skip|xfail)\(")
    tests = sorted((ROOT / "tests").rglob("*.py"))
    assert [path.name for path in tests if left_out.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "ocpp_forensics" / "sql").glob("*.sql")), ids=lambda path: path.name
)
def test_a_sql_file_begins_with_what_it_is(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("-- ")
