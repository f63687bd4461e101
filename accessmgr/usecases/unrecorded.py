"""What is raised where the history cannot be written: no entry, no change."""


class Unrecorded(Exception):
    """The history could not be written, so nothing was done. The message is for whoever operates the product.

    :param size: how many entries the history has, if it has fewer than were signed
    :param signed: how many were signed
    """

    def __init__(self, because: str, *, size: int | None = None, signed: int | None = None) -> None:
        super().__init__(because)
        self.size = size
        self.signed = signed
