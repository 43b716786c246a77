"""The second wall between clients."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS


class Migration(migrations.Migration):
    """Row-level security."""

    dependencies = [("reading", "0001_initial")]

    operations = [EnableRLS("reading_keyimage"), EnableRLS("reading_displayed")]
