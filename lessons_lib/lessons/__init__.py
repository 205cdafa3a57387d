"""One room a lesson, named as its notebook without the number: its panels and its exercise.

A panel `panels.votes` stands in the file `votes.py` of its room. Rooms know nothing of each other: what two
lessons share lives in :mod:`lessons_lib.panels`, :mod:`lessons_lib.drawing` or :mod:`lessons_lib.runs`.
"""
