"""Tags escape what they are given and keep icon, word and colour together. How they look: tests/look."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.ui import slots
from overread.foundation.ui.forms import OverreadForm
from overread.foundation.ui.templatetags import ui
from overread.foundation.ui.values import BellItem, ClockItem, Count, PatientBanner

AT = datetime(2026, 11, 17, 13, 42, tzinfo=UTC)
EVIL = "<script>alert('x')</script>\" onmouseover=\"y"


def draw(text: str, **values: Any) -> str:
    return Template("{% load ui %}" + text).render(Context({"ui_now": AT, **values}))


@pytest.mark.parametrize(
    "text",
    [
        "{% badge 'crit' evil %}",
        "{% due at label=evil url=evil %}",
        "{% due at inline=True label=evil %}",
        "{% nhs evil %}",
        "{% evidence evil evil title=evil %}",
        "{% note 'warn' evil evil action=evil url=evil %}",
        "{% notice 'warn' evil %}{{ evil }}{% endnotice %}",
        "{% empty_state evil evil action=evil url=evil %}",
        "{% gauge 5 'ok' evil %}",
        "{% bar 5 label=evil %}",
        "{% sparkline values evil %}",
        "{% icon 'bell' evil %}",
        "{% icon evil %}",
        "{% patient_banner banner extra=evil %}",
        "{{ evil|initials }}",
    ],
)
def test_no_tag_lets_markup_through(text: str) -> None:
    """Whatever stands in a name, a number or a question, no part of a page turns it into markup or a script."""
    banner = PatientBanner(family=EVIL, given=EVIL, sex=EVIL, examination=EVIL, wrong=True, wrong_words=EVIL)
    html = draw(text, evil=EVIL, at=AT, banner=banner, values=[1, 2])
    assert "<script>alert" not in html.lower()
    assert '" onmouseover' not in html


def test_data_for_a_script_cannot_end_the_script() -> None:
    """A name that holds the end of a script element stays data."""
    html = draw("{% json_island 'x' evil %}", evil="</script><script>alert(1)</script>")
    assert html.count("</script>") == 1
    assert html.startswith('<script id="x" type="application/json">')


@given(st.text())
def test_a_badge_shows_its_word_whole(word: str) -> None:
    """The word of a state is never cut or changed, and its icon is hidden from screen readers."""
    from django.utils.html import escape

    html = ui.badge("hold", word)
    assert escape(word) in html
    assert 'aria-hidden="true"' in html
    assert "is-hold" in html


def test_a_state_that_does_not_exist_is_refused() -> None:
    """A page cannot invent a colour."""
    with pytest.raises(TemplateSyntaxError):
        draw("{% badge 'purple' 'x' %}")


def test_an_unknown_icon_is_a_ring_and_never_a_broken_page() -> None:
    """A missing picture takes nothing away from a reader."""
    assert "#circle" in ui.icon("no-such-icon")


def test_a_due_chip_carries_what_the_ticking_script_needs() -> None:
    """The chip holds the due time and the start in UTC; a paused one holds none, because it does not tick."""
    html = draw("{% due at start=start %}", at=AT + timedelta(minutes=18), start=AT - timedelta(minutes=42))
    assert 'data-due="2026-11-17T14:00:00+00:00"' in html
    assert "or-p-70" in html
    assert "in 18 min" in html
    assert "14:00" in html
    assert "data-due" not in draw("{% due at paused_left=60 %}", at=AT)


def test_when_takes_days_moments_and_nothing() -> None:
    """A birth date is written without a time, a missing moment as nothing."""
    assert draw("{{ d|when }}", d=AT.date()) == "17 Nov 2026"
    assert draw("{{ d|when:'weekday' }}", d=AT) == "Tue 17 Nov 2026, 13:42 GMT"
    assert draw("{{ d|when }}", d=None) == ""


def test_the_banner_names_the_patient_in_the_fixed_order() -> None:
    """Name, sex and age, born, NHS number, examination: always in this order, and absence is said."""
    html = draw(
        "{% patient_banner b %}", b=PatientBanner(family="Quillfeather", given="Osric", nhs_number="9990277788")
    )
    places = [html.index(part) for part in ("QUILLFEATHER, Osric", "Sex not sent", "Born", "999 027 7788")]
    assert places == sorted(places)
    assert "<h1" in html


class TwoFields(OverreadForm):
    """A small form for these tests."""

    name = forms.CharField(help_text="As on the referral.")
    side = forms.ChoiceField(choices=[("l", "Left")], widget=forms.RadioSelect)
    agreed = forms.BooleanField()
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_an_error_is_tied_to_its_field() -> None:
    """A screen reader hears help and error with the field: both are named by aria-describedby, and the field says it is invalid."""
    html = draw("{% field f.name %}", f=TwoFields({}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'for="id_name"' in html


def test_three_errors_get_a_summary_with_links() -> None:
    """With more than two errors the top of the form lists them and leads to each field."""
    html = draw("{% error_summary f %}", f=TwoFields({}))
    assert "3 things to correct" in html
    assert 'href="#id_name"' in html


def test_a_refusal_of_an_action_is_shown_at_its_field() -> None:
    """What an action refuses is said where it can be corrected; the rest stands on top of the form."""

    class Refusal(Exception):
        message = "Not possible"
        errors = {"name": "Two people have this name", "other": "Something else"}

    form = TwoFields({"name": "x", "side": "l", "agreed": "on"})
    assert form.is_valid()
    form.add_refusal(Refusal())
    assert form.errors["name"] == ["Two people have this name"]
    assert form.non_field_errors() == ["Something else"]


def test_the_whole_form_is_drawn_by_our_parts() -> None:
    """Writing {{ form }} gives the same labels, helps and errors as placing each field."""
    html = str(TwoFields({}))
    assert html.count("or-field-e") == 3
    assert "<fieldset" in html
    assert 'type="hidden"' in html


@pytest.fixture
def registry():
    before = slots.use(slots.Registry())
    yield
    slots.use(before)


@pytest.mark.usefixtures("registry")
def test_a_fault_in_one_source_does_not_take_the_page_away() -> None:
    """When one area cannot say what needs the person, the others are still shown and the gap is said."""

    def broken(_request: Any) -> list[BellItem]:
        raise RuntimeError("down")

    slots.register_bell(broken)
    slots.register_bell(lambda _request: [BellItem(title="Alert", url="/a", state="crit")])
    titles = [item.title for item in slots.bell_for(RequestFactory().get("/"))]
    assert titles == ["Alert", "This list may be incomplete"]


@pytest.mark.usefixtures("registry")
def test_the_nearest_running_clock_is_shown() -> None:
    """Of several deadlines the nearest that runs is the one in the top bar; a paused one gives way."""
    near = ClockItem(label="near", due_at=AT)
    slots.register_clock(lambda _r: ClockItem(label="paused", due_at=AT - timedelta(hours=1), paused_left_seconds=5))
    slots.register_clock(lambda _r: ClockItem(label="far", due_at=AT + timedelta(hours=1)))
    slots.register_clock(lambda _r: near)
    assert slots.clock_for(RequestFactory().get("/")) == near


@pytest.mark.usefixtures("registry")
def test_the_menu_shows_only_what_the_person_may_open() -> None:
    """An entry of another role, without permission or without a page in this installation is not shown."""

    class Person:
        def has_perm(self, code: str) -> bool:
            return code == "case.see"

    request = RequestFactory().get("/")
    setattr(request, "user", Person())  # noqa: B010
    entry = {"label": "x", "url_name": "ui:gallery", "icon": "bell"}
    slots.register_nav(
        slots.NavEntry(**entry, order=2, permission="case.see", count=lambda _r: Count(number=2, hot=True))
    )
    slots.register_nav(slots.NavEntry(**entry, permission="people.manage"))
    slots.register_nav(slots.NavEntry(**entry, roles=frozenset({"radiologist"})))
    slots.register_nav(slots.NavEntry(label="y", url_name="no:such", icon="bell"))
    groups = slots.nav_for(request)
    assert [line.label for group in groups for line in group.lines] == ["x"]
    assert groups[0].lines[0].count == Count(number=2, hot=True)


@pytest.mark.usefixtures("registry")
def test_a_long_menu_folds_its_groups_and_opens_the_one_of_the_page() -> None:
    """Only a long menu folds; the group of the present page stands open, and what is folded away still says what is hot in it."""
    request = RequestFactory().get("/")
    setattr(request, "resolver_match", SimpleNamespace(view_name="ui:gallery"))  # noqa: B010
    hot = {"url_name": "shell:home", "icon": "bell", "count": lambda _r: Count(number=2, hot=True)}
    slots.register_nav(slots.NavEntry(label="here", url_name="ui:gallery", icon="bell", group="First"))
    for number in range(slots.NAV_WHOLE - 1):
        slots.register_nav(slots.NavEntry(label=f"{number}", group="Second", **hot))
    assert [(g.folds, g.open) for g in slots.nav_for(request)] == [(False, True), (False, True)]
    slots.register_nav(slots.NavEntry(label="one more", url_name="shell:home", icon="bell"))
    groups = {g.heading: g for g in slots.nav_for(request)}
    assert (groups["First"].folds, groups["First"].open) == (True, True)
    assert (groups["Second"].folds, groups["Second"].open) == (True, False)
    assert groups["Second"].hot == 2 * (slots.NAV_WHOLE - 1)
    assert not groups[""].folds, "what has no heading cannot be opened again"


@pytest.mark.usefixtures("registry")
def test_panels_of_other_areas_are_fetched_or_drawn_in_order() -> None:
    """A page shows the panels that were joined to it, in their order, and none when its page is missing."""
    slots.register_panel(slots.Panel(page="p", order=2, url_name="ui:gallery", title="Later"))
    slots.register_panel(
        slots.Panel(
            page="p",
            order=1,
            template="ui/parts/empty.html",
            context=lambda _r, a: {"title": a.get("word", "first"), "icon": "bell"},
        )
    )
    slots.register_panel(slots.Panel(page="p", order=3, url_name="no:such"))
    html = draw("{% slot 'p' %}", request=RequestFactory().get("/"))
    assert html.index("first") < html.index('hx-get="/ui/gallery/"')
    assert html.count("hx-get") == 1
    assert "<script>alert" not in draw("{% slot 'p' word=w %}", request=RequestFactory().get("/"), w=EVIL)
    with pytest.raises(ValueError, match="either"):
        slots.register_panel(slots.Panel(page="p", order=1))


@pytest.mark.usefixtures("registry")
def test_a_role_begins_at_its_home() -> None:
    """A person with two roles begins where the first of them begins; without a role at the root."""
    request = RequestFactory().get("/")
    slots.register_home("radiologist", "ui:gallery", order=1)
    assert slots.home_for(request) == "/"
    request.person_view = type("View", (), {"roles": ["radiologist"]})()  # type: ignore[attr-defined]
    assert slots.home_for(request) == "/ui/gallery/"
