"""Minibatch or full batch: the drunk man and the careful man."""
