"""Your own reader: a network of your own settings that reads your handwriting."""
