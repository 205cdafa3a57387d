"""A network that reads digits: what it is, and where its 13,002 numbers are."""
