"""What the worker forgets of accounts: rows that can prove nothing any more."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from overread.foundation.accounts.codes import step_at
from overread.foundation.accounts.limits import limits
from overread.foundation.accounts.models import Presence, Throttle, UsedCode, WebSession
from overread.foundation.thresholds import current

KEEP = timedelta(days=1)


def forget_old() -> bool:
    """Remove expired cookies' sessions, old counters, used codes and unused proofs; web sessions when they are old.

    Proofs that were used stay: what they allowed names them.

    Returns:
        False: there is never more to do at once.
    """
    at = timezone.now()
    Session.objects.filter(expire_date__lt=at).delete()
    Throttle.objects.filter(window_from__lt=at - KEEP).delete()
    UsedCode.objects.filter(step__lt=step_at(at - KEEP)).delete()
    Presence.objects.filter(used_at=None, made_at__lt=at - KEEP).delete()
    most = limits().session_end
    WebSession.objects.filter(started_at__lt=at - most, ended_at=None).update(ended_at=at, ended_why="its longest life")
    WebSession.objects.filter(started_at__lt=at - current.duration("accounts.sessions_kept")).delete()
    return False
