"""Styles: the book of styles as data, and what a person's words about style mean in its terms.

Conventions
    A style is one file, `data/<name>.yaml`; its notation is explained in `data/common.yaml` and its shape in
    `stylesheet.py`. Adding a style is adding a file. Every kind of section has chords, grooves and patterns.
"""

from songwright.engine.styles.book import load_style, style_names
from songwright.engine.styles.errors import StyleFileError
from songwright.engine.styles.understanding import understand_style

__all__ = ["StyleFileError", "load_style", "style_names", "understand_style"]
