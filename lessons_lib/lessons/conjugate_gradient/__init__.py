"""Conjugate gradient: can we step so that no step undoes the last?"""
