"""What the scoreboard renders and how it listens: see the docstring of each module, and `score.py` for the command."""
