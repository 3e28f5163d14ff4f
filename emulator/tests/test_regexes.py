"""Which regular expressions e-mail rules take: RE2's, as PagerDuty's support pages say."""

import pytest
from pagerduty_emulator.api.integrations.regexes import compiled, has_nested_groups


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\x{41}+", "AA"),
        ("(?U)a+", "aa"),
        ("(?i-U:A)", "a"),
        (r"\pL\p{Greek}", "a\u03b1"),
        (r"a\z", "a"),
        ("a{3}", "aaa"),
        ("b(?i)a", "bA"),
        ("(?<name>a)", "a"),
        (r"\C\Qa.b\E", "xa.b"),
        (r"\\x{3}", r"\xxx"),
        ("[[:alpha:]]+", "al"),
    ],
)
def test_what_re2_takes_is_taken(pattern: str, text: str) -> None:
    assert compiled(pattern).search(text)


@pytest.mark.parametrize(
    "pattern",
    [
        "a{1001}",
        r"(a)\1",
        "(?P<a>b)(?P=a)",
        "(?<=a)b",
        "a(?!b)",
        "(?>a)",
        "(" * 5000,
        "a++",
        r"\Z",
        "((a{100}){100}){100}",
        "\ud800",
    ],
)
def test_what_re2_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        compiled(pattern)


def test_flags_apply_from_where_they_are() -> None:
    assert not compiled("b(?i)a").search("BA")


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "(a*)*b", "(.*)(.*)(.*)(.*)x$"])
def test_a_pattern_takes_linear_time(pattern: str) -> None:
    """With a backtracking engine, each of them takes longer than the universe is old."""
    assert not compiled(pattern).search("a" * 100_000 + "!")


@pytest.mark.parametrize("pattern", [r"(a)\((b)", r"[(](a)[)(]+(b)", "(?:a(b))", "((?:a|b)c)", "(?i:(a))(b)"])
def test_groups_side_by_side_are_not_nested(pattern: str) -> None:
    assert not has_nested_groups(pattern)


@pytest.mark.parametrize("pattern", ["(a(b))", "(?P<a>x(y))", "(a(?<b>c))", "(a(?:b(c)))", r"(\)(a))"])
def test_groups_inside_of_one_another_are(pattern: str) -> None:
    assert has_nested_groups(pattern)
