"""Versions of posts and of the papers of a file. Never updated in place (foundation/history)."""

from django.db import models

from overread.foundation.registers.rows import DocumentRow, RegisterRow


class Post(RegisterRow):
    """One version of what somebody is here, from when to when."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    post = models.CharField(max_length=120)
    basis = models.CharField(max_length=12)
    started_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    leaving = models.TextField(default="", blank=True)

    class Meta(RegisterRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="people_post_person")]


class Paper(DocumentRow):
    """One version of something that a person's file holds (Schedule 3)."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=20)
    held = models.CharField(max_length=16)
    seen_on = models.DateField()
    detail = models.TextField()
    expires_on = models.DateField(null=True, blank=True)

    class Meta(DocumentRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="people_paper_person")]
