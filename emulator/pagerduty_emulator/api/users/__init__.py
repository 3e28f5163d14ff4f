"""Users: the people of the account."""
