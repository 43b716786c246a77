"""The second wall between clients; attempts are never removed, and an alert that was closed stays as it was."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Row-level security and refusals."""

    dependencies = [("escalation", "0001_initial")]

    operations = [
        EnableRLS("escalation_alert"),
        EnableRLS("escalation_attempt"),
        EnableRLS("escalation_link"),
        RefuseChange("escalation_alert", update=False),
        RefuseChange("escalation_attempt", update=False),
    ]
