"""Who calls: API tokens, and OAuth access tokens for apps."""
