"""`/metrics`: how the service does, in Prometheus' text format, for a monitoring system; numbers only, of nobody.

Asked from this machine itself, or with the token of OVERREAD_METRICS_TOKEN_FILE; anybody else is told that there is no such
page. A request that came through a proxy counts as from outside, whatever its address. The names are documented in
docs/reference/metrics.md, which a test makes from METRICS.
"""

import ipaddress
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from pathlib import Path
from threading import Lock
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from overread.foundation.accounts.doors import anyone
from overread.foundation.clock import queries as clock
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work import queries as work
from overread.journey.case import queries as cases
from overread.journey.delivery import queries as delivery
from overread.journey.escalation import queries as escalation
from overread.journey.reception import queries as reception
from overread.site import beating, config
from overread.site.supervisor import read_status

METRICS: Final[dict[str, tuple[str, str]]] = {
    "overread_studies_arrived": ("gauge", "Studies whose newest image came in the last hour"),
    "overread_studies_waiting": (
        "gauge",
        "Studies that a person must look at, by why: without_case, held, quarantined",
    ),
    "overread_cases": ("gauge", "Cases by state"),
    "overread_reads_late": ("gauge", "Open reads past their agreed time: turnaround breaches that last"),
    "overread_alerts_open": ("gauge", "Alerts that nobody has acknowledged"),
    "overread_alerts_late": ("gauge", "Open alerts past the time by which a person must have acknowledged"),
    "overread_alerts_stalled": ("gauge", "Open alerts without a next step, which must never be"),
    "overread_alert_watch_age_seconds": ("gauge", "Seconds since alerts were last watched; -1 when they never were"),
    "overread_deliveries_failed": ("gauge", "Deliveries that a person must look at"),
    "overread_jobs": ("gauge", "Jobs of background work by state: ready, delayed, running, failed"),
    "overread_jobs_oldest_seconds": ("gauge", "Longest wait of a job that is due"),
    "overread_deadlines": ("gauge", "Deadlines by state: waiting, overdue, stuck"),
    "overread_deadlines_oldest_seconds": ("gauge", "How long the deadline that is due longest has waited"),
    "overread_deadline_lag_seconds": ("gauge", "How late deadlines of the last hour fired, by quantile: 0.5, 0.95, 1"),
    "overread_process_up": ("gauge", "1 when a child of overread up runs on this machine, by role"),
    "overread_process_age_seconds": ("gauge", "Seconds since that child was started or ended"),
    "overread_process_restarts": ("gauge", "How often it was started again"),
    "overread_http_seconds": (
        "histogram",
        "Seconds from a request to the end of its answer in this web process, by kind",
    ),
}
BUCKETS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
KINDS: Final = {"api": "api", "read": "images", "dicomweb": "dicomweb", "static": "static", "metrics": "metrics"}


@dataclass(frozen=True)
class Sample:
    """One line: the name, the label's name and value if it has one, and the number."""

    name: str
    value: float
    label: str = ""
    labelled: str = ""

    def line(self) -> str:
        """As Prometheus reads it."""
        where = f'{{{self.label}="{self.labelled}"}}' if self.label else ""
        return f"{self.name}{where} {self.value:.10g}"


# --- HTTP, counted by the ASGI application -------------------------------------------------------------------------

_lock = Lock()
_buckets: Counter[tuple[str, int]] = Counter()
_sums: Counter[str] = Counter()


def answered(path: str, seconds: float) -> None:
    """Count one answered request; of its address only the kind is kept."""
    kind = KINDS.get(path.strip("/").partition("/")[0], "pages")
    with _lock:
        _buckets[kind, bisect_left(BUCKETS, seconds)] += 1
        _sums[kind] += seconds  # type: ignore[assignment]


def _http() -> Iterator[str]:
    with _lock:
        buckets, sums = Counter(_buckets), dict(_sums)
    for kind in sorted(sums):
        total = 0
        for number, most in enumerate((*BUCKETS, float("inf"))):
            total += buckets[kind, number]
            bound = "+Inf" if most == float("inf") else f"{most:g}"
            yield f'overread_http_seconds_bucket{{kind="{kind}",le="{bound}"}} {total}'
        yield f'overread_http_seconds_sum{{kind="{kind}"}} {sums[kind]:.6f}'
        yield f'overread_http_seconds_count{{kind="{kind}"}} {total}'


# --- rows ----------------------------------------------------------------------------------------------------------


