"""Who acts: a person, or a named part of the system. Nothing is ever done by nobody."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Actor:
    """The one who does something.

    Attributes:
        kind: "person" or "system".
        name: the person's id, or the name of the part, such as "listener".
    """

    kind: str
    name: str

    @classmethod
    def person(cls, person_id: UUID | str) -> "Actor":
        """A person, by id."""
        return cls("person", str(UUID(str(person_id))))

    @classmethod
    def system(cls, name: str) -> "Actor":
        """A named part of the system."""
        return cls("system", name)

    @classmethod
    def parse(cls, text: str) -> "Actor":
        """The reverse of `text`."""
        kind, _, name = text.partition(":")
        return cls.person(name) if kind == "person" else cls.system(name)

    @property
    def text(self) -> str:
        """As the ledger writes it: "person:<id>" or "system:<name>"."""
        return f"{self.kind}:{self.name}"

    @property
    def person_id(self) -> UUID | None:
        """The person's id, or None for a part of the system."""
        return UUID(self.name) if self.kind == "person" else None
