"""The preference centre, as people use it: without a sign-in, a session or a script."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils.timezone import now

from consent.enums import (
    Act,
    ActorKind,
    Channel,
    LinkSource,
    Occasion,
    SuppressionReason,
    TopicKind,
)
from consent.models import ConsentEvent, Permission, SubjectRequest, Wish
from consent.operations.suppressions import suppress
from consent.operations.wishes import mute, wish
from consent.queries.subject_requests import proposals, words_of
from consent.queries.tokens import LINK, LINK_HOLDS, form_token, preferences_url
from consent.queries.wishes import wishes_of
from consent.rules.wishes import Topic
from customers.enums import Category
from customers.operations.erasing import erase
from customers.operations.merges import merge
from tests.factories import make_choice, make_customer, make_order, make_product

pytestmark = pytest.mark.django_db

EASTER = Topic(TopicKind.OCCASION, Occasion.EASTER)


class Forms(HTMLParser):
    """Reads a page as a browser does that sends its forms."""

    def __init__(self, html):
        super().__init__()
        self.forms = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if tag == "form":
            self.forms.append({"method": facts.get("method"), "fields": [], "acts": []})
        elif tag == "input" and self.forms:
            checkable = facts.get("type") in ("checkbox", "radio")
            if not checkable or "checked" in facts:
                self.forms[-1]["fields"].append((facts.get("name"), facts.get("value", "")))
        elif tag == "button" and self.forms:
            self.forms[-1]["acts"].append(facts.get("value"))


class Page:
    """Somebody's preference centre in their browser."""

    def __init__(self, customer, *, lang="en", source=LinkSource.MESSAGE):
        # A browser of somebody else's site would be refused by a CSRF check on cookies.
        self.client = Client(enforce_csrf_checks=True)
        self.path = "/" + preferences_url(customer.pk, source=source, at=now()).split("/", 3)[3]
        self.lang = lang
        self.look()

    def look(self, **query):
        self.answer = self.client.get(self.path, {"lang": self.lang, **query})
        self.html = self.answer.content.decode()
        return self

    def fields(self, act, purpose=""):
        for form in Forms(self.html).forms:
            if act in form["acts"] and (not purpose or ("purpose", purpose) in form["fields"]):
                return form["fields"]
        raise AssertionError(f"no form to {act} {purpose}")

    def ticked(self, purpose):
        return {value for name, value in self.fields("choose", purpose) if name == "ticked"}

    def send(self, act, purpose="", *, tick=(), untick=(), **changed):
        fields = [
            (name, value)
            for name, value in self.fields(act, purpose)
            if not (name == "ticked" and value in untick) and name not in changed
        ]
        fields += [("ticked", value) for value in tick]
        data = {"act": act}
        for name, value in [*fields, *changed.items()]:
            data.setdefault(name, [])
            if name != "act":
                data[name].append(value)
        self.answer = self.client.post(self.path + f"?lang={self.lang}", data)
        return self.answer

    def after(self):
        """Follow to the page that says what holds now."""
        assert self.answer.status_code == 303
        self.html = self.client.get(self.answer["Location"]).content.decode()
        return words(self.html)


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def ana():
    return make_customer(email="ana@mail.example", phone="+5511987654321", language="en")


def permission(customer, purpose="marketing"):
    return Permission.objects.get(customer=customer, purpose=purpose)


# The link.


def test_page_shows_masked_addresses_and_nothing_to_learn_them_by(ana):
    page = Page(ana)

    assert page.answer.status_code == 200
    assert "a…@mail.example, … 4321" in page.html
    assert "ana@mail.example" not in page.html
    assert "987654321" not in page.html


def test_page_is_seen_by_nobody_else(ana):
    page = Page(ana)

    assert page.answer["Referrer-Policy"] == "no-referrer"
    assert page.answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.answer["Cache-Control"]
    assert not page.answer.cookies
    assert {type(value) for value in page.answer.headers.values()} == {str}


def test_page_has_no_script_and_no_style_of_its_own(ana):
    html = Page(ana).html

    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", html)


