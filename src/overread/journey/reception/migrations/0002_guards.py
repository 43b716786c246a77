"""What arrived is seen only in the scope of its client; receipts never change."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """What arrived is seen only in the scope of its client; receipts never change."""

    dependencies = [("reception", "0001_initial")]

    operations = [
        EnableRLS("reception_expected"),
        EnableRLS("reception_arrival"),
        EnableRLS("reception_hold"),
        EnableRLS("reception_heldobject"),
        EnableRLS("reception_quarantined"),
        EnableRLS("reception_upload"),
        EnableRLS("reception_uploadedfile"),
        RefuseChange("reception_uploadedfile"),
        RefuseChange("reception_hold", update=False),
        RefuseChange("reception_quarantined", update=False),
    ]
