"""Addresses of referral."""

from django.urls import path

from overread.journey.referral import pages

app_name = "referral"
urlpatterns = [
    path("referrals/", pages.listing, name="list"),
    path("referrals/new/", pages.new, name="new"),
    path("referrals/<uuid:referral_id>/", pages.detail, name="detail"),
    path("referrals/<uuid:referral_id>/unmatch/", pages.unmatch, name="unmatch"),
    path("documents/<uuid:document_id>/", pages.document, name="document"),
    path("read/documents/<uuid:document_id>/", pages.document_for_reader, name="document_for_reader"),
    path("matching/", pages.matching, name="matching"),
    path("matching/<uuid:study_id>/", pages.match, name="match"),
    path("matching/<uuid:study_id>/<uuid:referral_id>/match/", pages.do_match, name="do_match"),
    path("matching/<uuid:study_id>/<uuid:referral_id>/not/", pages.not_this, name="not_this"),
    path("read/<uuid:read_id>/questions/", pages.reading_questions, name="reading_questions"),
    path("cases/<uuid:case_id>/questions/", pages.case_questions, name="case_questions"),
    path("cases/<uuid:case_id>/questions/ask/", pages.ask, name="ask"),
    path("questions/<uuid:query_id>/answer/", pages.answer, name="answer"),
    path("questions/<uuid:query_id>/close/", pages.close, name="close"),
    path("referrals/<uuid:referral_id>/questions/ask/", pages.ask_as_client, name="ask_as_client"),
    path("portal/questions/<uuid:query_id>/answer/", pages.answer_as_client, name="answer_as_client"),
    path("read/<uuid:read_id>/referral/", pages.reading_panel, name="reading_panel"),
]