@pytest.mark.parametrize("lang", ["en", "pt-br"])
def test_page_speaks_the_customers_language_and_the_other_on_request(ana, lang):
    page = Page(ana, lang=lang)

    assert f'<html lang="{lang}">' in page.html
    assert page.answer["Content-Language"] == lang
    assert ("Parar tudo" in page.html) == (lang == "pt-br")
    assert f'href="?lang={"en" if lang == "pt-br" else "pt-br"}"' in page.html


def test_links_that_open_nothing_all_say_the_same(ana):
    at = now()
    old = preferences_url(ana.pk, at=at - LINK_HOLDS - timedelta(hours=2)).rpartition("/")[2]
    nobody = preferences_url(10**9, at=at).rpartition("/")[2]
    erased = make_customer()
    gone = preferences_url(erased.pk, at=at).rpartition("/")[2]
    erase(erased, by=None, reason="asked", at=at)
    client = Client()

    pages = [client.get(f"/p/{token}") for token in ("test", "1-1-m:forged", old, nobody, gone)]
    posts = [client.post(f"/p/{token}", {"act": "stop"}) for token in ("test", old, nobody, gone)]

    assert {page.status_code for page in pages} == {200}
    assert {post.status_code for post in posts} == {404}
    assert len({page.content for page in (*pages, *posts)}) == 1


def test_link_of_another_kind_opens_nothing(ana):
    forged = LINK.sign("x").partition(":")[2]

    assert "leads nowhere" in Client().get(f"/p/{ana.pk}-1-m:{forged}").content.decode()


def test_link_of_somebody_merged_opens_the_survivors_page(ana):
    twin = make_customer(email="twin@mail.example", language="en")
    page = Page(twin)
    merge(ana, twin, by=None, at=now())

    assert "a…@mail.example" in page.look().html


# Choosing.


def test_yes_and_no_are_recorded_with_all_that_proves_them(ana):
    page = Page(ana)
    page.send("choose", "marketing", tick=["email", "purchase"])

    assert "Marketing E-mail, Purchases" in page.after()
    events = ConsentEvent.objects.filter(customer=ana).order_by("channel")
    assert [(it.act, it.channel, it.category) for it in events] == [
        (Act.GIVEN, "", Category.PURCHASE),
        (Act.GIVEN, Channel.EMAIL, ""),
    ]
    for event in events:
        assert (event.collection_point_id, event.actor_kind) == (
            "preference_centre",
            ActorKind.SUBJECT,
        )
        assert event.notice_text is not None
        assert event.notice_text.language == "en"
        assert event.evidence_sealed is None

    page.look().send("choose", "marketing", untick=["email"])

    assert permission(ana).channel_email is False
    assert permission(ana).data_purchase is True
    assert ConsentEvent.objects.filter(act=Act.WITHDRAWN).count() == 1


def test_same_form_sent_twice_is_one_choice(ana):
    page = Page(ana)

    page.send("choose", "marketing", tick=["email"])
    page.send("choose", "marketing", tick=["email"])

    assert ConsentEvent.objects.filter(customer=ana).count() == 1


def test_silence_stays_silence(ana):
    Page(ana).send("choose", "marketing")

    assert not ConsentEvent.objects.exists()


def test_box_that_was_on_and_is_off_by_now_is_not_turned_on_by_an_old_page(ana):
    make_choice(ana, channels=[Channel.EMAIL, Channel.SMS])
    page = Page(ana)
    at = now()
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.SMS], occurred_at=at, at=at)

    page.send("choose", "marketing", tick=["whatsapp"])

    stands = permission(ana)
    assert (stands.channel_email, stands.channel_sms, stands.channel_whatsapp) == (
        True,
        False,
        True,
    )


def test_box_that_was_not_on_the_page_is_not_turned_off_by_it(ana):
    make_choice(ana, channels=[Channel.EMAIL])
    page = Page(ana)
    at = now()
    make_choice(ana, channels=[Channel.POST], occurred_at=at, at=at)

    page.send("choose", "marketing", untick=["email"])

    assert (permission(ana).channel_email, permission(ana).channel_post) == (False, True)


