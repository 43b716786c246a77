"""What is on record of a workstation and of a display, as columns of a file. Pure."""

from overread.foundation.registers.rules import Field, Kind


def _pixels(name: str, title: str) -> Field:
    return Field(name=name, title=title, kind=Kind.WHOLE, least=320, most=20_000)


COLUMNS: dict[str, tuple[Field, ...]] = {
    "workstation": (
        Field(name="name", title="Name", most=80),
        Field(name="place", title="Place", most=120, required=False),
        Field(name="owner", title="Who reads there", kind=Kind.PERSON, required=False, help="Empty: every reader."),
    ),
    "display": (
        Field(name="workstation", title="Workstation", most=80, help="By its name."),
        Field(name="make", title="Make", most=60),
        Field(name="model", title="Model", most=60),
        Field(name="serial", title="Serial number", most=60),
        _pixels("width_px", "Width in pixels"),
        _pixels("height_px", "Height in pixels"),
        Field(name="sensor", title="Its own sensor", most=60, required=False),
        Field(name="diagnostic", title="Reports are read on it", kind=Kind.YES, required=False),
    ),
}
