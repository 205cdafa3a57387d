"""Start here: does the setup work, and a first look at a network that learns."""