def test_channel_without_an_address_is_not_offered_unless_it_was_answered():
    bia = make_customer(email="bia@mail.example", phone="", language="en")
    make_choice(bia, channels=[Channel.PUSH], act=Act.REFUSED)

    offered = [
        value for name, value in Page(bia).fields("choose", "marketing") if name == "offered"
    ]

    assert [it for it in offered if it in Channel.values] == ["email", "push"]


def test_purpose_of_which_the_text_does_not_speak_cannot_be_allowed(ana):
    page = Page(ana)

    assert "Not used, and nothing to choose here." in page.html
    form = dict(page.fields("stop"))["form"]
    told = {"form": form, "act": "choose", "purpose": "third_party_sharing"}
    boxes = {"offered": "email", "ticked": "email"}
    answer = page.client.post(page.path, {**told, **boxes})

    assert answer.status_code == 303
    assert not ConsentEvent.objects.exists()


def test_retired_purpose_takes_no_more_and_can_be_left(ana):
    make_choice(ana, purpose="research", channels=[Channel.EMAIL])
    purpose = ConsentEvent.objects.get().purpose
    purpose.is_active = False
    purpose.save()

    page = Page(ana)
    offered = [value for name, value in page.fields("choose", "research") if name == "offered"]
    page.send("choose", "research", untick=["email"])

    assert offered == ["email"]
    assert permission(ana, "research").channel_email is False


def test_orders_and_service_are_written_about_unless_a_channel_is_unticked(ana):
    page = Page(ana)
    assert page.ticked("transactional") == {"email", "sms", "whatsapp"}

    page.send("choose", "transactional", untick=["sms"])

    assert permission(ana, "transactional").channel_sms is False
    assert ConsentEvent.objects.get().act == Act.OBJECTED


def test_what_is_allowed_and_not_used_says_why(ana):
    make_choice(ana, channels=[Channel.EMAIL])
    suppress(ana.email, channel=Channel.EMAIL, reason=SuppressionReason.COMPLAINT, at=now())

    assert "Allowed, but not used: Address is blocked." in words(Page(ana).html)


def test_what_is_past_its_end_stands_no_more(ana):
    long_ago = now() - timedelta(days=800)
    make_choice(ana, channels=[Channel.EMAIL], occurred_at=long_ago, at=long_ago)

    assert Page(ana).ticked("marketing") == set()


@pytest.mark.parametrize("lang", ["en", "pt-br"])
def test_every_kind_of_data_says_what_changes_without_it(ana, lang):
    page = Page(ana, lang=lang)
    without = "Without it, you stop seeing offers near you; points are not affected."

    assert (without in page.html) == (lang == "en")
    assert page.html.count("<small>") >= 4 * len(Category)


# Stopping everything.


def test_everything_stops_with_one_click(ana):
    make_choice(ana, channels=[Channel.EMAIL], categories=[Category.PURCHASE])
    make_choice(ana, purpose="profiling", categories=[Category.BROWSING])
    page = Page(ana)

    page.send("stop")

    told = page.after()
    assert "Everything is stopped." in told
    assert "Marketing Nothing" in told
    assert "Orders and service E-mail" in told
    stands = permission(ana)
    assert (stands.channel_email, stands.data_purchase) == (False, False)
    assert permission(ana, "profiling").data_browsing is False
    # Nobody asked about these; now they are refused, so that a yes that comes late is late.
    assert stands.channel_sms is False
    assert stands.data_search is None
    assert set(ConsentEvent.objects.filter(channel="sms").values_list("act", flat=True)) == {
        Act.REFUSED
    }


def test_stopping_again_changes_nothing(ana):
    page = Page(ana)
    page.send("stop")
    before = ConsentEvent.objects.count()

    page.send("stop")

    assert ConsentEvent.objects.count() == before


# Wishes.


def test_pause_ends_by_itself_and_says_when(ana):
    page = Page(ana)
    page.send("pause")

    assert "paused until" in page.after()
    until = Wish.objects.get(customer=ana).paused_until
    assert until is not None
    assert timedelta(days=29) < until - now() <= timedelta(days=30)
    page.look().send("resume")
    assert not Wish.objects.exists()


