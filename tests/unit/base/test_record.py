"""Records are attrs classes whose methods are written late: nobody can tell, but by the clock."""

from __future__ import annotations

import copy
import importlib
import inspect
import pkgutil
import subprocess
import sys
import weakref
from pathlib import Path
from typing import ClassVar

import attrs
import pytest

import kspec
from kspec.base.record import define, frozen
from tests.house.test_start import TWO_STATES

EVERY = [
    found.name
    for found in pkgutil.walk_packages(kspec.__path__, "kspec.")
    if not found.name.endswith("__main__")
]


def pair(maker: object) -> list[type]:
    """The same class, once by attrs and once as a record."""
    made = []
    for how in (getattr(attrs, maker.__name__), maker):  # type: ignore[attr-defined]

        @how
        class Point:
            """A place."""

            LIMIT: ClassVar[int] = 7
            x: int
            _y: int = 2
            z: list[int] = attrs.field(factory=list, eq=False, repr=False)

            def far(self) -> bool:
                return self.x > self.LIMIT

            @property
            def both(self) -> int:
                return self.x + self._y

        made.append(Point)
    return made


@pytest.mark.parametrize("maker", [frozen, define])
def test_an_instance_is_as_attrs_makes_it(maker: object) -> None:
    theirs, ours = pair(maker)
    for make in (theirs, ours):
        point = make(8, y=3)
        assert (point.x, point._y, point.z, point.far(), point.both) == (8, 3, [], True, 11)
        assert repr(point).endswith("Point(x=8, _y=3)")
        assert point == make(8, 3, [1]) and point != make(9, 3)
        assert attrs.evolve(point, x=1) == make(1, 3)
        assert copy.copy(point) == copy.deepcopy(point) == point
        assert [a.name for a in attrs.fields(make)] == ["x", "_y", "z"]
        assert weakref.ref(point)() is point
        assert not hasattr(point, "__dict__")
        match point:
            case make(a, b, c):  # type: ignore[misc]
                assert (a, b, c) == (8, 3, [])
            case _:
                pytest.fail("it matches no pattern by position")
    assert inspect.signature(theirs(1).__init__) == inspect.signature(ours(1).__init__)
    assert theirs.__doc__ == ours.__doc__ == "A place."
    assert {*vars(theirs)} == {*vars(ours)} - {"__later__"}


def test_a_frozen_record_stays_as_it_is() -> None:
    theirs, ours = pair(frozen)
    for make in (theirs, ours):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            make(1).x = 2
    assert len({ours(1), ours(1), ours(2)}) == 2


def test_a_wrong_call_says_the_same() -> None:
    said = []
    for make in pair(frozen):
        with pytest.raises(TypeError) as caught:
            make()
        said.append(str(caught.value))
    assert said[0] == said[1]


@frozen(cache_hash=True)
class Kept:
    """At module level, as all of kspec's are."""

    parts: tuple[int, ...]


def test_a_kept_hash_is_kept() -> None:
    assert hash(Kept((1, 2))) == hash(Kept((1, 2)))
    assert Kept.__module__ == __name__ and Kept.__qualname__ == "Kept"


def test_nothing_is_written_before_the_first_instance() -> None:
    @frozen
    class Unused:
        x: int

    assert "__eq__" not in vars(Unused)
    Unused(1)
    assert "__eq__" in vars(Unused)


def test_records_keep_the_rules() -> None:
    """No heirs, no `super()`; and the slots foreseen are those that attrs makes."""
    modules = [importlib.import_module(name) for name in EVERY]
    every = {c for m in modules for c in vars(m).values() if isinstance(c, type)}
    records = [c for c in every if "__later__" in vars(c)]
    assert len(records) > 500
    for record in records:
        assert record.__subclasses__() == []
        for value in vars(record).values():
            code = getattr(value, "__code__", None)
            assert code is None or "__class__" not in code.co_freevars
        plain, options = vars(record)["__later__"]
        assert attrs.define(plain, **options).__slots__ == record.__slots__


def test_fewer_classes_are_written_than_there_are(tmp_path: Path) -> None:
    """What it is for: a run writes the methods of a third of the classes that it imports."""
    file = tmp_path / "two.kspec"
    file.write_text(TWO_STATES, encoding="utf-8")
    code = (
        "import sys; from kspec.cli.main import _run\n"
        f"_run(['check', {str(file)!r}])\n"
        "classes = {c for m in list(sys.modules.values()) if m.__name__.startswith('kspec.')\n"
        "           for c in vars(m).values() if isinstance(c, type) and '__later__' in vars(c)}\n"
        "print(len(classes), sum('__attrs_attrs__' in vars(c) for c in classes))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )
    there, written = map(int, done.stdout.split()[-2:])
    assert there > 400
    assert written < there // 2


def test_every_part_of_a_typed_tree_is_a_node() -> None:
    """What walks the tree looks into nodes and tuples alone."""
    from kspec.analysis import typed
    from kspec.base.node import Node

    classes = [c for c in vars(typed).values() if isinstance(c, type)]
    ours = [
        c for c in classes if c.__module__.startswith(typed.__name__) and "__later__" in vars(c)
    ]
    assert len(ours) > 100
    assert [c for c in ours if not issubclass(c, Node)] == []
    wrong = ("dict[", "list[", "set[", "Mapping[")
    assert [
        c for c in ours if any(w in str(a) for a in c.__annotations__.values() for w in wrong)
    ] == []


def test_the_first_instance_may_come_from_another_process() -> None:
    """What is unpickled is made without `__init__`."""
    making = "import sys, pickle; from kspec.verdict.answer import Cut, Reached, Found\n"
    give = f"{making}sys.stdout.buffer.write(pickle.dumps((Cut('a', 2), Reached(1, 2, 3))))"
    take = (
        f"{making}cut, reached = pickle.load(sys.stdin.buffer)\n"
        "print(repr(cut), cut == Cut('a', 2), hash(reached) == hash(Reached(1, 2, 3)))"
    )
    given = subprocess.run([sys.executable, "-c", give], capture_output=True, check=True)
    taken = subprocess.run(
        [sys.executable, "-c", take], input=given.stdout, capture_output=True, check=True
    )
    assert taken.stdout.decode().strip() == "Cut(action='a', states=2) True True"
