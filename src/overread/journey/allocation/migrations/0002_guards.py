"""The second wall between clients."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS


class Migration(migrations.Migration):
    """Row-level security on claims."""

    dependencies = [("allocation", "0001_initial")]

    operations = [EnableRLS("allocation_claim")]
