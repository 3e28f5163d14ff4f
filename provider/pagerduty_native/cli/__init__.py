"""The command line `pagerduty-native`, for people: check a token, list integrations, adopt them into a stack."""
