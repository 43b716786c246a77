"""Versions of agreements never change."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Versions of agreements never change."""

    dependencies = [("agreement", "0001_initial")]

    operations = [
        EnableRLS("agreement_agreement"),
        RefuseChange("agreement_agreement"),
    ]
