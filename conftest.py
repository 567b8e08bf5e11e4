"""For pytest: Markdown chapters are tests, below `tests/` and `docs/` alike."""

pytest_plugins = ("pytester", "tests.markdown")
