"""Facts and guesses about PagerDuty, tried on a real account that its owner names. Run by `make test-account`."""
