"""`python -m kspec`: the command line."""

from kspec.cli.main import main

if __name__ == "__main__":
    main()
