"""Which weights matter: how much the cost changes with each of them, and which way."""
