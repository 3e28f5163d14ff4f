"""Which resources have the same ID: deleting one must not destroy the other's."""

from __future__ import annotations

from pagerduty_native.framework.service import Holders

URN = "urn:pulumi:dev::test::library:index:Book::"
EMMA, ANNE, OTHER = f"{URN}emma", f"{URN}anne", f"{URN}other"
STAMP = "urn:pulumi:dev::test::library:index:Stamp::emma"


def test_another_holder_is_one_of_the_same_type_and_id() -> None:
    holders = Holders()
    holders.hold(EMMA, "B1")
    assert holders.another(EMMA, "B1") is None
    assert holders.another(ANNE, "B1") == EMMA
    assert holders.another(ANNE, "B2") is None
    assert holders.another(STAMP, "B1") is None


def test_a_released_resource_holds_nothing() -> None:
    holders = Holders()
    assert holders.hold(EMMA, "B1") is None
    assert holders.hold(EMMA, "B1") is None
    assert holders.hold(ANNE, "B1") == EMMA
    assert holders.release(EMMA, "B1") == ANNE
    assert holders.another(ANNE, "B1") is None
    assert holders.release(ANNE, "B1") is None
    assert holders.release(ANNE, "B1") is None, "it is gone already"


def test_a_released_resource_is_forgotten() -> None:
    """A stack of thousands can be destroyed in one process."""
    holders = Holders()
    holders.hold(EMMA, "B1")
    holders.release(EMMA, "B1")
    holders.release(ANNE, "B2")
    assert holders.another(ANNE, "B3") is None
    assert not holders._held


def test_an_entry_that_a_refresh_read_under_its_old_name_is_no_other() -> None:
    """An alias: the engine reads by the old URN and deletes by the new one, with or without comparing it first."""
    for compared in (False, True):
        holders = Holders()
        holders.hold(EMMA, "B1", read=True)
        if compared:
            holders.hold(ANNE, "B1")
        assert holders.release(ANNE, "B1") is None
        assert not holders._held


def test_an_alias_does_not_hide_a_second_entry() -> None:
    holders = Holders()
    holders.hold(EMMA, "B1", read=True)
    holders.hold(OTHER, "B1", read=True)
    assert holders.release(ANNE, "B1") is not None
    assert holders.release(OTHER, "B1") is None


def test_what_was_imported_after_a_refresh_is_another_entry() -> None:
    holders = Holders()
    holders.hold(EMMA, "B1", read=True)
    holders.note_import(ANNE, "B1")
    holders.hold(ANNE, "B1")
    assert holders.release(ANNE, "B1") == EMMA
    assert holders.release(EMMA, "B1") is None


def test_a_deletion_without_a_refresh_leaves_what_another_resource_holds() -> None:
    holders = Holders()
    holders.hold(EMMA, "B1")
    assert holders.release(ANNE, "B1") == EMMA


def test_an_import_of_what_another_resource_of_the_program_has_is_reported_once() -> None:
    for imported_first in (False, True):
        holders = Holders()
        if not imported_first:
            assert holders.hold_declared(EMMA, "B1") is None
        found = [holders.note_import(ANNE, "B1"), holders.hold_declared(ANNE, "B1"), holders.hold_declared(EMMA, "B1")]
        assert found == ([None, None, ANNE] if imported_first else [EMMA, None, None])
        assert holders.note_import(OTHER, "B1") is None


def test_two_imports_of_the_same_id_are_reported() -> None:
    holders = Holders()
    assert holders.note_import(EMMA, "B1") is None
    assert holders.note_import(ANNE, "B2") is None
    assert holders.note_import(STAMP, "B1") is None
    assert holders.note_import(ANNE, "B1") == EMMA


def test_an_import_under_a_new_name_is_not_reported() -> None:
    """The resource with the old name is in the state, but no longer in the program."""
    holders = Holders()
    holders.hold(EMMA, "B1", read=True)
    assert holders.note_import(ANNE, "B1") is None
    assert holders.hold_declared(ANNE, "B1") is None
