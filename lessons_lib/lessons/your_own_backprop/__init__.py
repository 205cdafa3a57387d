"""Your own backprop: what is right in it, and where it first goes wrong."""
