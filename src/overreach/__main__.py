"""`python -m overreach`."""

from overreach.cli.main import run

if __name__ == "__main__":
    run()
