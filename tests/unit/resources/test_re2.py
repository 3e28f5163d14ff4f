"""Advice about regular expressions: RE2's syntax, https://github.com/google/re2/wiki/Syntax."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pagerduty_native.resources.email import has_nested_groups, re2_problem


@pytest.mark.parametrize(
    "regex",
    [
        "",
        "alert",
        r"^\[(WARN|FAIL)\] .*$",
        r"(?U)a+b",
        r"(?i)down(?-i)UP",
        r"a(?i)b",
        r"(?im:down)",
        r"(?i-s:down)",
        r"(?P<host>\w+)",
        r"(?<host>\w+)",
        r"\x{41}\x{10FFFF}\x41",
        r"[\x{41}-\x{5A}]",
        r"\pL\p{Greek}\P{^Greek}\PN",
        r"[\pL\d]",
        r"[[:alpha:]_][^[:^digit:]]",
        r"[[a]&&~~||--]",
        r"[a--b]",
        r"[]a]",
        r"[^]a]",
        r"\Qa+(b\E+",
        r"\Qa+(b",
        r"\Ahost\z",
        r"\C\a\f\t\n\r\v",
        r"\123\012",
        r"a{2}b{2,}c{2,3}d{1000}",
        r"a{,5}",
        r"\{99999999999}",
        r"\(?<=",
        r"\\",
        "(" * 500 + ")" * 500,
        r"\++a",
        r"[*+]+",
        r"[++]\Q++\E",
        r"a+?b*?",
        "a{" + "0" * 10_000 + "5}",
        "(a",
        "[a",
        "*a",
    ],
)
def test_valid_re2_is_accepted(regex: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert re2_problem(regex) is None


@pytest.mark.parametrize(
    ("regex", "problem"),
    [
        (r"(?=a)", "uses lookaround, which"),
        (r"(?!a)", "uses lookaround, which"),
        (r"(?<=a)b", "uses lookaround, which"),
        (r"(?<!a)b", "uses lookaround, which"),
        (r"(?>a)", "uses an atomic group, which"),
        (r"(a)\1", "uses a backreference, which"),
        (r"(a)\\\1", "uses a backreference, which"),
        (r"(?P<x>a)(?P=x)", "uses a backreference, which"),
        (r"(?<x>a)\k<x>", "uses a backreference, which"),
        (r"a++", "uses a possessive quantifier, which"),
        (r"a?+", "uses a possessive quantifier, which"),
        (r"a{2,3}+", "uses a possessive quantifier, which"),
        (r"(?=a)(b)\1", "uses lookaround and a backreference, which RE2 does not support"),
        ("a{1001}", "repeats something more than 1000 times"),
        ("a{99999999999}", "repeats something more than 1000 times"),
        ("a{1,1001}", "repeats something more than 1000 times"),
        ("a{" + "9" * 10_000 + "}", "repeats something more than 1000 times"),
    ],
)
def test_invalid_re2_is_explained(regex: str, problem: str) -> None:
    assert (re2_problem(regex) or "").startswith(problem)


@given(st.text(alphabet=r"()[]{}?\*+|^$.:<>=!-,0129abQExpPiU&~"))
def test_nothing_makes_it_fail(regex: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        re2_problem(regex)
        has_nested_groups(regex)


@pytest.mark.parametrize(
    ("regex", "nested"),
    [
        ("(a)(b)", False),
        ("((?:a)b)", False),
        ("(?:(a)(b))", False),
        (r"(\(a\))", False),
        ("([(a)])", False),
        ("((a)b)", True),
        ("(?P<x>a(b))", True),
        ("(a(?:b(c)))", True),
        (")(", False),
    ],
)
def test_nested_groups(regex: str, nested: bool) -> None:
    assert has_nested_groups(regex) is nested
