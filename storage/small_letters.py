"""Text held against text whatever the capitals, in both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Lower(FunctionElement[str]):
    """`lower` of a column that is held against plain A to Z."""

    type = String()
    inherit_cache = True


@compiles(_Lower)
def _lower(element: _Lower, compiler: SQLCompiler, **how: Any) -> str:
    return f"lower({compiler.process(element.clauses, **how)})"


@compiles(_Lower, "sqlite")
def _overlook_capitals(element: _Lower, compiler: SQLCompiler, **how: Any) -> str:
    """SQLite overlooks the capitals of A to Z by itself; our `lower` for all letters is Python's, and slow."""
    return f"({compiler.process(element.clauses, **how)} COLLATE NOCASE)"


def _in_small(column: Any, beside: str) -> ColumnElement[Any]:
    """The column in small letters, to be held against `beside`, which is in small letters."""
    return _Lower(column) if beside.isascii() else func.lower(column)


def equals(column: Any, words: str) -> ColumnElement[bool]:
    """Whether the column says these words and no more, whatever the capitals."""
    low = words.lower()
    return _in_small(column, low) == low


def any_contains(columns: list[Any], words: str) -> ColumnElement[bool]:
    """Whether one of the columns has these words in it, whatever the capitals."""
    low = words.lower()
    return or_(*(_in_small(column, low).contains(low, autoescape=True) for column in columns))
