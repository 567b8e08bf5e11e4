"""The entry point: finds the command, loads it alone, and turns its outcome into an exit code.

Nothing heavy is imported here; each command is a module of its own, loaded when it is named.
Next: `check` for the command that does the work.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    import click

COMMANDS: Final = {
    "init": "write a small project to begin with",
    "check": "judge the properties of programs in their scopes",
    "prove": "prove properties for runs of every length, and check proofs again",
    "info": "say what there is to search, before searching",
    "simulate": "walk at random, and show where it leads",
    "import": "write manifests as a cluster in the language",
    "fmt": "lay programs out in the one canonical way",
    "explain": "say more about a diagnostic, by its slug",
    "version": "print the version",
}
"""Each is a module `kspec.cli.<name>` with a `command`."""

MODULES: Final = {"import": "importing"}
"""Those whose name no module can have."""

NEIGHBOURS: Final = {
    "verify": "check",
    "test": "check",
    "new": "init",
    "run": "simulate",
    "sim": "simulate",
    "format": "fmt",
    "lint": "check",
    "help": "--help",
}
"""What other tools call things."""

WRONG: Final = 2
INTERNAL: Final = 101
INTERRUPTED: Final = 130


def main() -> None:
    """Run `kspec` with the arguments of the process, and leave with its exit code."""
    if sys.argv[1:] in (["--version"], ["version"]):
        from kspec import __version__

        print(f"kspec {__version__}")
        raise SystemExit(0)
    _leave(_run(sys.argv[1:]))


def _leave(code: int) -> NoReturn:
    """End the process without taking it apart first: that takes a fifth of a short run."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def _run(arguments: list[str]) -> int:
    # Starting makes many objects and drops none: looking for cycles all the while costs a tenth.
    gc.set_threshold(100_000)
    # Names of objects and signs are not ASCII, whatever the locale says.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read our output has enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        from kspec.cli.bug import report_bug

        report_bug(error, arguments)
        return INTERNAL


def _dispatch(arguments: list[str]) -> int:
    import click

    try:
        outcome = _group().main(arguments or ["--help"], "kspec", standalone_mode=False)
        return outcome if isinstance(outcome, int) and arguments else WRONG
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "kspec"
        print(f"error[usage]: {_plain(error.format_message())}", file=sys.stderr)
        print(f"  = help: {command} --help", file=sys.stderr)
        return WRONG
    except click.Abort:
        return INTERRUPTED


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:].rstrip(".")


def _group() -> click.Group:
    import click

    class Commands(click.Group):
        """Loads a command when it is asked for."""

        def list_commands(self, ctx: click.Context) -> list[str]:
            return list(COMMANDS)

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
            if cmd_name not in COMMANDS:
                return None
            found = import_module(f"kspec.cli.{MODULES.get(cmd_name, cmd_name)}").command
            assert isinstance(found, click.Command)
            return found

        def resolve_command(
            self, ctx: click.Context, args: list[str]
        ) -> tuple[str | None, click.Command | None, list[str]]:
            name = args[0]
            if name not in COMMANDS and not name.startswith("-"):
                from kspec.base.suggest import suggest

                near = NEIGHBOURS.get(name) or suggest(name, COMMANDS)
                advice = f"; did you mean `kspec {near}`?" if near else ""
                raise click.UsageError(f"there is no command `{name}`{advice}", ctx)
            return super().resolve_command(ctx, args)

        def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
            # The texts stand here so that help loads no command.
            with formatter.section("Commands"):
                formatter.write_dl(list(COMMANDS.items()))

    from kspec import __version__

    group = Commands(
        name="kspec",
        help="Model checking for Kubernetes: violated, with the shortest trace, or holds, with "
        "evidence.",
        epilog="\b\nExamples:\n  kspec init demo\n  kspec check demo",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    return click.version_option(__version__, message="kspec %(version)s")(group)


if __name__ == "__main__":
    main()
