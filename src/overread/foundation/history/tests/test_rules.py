"""Which version of a governed thing holds."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.history.rules import Version, current_of

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
KEY = uuid.uuid4()


def _version(begins: int, recorded: int, ends: int | None = None, says: str = "") -> Version:
    end = START + ends * DAY if ends is not None else None
    return Version(KEY, START + begins * DAY, end, START + recorded * DAY, says)


def _says(versions: list[Version], at: int, known_by: int) -> list[str]:
    return [v.row for v in current_of(versions, at=START + at * DAY, known_by=START + known_by * DAY)]


def test_a_later_version_takes_over_from_its_beginning() -> None:
    """Before a change begins the old version holds, from then on the new one."""
    versions = [_version(0, 0, says="old"), _version(10, 5, says="new")]
    assert (_says(versions, 9, 20), _says(versions, 10, 20)) == (["old"], ["new"])


def test_what_was_not_yet_known_is_left_out() -> None:
    """A correction recorded later does not change what was known before it."""
    versions = [_version(0, 0, says="as first recorded"), _version(0, 30, says="corrected")]
    assert _says(versions, 10, 29) == ["as first recorded"]
    assert _says(versions, 10, 30) == ["corrected"]


def test_an_ended_version_holds_no_more() -> None:
    """A thing whose last version has ended does not hold, although older open-ended versions exist."""
    versions = [_version(0, 0, says="open"), _version(0, 5, ends=8, says="ended")]
    assert (_says(versions, 7, 9), _says(versions, 8, 9)) == (["ended"], [])


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 50), st.none() | st.integers(0, 60)), min_size=0, max_size=12
    ),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_at_most_one_version_holds_and_it_was_known(
    rows: list[tuple[int, int, int | None]], at: int, known: int
) -> None:
    """Whatever was recorded, at most one version of a thing holds, it had begun, had not ended, and was known."""
    versions = [_version(b, r, e) for b, r, e in rows]
    moment, known_by = START + at * DAY, START + known * DAY
    found = current_of(versions, at=moment, known_by=known_by)
    assert len(found) <= 1
    for version in found:
        assert version.valid_from <= moment
        assert version.recorded_at <= known_by
        assert version.valid_to is None or version.valid_to > moment
