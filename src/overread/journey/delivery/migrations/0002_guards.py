"""The second wall between clients; deliveries and attempts are never removed."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Row-level security and refusals."""

    dependencies = [("delivery", "0001_initial")]

    operations = [
        EnableRLS("delivery_delivery"),
        EnableRLS("delivery_deliveryattempt"),
        RefuseChange("delivery_delivery", update=False),
        RefuseChange("delivery_deliveryattempt", update=False),
    ]
