"""The error that a command ends with."""


class CommandError(Exception):
    """A command cannot do what was asked; the message is one line that says what to do."""
