"""Trainings: settings, a course with its way back, runs in files, timed ones, and the lessons' networks."""