def _journey(at: datetime) -> Iterator[Sample]:
    yield Sample("overread_studies_arrived", reception.arrived_count(at - timedelta(hours=1)))
    waiting = {
        "without_case": reception.without_case_count(),
        "held": reception.held_count(),
        "quarantined": reception.quarantined_count(),
    }
    yield from (Sample("overread_studies_waiting", count, "why", why) for why, count in waiting.items())
    states = cases.counts_by_state()
    yield from (Sample("overread_cases", states[state], "state", state) for state in sorted(states))
    yield Sample("overread_reads_late", cases.late_count(at))
    alerts = escalation.open_alerts()
    yield Sample("overread_alerts_open", len(alerts))
    yield Sample("overread_alerts_late", sum(alert.must_by < at for alert in alerts))
    yield Sample("overread_alerts_stalled", len(escalation.stalled()))
    yield Sample("overread_deliveries_failed", len(delivery.failed()))


def _machinery(at: datetime) -> Iterator[Sample]:
    age = beating.watch().age_seconds
    yield Sample("overread_alert_watch_age_seconds", -1 if age is None else age)
    jobs = work.health()
    for state in ("ready", "delayed", "running", "failed"):
        yield Sample("overread_jobs", getattr(jobs, state), "state", state)
    yield Sample("overread_jobs_oldest_seconds", jobs.oldest_ready_seconds)
    due = clock.health()
    for state in ("waiting", "overdue", "stuck"):
        yield Sample("overread_deadlines", getattr(due, state), "state", state)
    yield Sample("overread_deadlines_oldest_seconds", due.oldest_due_seconds)
    late = clock.lateness(at - timedelta(hours=1))
    for share, value in (("0.5", late.median), ("0.95", late.p95), ("1", late.worst)):
        yield Sample("overread_deadline_lag_seconds", value, "quantile", share)


def _processes(at: datetime) -> Iterator[Sample]:
    folder = config.data_dir()
    status = read_status(folder) if folder else None
    for child in status.children if status else ():
        up = bool(status and status.alive and child.state == "running")
        yield Sample("overread_process_up", up, "role", child.role)
        since = parse_datetime(child.since) if child.since else None
        if since is not None:
            yield Sample("overread_process_age_seconds", (at - since).total_seconds(), "role", child.role)
        yield Sample("overread_process_restarts", child.restarts, "role", child.role)


def text(at: datetime) -> str:
    """The whole page; needs a scope of everything."""
    lines: list[str] = []
    begun = ""
    samples = sorted([*_journey(at), *_machinery(at), *_processes(at)], key=lambda one: list(METRICS).index(one.name))
    for sample in samples:
        if sample.name != begun:
            begun = sample.name
            kind, words = METRICS[begun]
            lines += [f"# HELP {begun} {words}", f"# TYPE {begun} {kind}"]
        lines.append(sample.line())
    kind, words = METRICS["overread_http_seconds"]
    lines += ["# HELP overread_http_seconds " + words, f"# TYPE overread_http_seconds {kind}", *_http()]
    return "\n".join(lines) + "\n"


# --- the door ------------------------------------------------------------------------------------------------------


def _token() -> str:
    place = config.value("OVERREAD_METRICS_TOKEN_FILE")
    if not place:
        return ""
    if Path(place).stat().st_mode & 0o077:
        raise config.InsecureSecret(f"{place} can be read by others. Run: chmod 600 {place}")
    return Path(place).read_text(encoding="utf-8").strip()


def _may(request: HttpRequest) -> bool:
    """From this machine itself, or with the token."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = _token()
        return bool(token) and compare_digest(given.strip().encode(), token.encode())
    through_proxy = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip"))
    try:
        here = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        here = False
    return here and not through_proxy


@require_GET
@anyone
def metrics(request: HttpRequest) -> HttpResponse:
    """GET /metrics: 404 for whoever may not ask."""
    if not _may(request):
        raise Http404
    with open_scope(Scope.everything(), opened_by="token"):
        body = text(timezone.now())
    answer = HttpResponse(body, content_type="text/plain; version=0.0.4; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


class Timed:
    """Stands round an ASGI request and counts how long its answer took."""

    def __init__(self, path: str) -> None:
        self._path, self._begun = path, time.perf_counter()

    def __enter__(self) -> None:
        """The request begins."""

    def __exit__(self, *_: object) -> None:
        answered(self._path, time.perf_counter() - self._begun)
