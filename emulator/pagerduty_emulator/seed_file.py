"""Seed files: an account as YAML. Reads one, checks it, and reports all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import string
import uuid
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from .seed_fields import PLACE, REFERENCES, SECTIONS, Fields, Kind

try:
    from yaml import CSafeLoader as SafeLoader  # several times as fast, where PyYAML was built with libyaml
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

Object = dict[str, Any]
OWNER = {"id": "POWNER1", "name": "Account Owner", "email": "owner", "role": "owner"}
DEFAULT_POLICY = {"id": "PT20YPA", "name": "Default", "num_loops": 2}
LISTED = 12  # of the names that could have been meant, in an error


class SeedError(ValueError):
    """A seed file does not do; the message has a line for each thing that is wrong."""


@dataclass(frozen=True)
class Seed:
    """The contents of a file: section to objects, with ids in the place of names."""

    source: str
    sections: dict[str, list[Object]]

    def __getitem__(self, section: str) -> list[Object]:
        """Return the objects of a section; none if the file does not have it."""
        return self.sections.get(section, [])


def read(path: str | Path, names: Mapping[str, Mapping[str, str]] | None = None) -> Seed:
    """Return the seed in a file; SeedError if it cannot be read or does not do.

    `names` (section to id to name) are objects that are there without being in the file.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SeedError(f"cannot read the seed file {path}: {reason}") from None
    return parse(text, str(path), names)


