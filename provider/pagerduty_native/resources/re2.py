"""What RE2, by which PagerDuty reads regular expressions, does not take.

https://github.com/google/re2/wiki/Syntax. PagerDuty has the last word, so whatever is found here is advice.
"""

from __future__ import annotations

import re

MOST_REPETITIONS = 1000
# What is written otherwise in Python, or means something else there. The order counts.
_TOKEN = re.compile(
    r"""
      (?P<literal>\\Q.*?(?:\\E|\Z))
    | (?P<escape>\\x\{[0-9A-Fa-f]+\}|\\[pP](?:\{\^?\w+\}|\w)|\\[1-7][0-7]{1,2}|\\[zC])
    | (?P<backreference>\\[1-9])
    | (?P<kept>\\.)
    | (?P<flags>\(\?(?=[imsU-]+\))[imsU]*(?:-[imsU]+)?\))
    | (?P<group>\(\?[imsU]*(?:-[imsU]+)?:)
    | (?P<named>\(\?P?<\w+>)
    | (?P<lookaround>\(\?(?:<?[=!]|>|\())
    | (?P<class>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*(?:\]|\\?\Z))
    | (?P<repetition>\{(?P<least>\d+)(?:,(?P<most>\d*))?\})
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_CLASS = re.compile(
    r"(?P<escape>\\x\{[0-9A-Fa-f]+\}|\\[pP](?:\{\^?\w+\}|\w)|\[:\^?\w+:\])|(?P<kept>\\.)|(?P<other>[\[&~|]|-(?=-)|(?<=-)-)"
)


def re2_problem(regex: str) -> str | None:
    """What of a regular expression RE2 does not take, as a phrase after its name; None if nothing was found."""
    found = {token.lastgroup for token in _TOKEN.finditer(regex)}
    if found & {"lookaround", "backreference"}:
        return "uses lookaround or a backreference, which RE2 does not support"
    if any(_repetitions(token) > MOST_REPETITIONS for token in _TOKEN.finditer(regex)):
        return f"repeats something more than {MOST_REPETITIONS} times, which RE2 does not allow"
    try:
        re.compile(_TOKEN.sub(_in_python, regex))
    except (re.error, OverflowError) as error:
        return f"does not look like a valid regular expression ({error})"
    except RecursionError:  # Python gives up much earlier than RE2.
        return None
    return None


def has_nested_groups(regex: str) -> bool:
    """Whether one capturing group stands inside another."""
    groups_alone = _TOKEN.sub(lambda token: {"group": "(?:", "named": "("}.get(token.lastgroup or "", ""), regex)
    open_groups: list[bool] = []
    for each in re.findall(r"\(\?:|\(|\)", groups_alone):
        if each == ")":
            open_groups[-1:] = []
        else:
            captures = each == "("
            if captures and any(open_groups):
                return True
            open_groups.append(captures)
    return False


def _repetitions(token: re.Match[str]) -> int:
    counts = [count for count in (token["least"], token["most"]) if count]
    # Longer numbers than these need not be read.
    return max((int(count[-5:]) if len(count) < 6 else MOST_REPETITIONS + 1 for count in counts), default=0)  # noqa: PLR2004


def _in_python(token: re.Match[str]) -> str:
    """The same in Python's syntax, as far as it matters whether it is a regular expression at all."""
    match token.lastgroup:
        case "literal" | "escape":
            return "x"
        case "flags":
            return ""
        case "group":
            return "(?:"
        case "named":
            return "("
        case "class":
            return _IN_CLASS.sub(_class_in_python, token[0])
    return token[0]


def _class_in_python(token: re.Match[str]) -> str:
    if token.start() == 0:  # the bracket that opens it
        return token[0]
    return {"escape": "x", "other": f"\\{token[0]}"}.get(token.lastgroup or "", token[0])