def test_pause_that_is_over_is_not_shown(ana):
    long_ago = now() - timedelta(days=60)
    wish(ana, paused_until=long_ago + timedelta(days=30), at=long_ago)

    assert "Pause for 30 days" in Page(ana).html


def test_frequency_is_chosen_and_taken_back(ana):
    page = Page(ana)
    page.send("frequency", days="7")
    assert "at most once a week" in page.after()

    assert ("days", "7") in page.look().fields("frequency")
    page.send("frequency", days="")

    assert wishes_of(ana).at_most_every_days is None


def test_frequency_that_a_program_set_stays_until_another_is_chosen(ana):
    wish(ana, at_most_every_days=12, at=now())

    page = Page(ana)
    page.send("frequency")

    assert "at most once in 12 days" in page.html
    assert wishes_of(ana).at_most_every_days == 12


def test_topics_are_muted_and_wanted_again(ana):
    make_product(category="Grocery > Dairy")
    page = Page(ana)

    page.send("mute", tick=["occasion:easter", "category:Grocery"])
    assert wishes_of(ana).muted == {EASTER, Topic(TopicKind.CATEGORY, "Grocery")}
    page.look().send("mute", untick=["occasion:easter"])

    assert wishes_of(ana).muted == {Topic(TopicKind.CATEGORY, "Grocery")}


def test_product_is_looked_for_and_muted(ana):
    milk = make_product(name="Whole milk")
    page = Page(ana).look(product="MILK")

    page.send("mute", tick=[f"product:{milk.sku}"])

    assert wishes_of(ana).muted == {Topic(TopicKind.PRODUCT, milk.sku)}
    # It stays on the page, so that it can be taken back.
    assert "Whole milk" in page.look().html


def test_looking_for_products_again_does_not_forget_the_muted(ana):
    mute(ana, [EASTER], at=now())

    page = Page(ana).look(product="nothing like it")
    page.send("mute")

    assert "No product is called that." in page.html
    assert wishes_of(ana).muted == {EASTER}


# What was chosen.


def test_history_is_told_in_words_with_a_receipt_each(ana):
    make_choice(ana, channels=[Channel.EMAIL])
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL])

    told = words(Page(ana).html)

    assert told.index("You took back: E-mail") < told.index("You allowed: E-mail")
    assert told.count("Receipt") == 2


def test_receipt_has_the_names_of_the_standard_and_names_nobody(ana):
    event = make_choice(ana, channels=[Channel.EMAIL])[0]
    page = Page(ana)

    answer = page.client.get(f"{page.path}/receipt/{event.pk}", {"format": "json", "lang": "en"})

    assert answer["Content-Disposition"].startswith("attachment")
    told = json.loads(answer.content)
    event.refresh_from_db()
    assert event.notice_text is not None
    assert event.valid_until is not None
    assert told["schema_version"] == "ISO/IEC TS 27560:2023"
    assert told["record_id"] == bytes(event.row_hash).hex()
    assert told["event"] == {
        "event_type": "consent_given",
        "event_time": event.occurred_at.isoformat(),
        "recorded_time": event.recorded_at.isoformat(),
        "valid_until": event.valid_until.isoformat(),
    }
    assert told["pii_processing"][0]["purpose"] == "Marketing"
    assert told["pii_processing"][0]["processing_method"] == "E-mail"
    assert told["privacy_notice"]["sha256"] == bytes(event.notice_text.body_sha256).hex()
    assert ana.external_id not in json.dumps(told)


def test_receipt_can_be_read_and_printed(ana):
    event = make_choice(ana, channels=[Channel.EMAIL])[0]
    assert event.notice_text is not None
    page = Page(ana)

    told = words(page.client.get(f"{page.path}/receipt/{event.pk}?lang=en").content.decode())

    assert "You allowed: E-mail" in told
    assert "Marketing. To send you offers and news" in told
    assert event.notice_text.body[:40] in told