def parse(text: str, source: str = "seed", names: Mapping[str, Mapping[str, str]] | None = None) -> Seed:
    """Return the seed that is written in `text`; `source` is what errors call it."""
    try:
        data = yaml.load(text, _Loader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise SeedError(f"{source}: this is not YAML: {_problem(error)}") from None
    checking = _Checking({section: dict((names or {}).get(section, {})) for section in SECTIONS})
    sections = checking.sections({} if data is None else data)
    if checking.errors:
        raise SeedError("\n".join(f"{source}: {error}" for error in checking.errors))
    return Seed(source, sections)


def lasting_id(
    prefix: str, *what: str, length: int = 6, characters: str = string.ascii_uppercase + string.digits
) -> str:
    """Return an id that is the same every time, for `what` has none in a seed file."""
    number = int.from_bytes(hashlib.sha256("\0".join(what).encode()).digest()[:24], "big")
    made = ""
    for _ in range(length):
        number, digit = divmod(number, len(characters))
        made += characters[digit]
    return prefix + made


def _id_for(of: str, name: str) -> str:
    """Return the id of an object that has none in the file: a UUID for orchestrations."""
    if of == "event_orchestrations":
        return str(uuid.UUID(lasting_id("", of, name, length=32, characters="0123456789abcdef"), version=4))
    return lasting_id("P", of, name)


class _Loader(SafeLoader):
    """Takes dates as the text that they are, and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return a mapping; of two equal keys YAML would drop the first silently."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass
class _Checking:
    """One check of a whole file."""

    names: dict[str, dict[str, str]]
    errors: list[str] = field(default_factory=list)

    def sections(self, data: Any) -> dict[str, list[Object]]:
        """Return the file's valid sections as a Seed has them."""
        if not isinstance(data, dict):
            self.errors.append(f"got {_shown(data)}; allowed are the sections {', '.join(SECTIONS)}")
            return {}
        self._unknown("", data, SECTIONS)
        data = _completed(data)
        known = {section: data[section] for section in SECTIONS if section in data}
        sections = {section: self._list(section, given, SECTIONS[section]) for section, given in known.items()}
        for section, objects in sections.items():
            self._identify(section, section, objects)
        for section, objects in sections.items():
            for item in objects:
                self._resolve(section, item)
        return sections

    def _list(self, place: str, given: Any, fields: Fields) -> list[Object]:
        """Return checked copies of the objects in a list, each with its place."""
        if not isinstance(given, list):
            self.errors.append(f"{place}: got {_shown(given)}; allowed is a list")
            return []
        return [self._object(f"{place}[{number}]", item, fields) for number, item in enumerate(given, 1)]

    def _object(self, place: str, given: Any, fields: Fields) -> Object:
        if not isinstance(given, dict):
            self.errors.append(f"{place}: got {_shown(given)}; allowed is an object with {', '.join(fields)}")
            return {PLACE: place}
        if isinstance(given.get("name"), str):
            place = f"{place} ({given['name']})"
        self._unknown(place, given, fields)
        made: Object = {PLACE: place}
        for name, kind in fields.items():
            if kind.required and name not in given:
                self.errors.append(f"{place}: {name} is required; allowed is {kind.allowed}")
            if name not in given:
                continue
            value = given[name]
            if kind.items is not None:
                made[name] = self._list(f"{place}.{name}", value, kind.items)
            elif kind.fits(value):
                made[name] = value
            else:
                self.errors.append(f"{place}.{name}: {_misfit(value, kind)}")
        return made

    def _unknown(self, place: str, given: Object, allowed: Mapping[str, Any]) -> None:
        for name in given:
            if name not in allowed:
                where = f"{place}: " if place else ""
                hint = _nearest(name, allowed)
                self.errors.append(f"{where}got {_shown(name)}; allowed are {', '.join(allowed)}{hint}")

    def _identify(self, section: str, of: str, objects: list[Object]) -> None:
        """Give an id to every object that has none, and refuses one id twice."""
        for item in objects:
            item.setdefault("id", _id_for(of, str(item.get("name") or item.get("vendor"))))
            known = self.names.setdefault(section, {})
            if item["id"] in known:
                self.errors.append(
                    f"{item[PLACE]}.id: got {_shown(item['id'])}, which {known[item['id']]} has already; "
                    "give each an id of its own (without one, it follows from the name)"
                )
            known[item["id"]] = str(item.get("name"))
            for nested in {"integrations"} & item.keys() if of == "services" else ():
                self._identify(nested, f"{of} {item['id']}", item[nested])

    def _resolve(self, section: str, item: Object) -> None:
        """Replace the names of other objects by their ids."""
        for name, target in REFERENCES.get(section, {}).items():
            value = item.get(name)
            if name not in item or value is None:
                continue
            if isinstance(value, list) and target in SECTIONS:
                item[name] = [self._id_of(f"{item[PLACE]}.{name}[{n}]", v, target) for n, v in enumerate(value, 1)]
            elif isinstance(value, list):
                for nested in value:
                    self._resolve(target, nested)
            else:
                item[name] = self._id_of(f"{item[PLACE]}.{name}", value, target)

    def _id_of(self, place: str, given: Any, section: str) -> Any:
        """Return the id of what is meant: an id, or a name that only one has."""
        names = self.names[section]
        if given in names:
            return given
        found = [each for each, name in names.items() if name.strip() == str(given).strip()]
        if len(found) == 1:
            return found[0]
        if found:
            self.errors.append(f"{place}: got {_shown(given)}, which {len(found)} {section} are called; give the id")
            return given
        listed = ", ".join(list(names.values())[:LISTED]) + (", …" if len(names) > LISTED else "")
        there = f"the name or the id of one of the {section}: {listed}" if names else f"nothing: there are no {section}"
        hint = _nearest(given, [*names.values(), *names])
        self.errors.append(f"{place}: got {_shown(given)}; allowed is {there}{hint}")
        return given


def _completed(data: Object) -> Object:
    """With an owner, and a policy that alerts the owner, if the file says nothing of users or of policies."""
    users = data.get("users", [OWNER])
    people = [user for user in users if isinstance(user, dict)] if isinstance(users, list) else []
    names = [user.get("name") for user in sorted(people, key=lambda user: user.get("role") != "owner")]
    rule = {"escalation_delay_in_minutes": 30, "targets": names[:1]}
    default = [{**DEFAULT_POLICY, "escalation_rules": [rule]}] if names else []
    return {"users": users, "escalation_policies": default, **data}


def _misfit(value: Any, kind: Kind) -> str:
    got = "something else (it is not shown, as it may be a secret)" if kind.secret else _shown(value)
    return f"got {got}; allowed is {kind.allowed}{_nearest(value, kind.choices)}"


def _problem(error: Exception) -> str:
    """Say what YAML found wrong, and where; without the line itself, which may hold a key."""
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}{getattr(error, 'problem', None) or 'it is nested too deeply, or has characters that YAML forbids'}"


def _nearest(given: Any, choices: Iterable[str]) -> str:
    by_case = {choice.lower(): choice for choice in choices}
    close = get_close_matches(str(given).lower(), list(by_case), 1)
    return f". Did you mean {by_case[close[0]]}?" if close else ""


def _shown(value: Any) -> str:
    """Return a value in an error: whole if it is short; not what is inside of it, which may be a key."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
