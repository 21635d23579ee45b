"""Wire formats. Each folder here translates one API's words to ours and back; `base` is what they share.

A dialect decides nothing: its routes are parse -> lifecycle -> render.
"""
