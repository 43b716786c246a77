"""The database itself refuses to change or remove entries, seals and anchors."""

from django.db import migrations

from overread.foundation.tenancy.rls import RefuseChange


class Migration(migrations.Migration):
    """Triggers on the three tables of the ledger."""

    dependencies = [("ledger", "0001_initial")]

    operations = [
        RefuseChange("ledger_entry"),
        RefuseChange("ledger_seal"),
        RefuseChange("ledger_anchor"),
    ]