def test_receipt_of_somebody_elses_choice_is_not_given(ana):
    event = make_choice(make_customer(), channels=[Channel.EMAIL])[0]
    page = Page(ana)

    assert page.client.get(f"{page.path}/receipt/{event.pk}").status_code == 404


# What we know.


def test_what_we_know_is_told_at_once_with_masked_values():
    bia = make_customer(
        email="bia@mail.example",
        phone="+5511987654321",
        first_name="Beatriz",
        city="Recife",
        language="en",
    )
    make_order(bia)
    page = Page(bia)

    html = page.client.get(f"{page.path}/data?lang=en").content.decode()

    told = words(html)
    assert "E-mail b…@mail.example" in told
    assert "Phone … 4321" in told
    assert "First name B…" in told
    assert "City …" in told
    assert "Orders: 1" in told
    assert "From the shop's checkout and site, and from files of past orders." in html_words(told)
    for value in ("bia@mail.example", "987654321", "Beatriz", "Recife"):
        assert value not in html


def html_words(told):
    return told.replace("&#x27;", "'")


# What stands in the way of abuse.


@pytest.mark.parametrize("form", ["", "1-1:forged", "other"])
def test_form_of_another_page_is_refused_and_what_stands_is_shown(ana, form):
    if form == "other":
        form = dict(Page(make_customer()).fields("stop"))["form"]
    page = Page(ana)

    answer = page.send("stop", form=form)

    assert answer.status_code == 409
    assert "This page was open for too long." in answer.content.decode()
    assert not ConsentEvent.objects.exists()


def test_page_takes_twenty_writes_an_hour(ana):
    page = Page(ana)

    answers = [page.send("stop").status_code for _ in range(21)]

    assert answers == [303] * 20 + [429]


@pytest.mark.parametrize(
    "told",
    [{"act": "erase"}, {"act": "choose", "purpose": "world_domination"}, {"act": "choose"}],
)
def test_what_is_not_on_the_page_is_not_done(ana, told):
    page = Page(ana)
    form = dict(page.fields("stop"))["form"]

    assert page.client.post(page.path, {"form": form, **told}).status_code == 404
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("days", ["0", "400", "9" * 30, "x", "²"])
def test_wrong_frequency_is_refused_or_none(ana, days):
    answer = Page(ana).send("frequency", days=days)

    assert answer.status_code in (303, 422)
    assert not Wish.objects.exists()


def test_page_costs_as_many_queries_however_long_the_history(ana, django_assert_max_num_queries):
    for number in range(30):
        act = (Act.GIVEN, Act.WITHDRAWN)[number % 2]
        make_choice(ana, act=act, channels=[Channel.EMAIL])
    page = Page(ana)

    with django_assert_max_num_queries(30):
        page.look()


# What people ask.


def test_somebody_asks_about_their_data_and_sees_by_when_they_are_answered():
    bia = make_customer(first_name="Beatris", language="en")
    page = Page(bia)
    told = {"kind": "rectification", "proposed_first_name": "Beatriz", "words": "With a z"}

    page.client.post(page.path, {"form": form_token(bia, at=now()), "act": "ask", **told})

    request = SubjectRequest.objects.get()
    assert (request.kind, request.door, request.stage) == (
        "rectification",
        "preference_centre",
        "received",
    )
    assert words_of(request) == "With a z"
    assert [(it.name, it.proposed) for it in proposals(request)] == [("first_name", "Beatriz")]
    assert "we answer by" in page.look().html
    bia.refresh_from_db()
    assert bia.first_name == "Beatris"


@pytest.mark.parametrize(
    ("source", "known"), [(LinkSource.MESSAGE, True), (LinkSource.STAFF, False)]
)
def test_who_asks_by_a_link_that_staff_handed_out_is_asked_who_they_are(ana, source, known):
    page = Page(ana, source=source)
    form = dict(page.fields("stop"))["form"]

    page.client.post(page.path, {"form": form, "act": "ask", "kind": "erasure"})

    asked = SubjectRequest.objects.get(customer=ana)
    assert (asked.identity_confirmed_at is not None) is known
