"""Since when a study is part of a case, so that what waits for a referral is counted by an index (H28)."""

from typing import Any

from django.db import migrations, models

FILL = """
UPDATE reception_arrival SET with_case_at = (
    SELECT min(part.attached_at) FROM case_casestudy part
    WHERE part.study_id = reception_arrival.study_id AND part.detached_at IS NULL
)
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """Studies that came earlier are counted as they stand; on PostgreSQL under the scope of all clients."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SELECT set_config('overread.scope', '*', true)")
    schema_editor.execute(FILL)


class Migration(migrations.Migration):
    """Since when a study is part of a case."""

    dependencies = [("case", "0004_dental_and_original"), ("reception", "0002_guards")]

    operations = [
        migrations.AddField("arrival", "with_case_at", models.DateTimeField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "arrival",
            models.Index(
                fields=["client", "-first_at"],
                condition=models.Q(("with_case_at__isnull", True)),
                name="reception_arrival_waits",
            ),
        ),
    ]
