"""/metrics: true numbers in the format of Prometheus, for this machine or a token's holder, and nothing of any person."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from overread.journey.escalation import actions as escalation
from overread.site import metrics
from tests.world import World, world

__all__ = ["world"]
LINE = re.compile(r'^[a-z_]+(\{[a-z]+="[^"\n]*"(,le="[^"]+")?\})? -?[0-9.e+-]+$')


def _numbers(body: str) -> dict[str, float]:
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in body.splitlines() if line[0] != "#"}


def _get(**headers: str) -> tuple[int, str]:
    answer = Client().get("/metrics", **headers)
    return answer.status_code, answer.content.decode()


def test_the_numbers_are_those_of_the_service(world: World) -> None:
    """Cases, open and late alerts are counted over all clients, in lines that Prometheus reads, with help for each."""
    first, _other = world.ready_case("NORTH"), world.ready_case("SOUTH")
    with world.scope("NORTH"):
        escalation.raise_alert(
            actor=world.actor("reader"), case_id=first.case_id, category="critical", finding="Quillfeather bleeds"
        )
    metrics.answered("/worklist/", 0.2)
    status, body = _get()
    assert status == 200
    assert [line for line in body.splitlines() if line[0] != "#" and not LINE.match(line)] == []
    found = _numbers(body)
    assert found['overread_cases{state="ready"}'] == 2
    assert (found["overread_alerts_open"], found["overread_alerts_late"]) == (1, 0)
    assert found['overread_http_seconds_count{kind="pages"}'] >= 1
    assert (
        found['overread_http_seconds_bucket{kind="pages",le="0.1"}']
        < found['overread_http_seconds_bucket{kind="pages",le="0.25"}']
    )
    named = {re.split(r"[{ ]", line)[0] for line in body.splitlines() if line[0] != "#"}
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in named} <= set(metrics.METRICS)


def test_a_breach_shows(world: World) -> None:
    """A read past its agreed time, and an alert past its own, are counted as late."""
    ready = world.ready_case("NORTH", priority="emergency")
    with world.scope("NORTH"):
        escalation.raise_alert(actor=world.actor("reader"), case_id=ready.case_id, category="critical", finding="Bleed")
    from overread.foundation.tenancy.scope import Scope, open_scope

    with open_scope(Scope.everything(), opened_by="test"):
        found = _numbers(metrics.text(timezone.now() + timedelta(days=2)))
    assert (found["overread_reads_late"], found["overread_alerts_late"]) == (1, 1)


def test_no_patient_and_no_person_is_in_the_numbers(world: World) -> None:
    """Neither names nor numbers of patients, people or clients stand in the page."""
    world.ready_case("NORTH")
    _, body = _get()
    for word in ("Quillfeather", "H000001", "NORTH", "Northmere", *(p.full_name for p in world.people.values())):
        assert word not in body


@pytest.mark.django_db
def test_the_page_is_for_this_machine_and_for_the_holder_of_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From elsewhere, through a proxy or with a wrong token the page does not exist; with the right one it does."""
    file = tmp_path / "token"
    file.write_text("s3cret-of-the-monitor\n", encoding="utf-8")
    file.chmod(0o600)
    away = {"REMOTE_ADDR": "192.0.2.7"}
    right = {"HTTP_AUTHORIZATION": "Bearer s3cret-of-the-monitor"}
    assert _get()[0] == 200
    assert _get(**away)[0] == 404
    assert _get(HTTP_X_FORWARDED_FOR="192.0.2.7")[0] == 404
    assert _get(**away, **right)[0] == 404, "no token was set"
    monkeypatch.setenv("OVERREAD_METRICS_TOKEN_FILE", str(file))
    assert _get(**away, **right)[0] == 200
    assert _get(**away, HTTP_AUTHORIZATION="Bearer other")[0] == 404
    assert _get(**away, HTTP_AUTHORIZATION="Bearer ")[0] == 404
