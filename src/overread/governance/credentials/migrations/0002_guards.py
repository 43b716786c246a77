"""Versions are written once."""

from django.db import migrations

from overread.foundation.tenancy.rls import RefuseChange


class Migration(migrations.Migration):
    """Triggers on the versioned rows."""

    dependencies = [("credentials", "0001_initial")]

    operations = [RefuseChange("credentials_registration"), RefuseChange("credentials_privilege")]
