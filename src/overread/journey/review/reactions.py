"""What review does when facts happen: bundles are made, answers taken, corrections noticed."""

import shutil
import tempfile
import zipfile
from collections import Counter
from typing import IO, Any
from uuid import UUID

from django.conf import settings

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.foundation.accounts.telling import mail_each
from overread.foundation.blobs.blob import BlobMissing
from overread.foundation.blobs.current import current
from overread.foundation.clients import queries as clients
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.journey.archive import queries as archive
from overread.journey.case import queries as cases
from overread.journey.case.rules import Role as StudyRole
from overread.journey.referral import queries as referrals
from overread.journey.reporting import queries as reports
from overread.journey.reporting.events import ReportToWrite
from overread.journey.reporting.rules import canonical_text
from overread.journey.review import actions, queries
from overread.journey.review.events import AskedToday, BundleAnswered, BundleAsked
from overread.journey.review.formats.deidentify import without_identity
from overread.journey.review.queries import ReviewView
from overread.journey.review.rules.redact import redacted
from overread.journey.review.rules.steps import ACT_WORDS, Act

FOLLOWER = Actor.system("peer-review")
TODAY = """{what}. Peer review {short} found a serious difference in a signed report, and patients may be treated by it.

{link}

This message holds no patient details.
"""


@on(ReportToWrite)
def corrected(event: ReportToWrite) -> None:
    """A new version of a report may be the correction that a review waits for."""
    for view in queries.open_of_case(event.case_id) if event.case_id else ():
        actions.follow(actor=FOLLOWER, review_id=view.id)


@on(BundleAnswered)
def taken(event: BundleAnswered) -> None:
    """What an external reviewer said counts in the review."""
    actions.take_answer(actor=FOLLOWER, bundle_id=event.bundle_id)


@on(AskedToday)
def tell_today(event: AskedToday) -> None:
    """Who must act on a serious difference today is mailed at once, or every registered manager where nobody is named.

    Raises:
        MailWaits: a mail was not taken now.
    """
    view, owner = queries.review(event.review_id), accounts.person(event.owner_id) if event.owner_id else None
    if view is None:
        return
    what = ACT_WORDS[Act(event.act)]
    link = f"{settings.OVERREAD_URL}/reviews/{view.id}/"
    text = TODAY.format(what=what, short=view.short, link=link)
    people = [owner] if owner else accounts.people_with_role(Role.REGISTERED_MANAGER)
    mail_each(f"review-today-{view.id}-{event.act}", people, f"Today: peer review {view.short}", text)


def _studies(case_id: UUID) -> list[UUID]:
    return [s.study_id for s in cases.studies_of(case_id) if s.role == StudyRole.CURRENT]


def _known(view: ReviewView) -> list[str]:
    """Every name and number of people that we know of this case."""
    found = [accounts.person_name(view.author_id), *clients.names([view.client_id]).values()]
    case = cases.case(view.case_id)
    if case is not None:
        found += [case.number, case.accession, case.referral_number]
        referral = referrals.referral(case.referral_id) if case.referral_id else None
        if referral is not None:
            found += [referral.family, referral.given, referral.identifier, referral.referrer_name]
            found += [referral.referrer_contact, referral.accession]
    for study in archive.studies(_studies(view.case_id)).values():
        found += [study.patient_name, study.identifier, study.nhs_number, study.referrer, study.institution]
    return [text for text in found if text]


def _texts(view: ReviewView) -> dict[str, str]:
    report, case = reports.report(view.report_id), cases.case(view.case_id)
    known = _known(view)
    earlier = "\n\n".join(f"{g.words}\nRADPEER {g.radpeer}\n{g.comment}".strip() for g in view.grades)
    if view.accepts is False:
        earlier += f"\n\nThe author answers: {view.reflection}"
    return {
        "question": redacted(case.question if case else "", known),
        "text": redacted(canonical_text(report.sections) if report else "", known),
        "earlier": redacted(earlier, known),
    }


def _pack(view: ReviewView, one: dict[str, Any], file: IO[bytes]) -> tuple[int, Counter[str]]:
    store, left_out, count = current(), Counter[str](), 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archived:
        for study_id in _studies(view.case_id):
            for instance in archive.instances(study_id):
                try:
                    with store.open(instance.key) as stream:
                        made, reason = without_identity(stream, one["secret"], one["code"])
                except BlobMissing:
                    made, reason = b"", "not in the store any more"
                if reason:
                    left_out[reason] += 1
                    continue
                count += 1
                archived.writestr(f"{one['code']}/{count:05d}.dcm", made)
    return count, left_out


@on(BundleAsked)
def make_bundle(event: BundleAsked) -> None:
    """Make the bundle: images without identity, words without known names. Done twice, it changes nothing."""
    one = queries.bundle(event.bundle_id)
    view = queries.review(one["review_id"]) if one else None
    if one is None or view is None or one["state"] != "preparing":
        return
    with tempfile.TemporaryFile() as file:
        images, left_out = _pack(view, one, file)
        length = file.tell()
        file.seek(0)
        with current().writer(length) as writer:
            shutil.copyfileobj(file, writer)
            ref = writer.commit()
    actions.keep_bundle(
        actor=actions.PACKER,
        bundle_id=event.bundle_id,
        key=ref.key,
        length=ref.length,
        images=images,
        left_out=left_out,
        texts=_texts(view),
    )
