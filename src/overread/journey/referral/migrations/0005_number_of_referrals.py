"""The last number of each client's referrals, locked by whoever takes the next."""

import django.db.models.deletion
import uuid
from django.db import migrations, models

from overread.foundation.tenancy.rls import EnableRLS


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0004_site_guards'),
        ('referral', '0004_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReferralCounter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('last', models.PositiveIntegerField(default=0)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('client',), name='referral_counter_once')],
            },
        ),
        EnableRLS("referral_referralcounter"),
    ]
