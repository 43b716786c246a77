"""Images are seen only in the scope of their client; the row of a stored object never changes."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Images are seen only in the scope of their client; the row of a stored object never changes."""

    dependencies = [("archive", "0002_initial")]

    operations = [
        EnableRLS("archive_study"),
        EnableRLS("archive_series"),
        EnableRLS("archive_instance"),
        RefuseChange("archive_instance", delete=False),
    ]
