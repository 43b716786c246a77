"""Versions, tests, looks and seats are written once; a browser's row changes only when it ends."""

from django.db import migrations

from overread.foundation.tenancy.rls import RefuseChange


class Migration(migrations.Migration):
    """Versions, tests, looks and seats are written once; a browser's row changes only when it ends."""

    dependencies = [("equipment", "0001_initial")]

    operations = [
        RefuseChange("equipment_workstation"),
        RefuseChange("equipment_display"),
        RefuseChange("equipment_displaytest"),
        RefuseChange("equipment_visualcheck"),
        RefuseChange("equipment_seat"),
        RefuseChange("equipment_device", when="OLD.ended_at IS NOT NULL"),
    ]
