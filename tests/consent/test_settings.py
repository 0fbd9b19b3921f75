from datetime import time

import pytest
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from consent.models import PrivacySettings
from consent.queries.settings import privacy_settings
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = "admin:consent_privacysettings_changelist"


def form(**changed):
    kept = privacy_settings()
    fields = {
        field.name: getattr(kept, field.name)
        for field in PrivacySettings._meta.concrete_fields
        if field.editable
    }
    return {name: value for name, value in {**fields, **changed}.items() if value is not False}


def test_a_shop_that_never_chose_has_the_defaults_for_brazil(django_assert_num_queries):
    with django_assert_num_queries(1):
        settings = privacy_settings()

    assert (settings.age_of_consent, settings.unknown_age_is_minor) == (18, False)
    assert (settings.quiet_from, settings.quiet_until) == (time(20), time(9))
    assert settings.quiet_on_sundays is True


def test_the_privacy_officer_changes_them_and_it_is_written_down(client):
    officer = make_user(role=Role.PRIVACY_OFFICER)
    client.force_login(officer)

    answer = client.post(reverse(PAGE), form(age_of_consent=16, events_months=""))

    assert answer.status_code == 302
    settings = privacy_settings()
    assert (settings.age_of_consent, settings.events_months, settings.cases_months) == (
        16,
        None,
        60,
    )
    entry = AuditEntry.objects.get(action="privacy_settings.changed")
    assert (entry.actor, entry.fields) == (officer, ["age_of_consent", "events_months"])


def test_quiet_hours_that_begin_and_end_at_once_are_refused_in_words(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    answer = client.post(reverse(PAGE), form(quiet_from="09:00", quiet_until="09:00"))

    assert "Quiet hours must begin and end at different times." in answer.content.decode()
    assert not PrivacySettings.objects.exists()
