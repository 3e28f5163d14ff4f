"""`python -m pagerduty_emulator` is the same as the `pagerduty-emulator` command."""

from .cli import main

if __name__ == "__main__":
    main()
