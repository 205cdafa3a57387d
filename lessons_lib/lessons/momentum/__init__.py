"""Momentum: why remember the last steps?"""
