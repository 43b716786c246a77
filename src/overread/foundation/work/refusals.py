"""Refusals that a person or a peer must be told, with what to do next. Pages and protocols show them."""


class Refused(Exception):
    """Something was not done, and why.

    Args:
        message: what happened, what it means, what to do; plain English, no patient data.
        code: a short machine word, such as "lease-lost".
    """

    status = 409

    def __init__(self, message: str, *, code: str = "refused") -> None:
        super().__init__(message)
        self.message, self.code = message, code


class NotFound(Refused):
    """It does not exist, or belongs to another client: the two are told apart nowhere."""

    status = 404

    def __init__(self, message: str = "There is nothing at this address for you.", *, code: str = "not-found") -> None:
        super().__init__(message, code=code)


class NotAllowed(Refused):
    """This person may not do this."""

    status = 403


class Conflict(Refused):
    """Somebody else was first, or the page was stale."""

    status = 409


class BadInput(Refused):
    """What was given cannot be taken.

    Args:
        message: a sentence for the top of the form.
        errors: field name -> what is wrong with it and what would be right.
    """

    status = 422

    def __init__(self, message: str, *, errors: dict[str, str] | None = None, code: str = "bad-input") -> None:
        super().__init__(message, code=code)
        self.errors = errors or {}
