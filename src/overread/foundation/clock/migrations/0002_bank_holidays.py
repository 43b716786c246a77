"""Bank holidays of the four nations, from the `holidays` library; the provider corrects the table afterwards."""

from typing import Any

import holidays
from django.db import migrations

FIRST, LAST = 2020, 2035
SUBDIVISIONS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern_ireland": "NIR"}


def _seed(apps: Any, schema_editor: Any) -> None:
    model = apps.get_model("clock", "BankHoliday")
    rows = []
    for nation, subdivision in SUBDIVISIONS.items():
        days = holidays.country_holidays("GB", subdiv=subdivision, years=range(FIRST, LAST + 1))
        # A holiday on a weekend is taken on a weekday, which the library lists too; the weekend day is no bank holiday.
        rows += [
            model(nation=nation, day=day, name=name[:120]) for day, name in sorted(days.items()) if day.weekday() < 5
        ]
    model.objects.using(schema_editor.connection.alias).bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("clock", "0001_initial")]

    operations = [migrations.RunPython(_seed, migrations.RunPython.noop)]
