"""Versions of sites never change, and are seen only in the scope of their client."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Triggers and row-level security."""

    dependencies = [("clients", "0003_site_versions")]

    operations = [
        EnableRLS("clients_siteversion"),
        RefuseChange("clients_siteversion"),
    ]
