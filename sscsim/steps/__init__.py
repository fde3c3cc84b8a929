"""The year: one file a step. A step gathers from the state, lets agents decide, calls a pure function, writes back.

The model file says in which order. A step may read and write only what it declares; a test watches.
"""
