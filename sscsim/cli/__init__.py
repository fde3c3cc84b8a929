"""The command line: a file for each group of commands, loaded when the command is called.

Nothing here imports pandas, Mesa or matplotlib before a command needs them, so that ``sscsim
--help`` answers at once.
"""
