"""A provider of library books: shows that framework/ carries any provider, with every kind of declaration in it.

It knows nothing of PagerDuty.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, ClassVar

from pagerduty_native.framework import (
    Advice,
    Failure,
    Function,
    Host,
    InitializationFailedError,
    Instance,
    Listable,
    Listed,
    Problem,
    Provider,
    ProviderError,
    Resource,
    field,
    object_type,
)

GENRES = {"novel": "a long story.", "poetry": "verses."}
MOODS = {"calm": "nothing happens.", "wild": "all happens at once."}


@object_type
class Author:
    """Who wrote a book."""

    MORE_PROPERTIES: ClassVar[bool] = True

    id: str = field("The ID of the author.")


@object_type
class Chapter:
    """A chapter of a book."""

    title: str = field("The title of the chapter. It stands at the top of its first page.")
    pages: int | None = field("How many pages it has.")
    mood: str | None = field("What happens.", allowed=MOODS)

    def check(self) -> Iterator[Problem]:
        if self.pages is not None and self.pages < 1:
            yield Failure("pages", f"`pages` must be at least 1, got {self.pages}.")


@object_type
class BookArgs:
    shelf: str = field("The shelf that the book stands on. It cannot be moved.", replaces=True)
    author: str | Author | None = field("Who wrote it.", replaces=True, identified_by="id")
    genre: str | None = field("The genre.", replaces=True, computed=True, allowed=GENRES, open_set=True)
    title: str = field("The title.", autoname=True)
    chapters: list[Chapter] | None = field("The chapters, in their order.")
    first_chapter: Chapter | None = field("The chapter to begin with.")
    tags: list[str] | None = field("What else is to be said of it.")
    notes: dict[str, str] | None = field("Notes, by the name of their reader.")
    maps: dict[str, Chapter] | None = field("Chapters that are maps, by the name of the country.")
    copies: int = field("How many there are.", default_value=1)
    weight: float | None = field("Its weight in kilograms.")
    lent: bool | None = field("Whether it is lent.")
    password: str | None = field("What opens it.", secret=True)

    def check_author(self) -> Iterator[Problem]:
        if self.author is None and self.genre is None:
            yield Failure("author", "One of `author` and `genre` is required.")

    def check_tags(self) -> Iterator[Problem]:
        for tag in self.tags or []:
            if "raer" in tag:
                yield Failure("tags", f"`tags` must not be {tag!r}. Did you mean `rare`?")

    def check_password(self) -> Iterator[Problem]:
        if self.password is not None and self.password == self.title:
            yield Failure("password", f"`password` must not be the title, got {self.password!r}.")


@object_type
class BookState(BookArgs):
    number: str = field("The number that the library gives it.")
    key: str | None = field("What opens the reading room.", secret=True)


class Library:
    """The client. A book's title decides what happens to it.

    host: the engine. taken: how many books were looked at to list them.
    hold: books called "slow" are made once this is set. holding: how many of them wait.
    """

    def __init__(self, address: str, host: Host, password: str | None) -> None:
        self.address = address
        self.password = password
        self.host = host
        self.books: dict[str, BookState] = {}
        self.taken = 0
        self.hold = threading.Event()
        self.holding = threading.Semaphore(0)


@object_type
class BookListArgs:
    shelf: str | None = field("Only on this shelf.")
    genre: str | None = field("Only of this genre.", allowed=GENRES)
    password: str | None = field("What opens the shelf.", secret=True)

    def check_password(self) -> Iterator[Problem]:
        if self.password is not None:
            yield Failure("password", f"`password` opens no shelf: {self.password!r}.")


class Book(Resource[BookArgs, BookState, Library], Listable[BookListArgs]):
    """A book in a library."""

    def create(self, args: BookArgs) -> Instance[BookState]:
        number = f"B{len(self.client.books) + 1}"
        state = BookState(
            shelf=args.shelf,
            author=args.author,
            genre=args.genre or "novel",
            title=args.title,
            chapters=args.chapters,
            first_chapter=args.first_chapter,
            tags=args.tags,
            notes=args.notes,
            maps=args.maps,
            copies=args.copies,
            weight=args.weight,
            lent=args.lent,
            password=args.password,
            number=number,
            key=f"key of {number}",
        )
        self._suffer(args.title, number, state)
        self.client.books[number] = state
        return Instance(number, state)

    def read(self, id: str, old: BookState) -> Instance[BookState] | None:  # noqa: ARG002
        state = self.client.books.get(id)
        if state is None:
            return None
        self._suffer(state.title, id, state)
        return Instance(id, state)

    def update(self, id: str, old: BookState, new: BookArgs, changed: frozenset[str]) -> BookState:  # noqa: ARG002
        self._suffer(new.title, id, old)
        old.title, old.lent = new.title, new.lent
        self.client.books[id] = old
        return old

    @classmethod
    def check_update(cls, old: BookArgs, new: BookArgs) -> Iterator[Problem]:
        if new.weight is None and old.weight is not None:
            yield Failure("weight", "`weight` cannot be removed.")
        if new.copies < old.copies:
            yield Advice("copies", f"`copies` falls from {old.copies} to {new.copies}.")

    @classmethod
    def migrate(cls, old: dict[str, Any]) -> dict[str, Any]:
        """Version 0 called the title `name`."""
        return {"title" if name == "name" else name: value for name, value in old.items()}

    def delete(self, id: str, old: BookState) -> None:  # noqa: ARG002
        self.client.books.pop(id, None)

    def list(self, args: BookListArgs) -> Iterator[Listed]:
        for number, book in self.client.books.items():
            self.client.taken += 1
            if args.shelf in {None, book.shelf} and args.genre in {None, book.genre}:
                yield Listed(number, book.title)

    def _suffer(self, title: str, number: str, state: BookState) -> None:
        if title == "slow":
            self.client.host.status(f"Waiting for the printer of {state.password!r}…")
            self.client.holding.release()
            self.client.hold.wait()
        if title == "noted":
            self.client.host.warn(f"It is noted with {state.password!r}, at {self.client.password!r}.")
        if title == "logged":
            self.client.host.debug(f"opened with {state.password!r}")
            self.client.host.info("closed")
        if title == "torn":
            raise InitializationFailedError(f"The cover of {title!r} came off.", id=number, state=state)
        if title == "burning":
            raise RuntimeError(f"{title}, and with it {state.password}")
        if title == "banned":
            raise PermissionError(title)
        if title == "wrong":
            raise ProviderError(f"`title`: {title!r} is refused at {self.client.password!r}.")


@object_type
class StampArgs:
    text: str = field("What it says.")
    ink: str = field(
        "Its color.", allowed={"black": "as ever.", "red": "for what is overdue."}, default_value="black", enum="Ink"
    )


@object_type
class StampState(StampArgs):
    number: str = field("Its number.")


class Stamp(Resource[StampArgs, StampState, Library]):
    """A stamp, which is made and no more: it has no other methods."""

    def create(self, args: StampArgs) -> Instance[StampState]:
        return Instance("S1", StampState(text=args.text, ink=args.ink, number="S1"))


@object_type
class CountBooksArgs:
    shelf: str | None = field("Only on this shelf.")
    password: str | None = field("What opens the shelf.", secret=True)


@object_type
class CountBooksResult:
    count: int = field("How many there are.")
    report: str | None = field("What only the librarian should read.", secret=True)


class CountBooks(Function[CountBooksArgs, CountBooksResult, Library]):
    """Count the books."""

    def invoke(self, args: CountBooksArgs) -> CountBooksResult:
        if args.password is not None:
            raise ProviderError(f"The password {args.password!r} opens nothing.")
        return CountBooksResult(count=len(self.client.books), report=None if args.shelf is None else "dusty")


@object_type
class Card:
    """A reader's card."""

    number: int = field("Its number.", environment="LIBRARY_CARD")
    pin_code: str | None = field("Its code.", secret=True, environment="LIBRARY_PIN")


@object_type
class Settings:
    """The provider of library books."""

    address: str | None = field("Where the library is.", environment="LIBRARY_ADDRESS", default_value="Main Street")
    language: str | None = field(
        "What it speaks.", allowed={"en": "English.", "eu": "Basque."}, environment="LIBRARY_LANGUAGE"
    )
    password: str | None = field("What opens the library.", secret=True, environment="LIBRARY_PASSWORD")
    quiet: bool | None = field("Whether to whisper.", environment="LIBRARY_QUIET", default_value=False)
    seats: int | None = field("How many may sit.")
    reader_card: Card | None = field("The card of the reader.")


def configure(settings: Settings, host: Host) -> Library:
    if settings.address == "nowhere":
        raise ProviderError("There is no library at `address`.")
    return Library(settings.address or "", host, settings.password)


def explain(error: Exception) -> str | None:
    return f"The censor forbids {str(error)!r}." if isinstance(error, PermissionError) else None


PROVIDER = Provider(
    name="library",
    version="1.2.3",
    metadata={"displayName": "Library"},
    settings=Settings,
    configure=configure,
    resources=(Book, Stamp),
    functions=(CountBooks,),
    explain=explain,
)
