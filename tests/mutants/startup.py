"""Mutants of what makes short runs short."""

from __future__ import annotations

from tests.mutants.harness import Mutant

RECORD = "tests/unit/base/test_record.py"
START = "tests/house/test_start.py"

STARTUP = (
    Mutant(
        "a record that can change has a hash",
        "kspec/base/record.py",
        "vars(plain).get(n, made) is not v",
        "vars(plain).get(n) is not v",
        f"{RECORD}::test_an_instance_is_as_attrs_makes_it",
    ),
    Mutant(
        "methods are written when a class is imported",
        "kspec/base/record.py",
        "        return (lambda cls: _shell(cls, options)) if plain is None else "
        "_shell(plain, options)\n",
        "        return attrs.define(plain, **options)\n",
        f"{RECORD}::test_nothing_is_written_before_the_first_instance",
    ),
    Mutant(
        "output is lost when the process ends",
        "kspec/cli/main.py",
        "            stream.flush()\n    os._exit",
        "            pass\n    os._exit",
        f"{START}::test_what_was_written_is_not_lost",
    ),
    Mutant(
        "exit handlers do not run",
        "kspec/cli/main.py",
        "    atexit._run_exitfuncs()\n",
        "",
        f"{START}::test_what_was_written_is_not_lost",
    ),
    Mutant(
        "a check loads the hunters",
        "kspec/driver/searching/search.py",
        "from kspec.base.internal import InternalError\n",
        "import kspec.engines.walks\nfrom kspec.base.internal import InternalError\n",
        f"{START}::test_a_check_that_holds_loads_what_it_uses",
    ),
    Mutant(
        "a state of the parser's tables is that of its neighbour",
        "kspec/syntax/tables.py",
        "in self._folded[state].split()",
        "in self._folded[state - 1].split()",
        "tests/unit/syntax/test_tables.py::test_lark_reads_the_same_tokens",
    ),
)
