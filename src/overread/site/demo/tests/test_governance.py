"""The demonstration's registers: filled by the product's own verbs, with the gaps that they are meant to show."""

from datetime import timedelta

import pytest
from django.utils import timezone

from overread.foundation.accounts.tests.people import make_person
from overread.foundation.clock import queries as clock
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.governance.people import queries as people
from overread.governance.policies import queries as policies
from overread.governance.risks import queries as risks
from overread.governance.training import queries as training
from overread.governance.training.rules import State
from overread.site.demo.governance import seed_governance
from overread.site.demo.people import PEOPLE
from tests.world import join_house


@pytest.mark.django_db
def test_the_registers_are_mostly_in_order_and_their_gaps_are_duties() -> None:
    """One overdue risk, a lapsed training of the administrator, a draft and files not whole, each a duty of a person."""
    join_house()
    ours = [one for one in PEOPLE if not one.client]
    ids = {one.short: make_person(*one.roles, name=one.full_name).id for one in ours}
    seed_governance(ids)
    with open_scope(Scope.provider(), opened_by="test"):
        late = [d for d in clock.duties() if d.due_at < timezone.now()]
        assert {d.kind for d in late} == {"risks.review", "training.renew", "people.complete"}
        assert len(risks.risks()) == 6
        assert len(policies.in_force()) == 5
        assert [e["title"] for e in policies.waiting()] == ["Business continuity"]
        found = training.matrix()[1]
        assert found[ids["pip"], "information_governance"].state is State.EXPIRED
        assert found[ids["odile"], "prevent"].state is State.MISSING
        whole = {f.person.id: f.missing for f in people.files()}
        assert whole[ids["pip"]] == ("Full employment history, gaps explained",)
        assert whole[ids["maren"]] == ()
        lapsed = training.lapsed([ids["maren"], ids["tobias"]], timezone.now() + timedelta(days=1))
        assert all(not late for late in lapsed.values()), "no gate may stop the demonstration's readers"
