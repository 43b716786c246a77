"""The second wall between clients; referrals are never removed."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Row-level security and refusals."""

    dependencies = [("referral", "0001_initial")]

    operations = [
        EnableRLS("referral_referral"),
        EnableRLS("referral_document"),
        EnableRLS("referral_notthis"),
        RefuseChange("referral_referral", update=False),
        RefuseChange("referral_document"),
    ]
