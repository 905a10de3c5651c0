"""Conditions as SQL over the columns of one row.

Reads: the tree of a condition. Feeds: the compiler.
"""

from ocpp_forensics.dsl import tree as ast

__all__ = ["condition_sql", "micros"]


def condition_sql(condition: ast.Condition) -> str:
    """A condition as SQL over the columns of its row."""
    match condition:
        case ast.Literal(value=value):
            return _literal(value)
        case ast.Field(name=name):
            return f'"{name}"'
        case ast.Not(condition=inner):
            return f"(NOT {condition_sql(inner)})"
        case ast.Binary():
            return _binary(condition)
        case ast.Presence():
            raise AssertionError(condition)


def _binary(condition: ast.Binary) -> str:
    left = condition_sql(condition.left)
    match condition.operator, condition.right:
        case "is", word:
            return f"({left} IS {'NOT ' if word == 'known' else ''}NULL)"
        case "matches", str(pattern):
            return f"regexp_matches({left}, {_literal(pattern)})"
        case "in", tuple(members):
            return f"({left} IN ({', '.join(_literal(each.value) for each in members)}))"
        case operator, ast.Literal() | ast.Field() | ast.Binary() | ast.Not() as right:
            return f"({left} {operator} {condition_sql(right)})"
    raise AssertionError(condition)


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(int(value)) if value == int(value) else repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def micros(seconds: float) -> int:
    """Seconds as whole microseconds."""
    return round(seconds * 1_000_000)
