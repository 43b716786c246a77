"""A proposed change keeps what it said; its outcome is written once."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Triggers and row-level security."""

    dependencies = [("agreement", "0003_proposals")]

    operations = [
        EnableRLS("agreement_proposal"),
        RefuseChange(
            "agreement_proposal",
            unless="OLD.outcome = '' AND NEW.outcome <> '' AND OLD.terms = NEW.terms AND OLD.reason = NEW.reason "
            "AND OLD.proposed_by = NEW.proposed_by AND OLD.proposed_at = NEW.proposed_at",
        ),
    ]
