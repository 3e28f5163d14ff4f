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
        ("b(?i)a", "BA"),
        (r"\\x{3}", r"\xxx"),
        ("[[:alpha:]]+", "al"),
    ],
)
def test_what_re2_takes_is_taken(pattern: str, text: str) -> None:
    assert compiled(pattern).search(text)


@pytest.mark.parametrize(
    "pattern", ["a{1001}", "a{99999999999}", r"(a)\1", "(?P<a>b)(?P=a)", "(?<=a)b", "a(?!b)", "(?>a)", "(" * 5000]
)
def test_what_re2_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        compiled(pattern)


@pytest.mark.parametrize("pattern", [r"(a)\((b)", r"[(](a)[)(]+(b)", "(?:a(b))", "((?:a|b)c)", "(?i:(a))(b)"])
def test_groups_side_by_side_are_not_nested(pattern: str) -> None:
    assert not has_nested_groups(pattern)


@pytest.mark.parametrize("pattern", ["(a(b))", "(?P<a>x(y))", "(a(?<b>c))", "(a(?:b(c)))", r"(\)(a))"])
def test_groups_inside_of_one_another_are(pattern: str) -> None:
    assert has_nested_groups(pattern)
