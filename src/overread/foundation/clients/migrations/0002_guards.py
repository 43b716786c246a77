"""Sites are seen only in the scope of their client."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS


class Migration(migrations.Migration):
    """Sites are seen only in the scope of their client."""

    dependencies = [("clients", "0001_initial")]

    operations = [
        EnableRLS("clients_site"),
    ]
