"""Records: attrs classes whose methods attrs writes when the first instance is made.

attrs compiles a text for every class while its module is imported, and a run makes instances of a
third of the classes that it imports. `frozen` and `define` here are attrs' own to a type checker,
and make the same instances; only the text is compiled later. A record inherits from no record, and
its methods do not use `super()`. Next: `node`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from attrs import define, frozen
else:

    def frozen(plain=None, **options):
        """As `attrs.frozen`."""
        return define(plain, frozen=True, **options)

    def define(plain=None, **options):
        """As `attrs.define`."""
        return (lambda cls: _shell(cls, options)) if plain is None else _shell(plain, options)


def _shell(plain: Any, options: dict[str, Any]) -> Any:
    """The class that attrs would make of a plain one, without what attrs writes for it."""
    fields = [n for n, a in plain.__annotations__.items() if not str(a).startswith("ClassVar")]
    members = {n: v for n, v in vars(plain).items() if n not in ("__dict__", "__weakref__")}
    for name in fields:
        members.pop(name, None)
    hash_is_kept = ("_attrs_cached_hash",) if options.get("cache_hash") else ()
    members["__slots__"] = (*fields, "__weakref__", *hash_is_kept)
    members["__init__"] = _first
    members["__setstate__"] = _restored
    members["__later__"] = (plain, options)
    return type(plain)(plain.__name__, plain.__bases__, members)


def _first(self: Any, *args: Any, **named: Any) -> None:
    """The `__init__` of a class without instances."""
    _write(type(self))
    type(self).__init__(self, *args, **named)


def _restored(self: Any, state: Any) -> None:
    """The `__setstate__` of a class whose first instance comes from another process."""
    _write(type(self))
    type(self).__setstate__(self, state)


def _write(shell: Any) -> None:
    """What attrs writes for a class, into it."""
    plain, options = vars(shell)["__later__"]
    made = attrs.define(plain, **options)
    written = {n: v for n, v in vars(made).items() if vars(plain).get(n, made) is not v}
    assert written.pop("__slots__") == shell.__slots__, f"the slots of {shell} are others"
    for name in (*shell.__slots__, "__module__", "__qualname__", "__doc__"):
        written.pop(name, None)
    init = written.pop("__init__")
    for name, value in written.items():
        setattr(shell, name, value)
    # Last, for another thread may make one, too: until here it does all of this again.
    shell.__init__ = init


__all__ = ["define", "frozen"]
