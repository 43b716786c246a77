"""The second wall between clients."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Row-level security; a key that was used is never forgotten."""

    dependencies = [("interface", "0001_initial")]

    operations = [EnableRLS("interface_keyedrequest"), RefuseChange("interface_keyedrequest", update=False)]
