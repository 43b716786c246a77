"""The second wall for what a referral of each kind holds and for questions; what was said or decided never changes."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Row-level security and refusals."""

    dependencies = [("referral", "0003_kinds_of_work")]

    operations = [
        EnableRLS("referral_dentalrequest"),
        EnableRLS("referral_original"),
        EnableRLS("referral_matchstep"),
        EnableRLS("referral_query"),
        EnableRLS("referral_querymessage"),
        RefuseChange("referral_dentalrequest"),
        RefuseChange("referral_original"),
        RefuseChange("referral_matchstep"),
        RefuseChange("referral_querymessage"),
        RefuseChange("referral_query", update=False),
    ]
