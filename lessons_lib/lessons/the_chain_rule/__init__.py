"""The chain rule: where the formulas come from, and how to check them."""
