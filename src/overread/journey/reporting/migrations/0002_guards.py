"""Signed versions and their documents never change, whoever speaks SQL; drafts and versions have the second wall."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Triggers and row-level security."""

    dependencies = [("reporting", "0001_initial")]

    operations = [
        RefuseChange("reporting_reportversion"),
        RefuseChange("reporting_reportfile"),
        EnableRLS("reporting_draft"),
        EnableRLS("reporting_reportversion"),
        EnableRLS("reporting_reportfile"),
        EnableRLS("reporting_alertmark"),
    ]
