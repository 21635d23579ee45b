"""The embedded engine: lyrics -> score -> arrangement -> instruments and voice -> mix -> files, on two CPU cores.

It knows no server, no database, no network and no environment: everything comes in as an argument.
`pipeline.py` is the list of stages; `material.py` is what they hand over.
"""
