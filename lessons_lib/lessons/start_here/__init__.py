"""Start here: does the set-up work, and a first look at a network that learns."""
