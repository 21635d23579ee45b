"""Songwright: a self-hosted music-generation API that composes, sings and mixes on two CPU cores."""

__version__ = "0.1.0"
