"""The page of one file: its sliders, the emulator that answers them, and what the page is written from.

`sliders` says what can be moved, `outputs` what is shown, `training` runs the model over a design, `emulator` fits and
predicts, `payload` lays all of it out for the page.
"""
