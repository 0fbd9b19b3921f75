"""What every shop begins with: purposes in plain words, where choices are made, a short notice."""

from datetime import UTC, datetime

from django.db import migrations

# The day the law that asks for these words came into force (LGPD, Law 13.709/2018).
IN_FORCE_SINCE = datetime(2020, 9, 18, 3, tzinfo=UTC)
# A permission that nobody used or renewed for two years is asked for again.
TWO_YEARS = 730

# Code, plain words in English and Portuguese, days until it ends, whether for adults only.
PURPOSES = [
    (
        "transactional",
        "To deliver your orders, answer you, and keep what the law asks us to keep.",
        "Para entregar seus pedidos, atender você e guardar o que a lei exige.",
        None,
        False,
    ),
    (
        "marketing",
        "To send you offers and news by the channels you choose.",
        "Para enviar ofertas e novidades pelos canais que você escolher.",
        TWO_YEARS,
        True,
    ),
    (
        "personalisation",
        "To show you products and offers that suit what you buy and look at.",
        "Para mostrar produtos e ofertas que combinam com o que você compra e procura.",
        TWO_YEARS,
        True,
    ),
    (
        "profiling",
        "To work out from your purchases what may interest you and how we serve you best.",
        "Para entender, pelas suas compras, o que pode interessar a você e como atender melhor.",
        TWO_YEARS,
        True,
    ),
    (
        "research",
        "To ask for your opinion and improve what we do.",
        "Para pedir sua opinião e melhorar o que fazemos.",
        TWO_YEARS,
        False,
    ),
    (
        "third_party_sharing",
        "To pass your data on to partners that we name to you.",
        "Para repassar seus dados a parceiros que informamos a você.",
        TWO_YEARS,
        True,
    ),
]

POINTS = [
    ("web_form", "Web form", "Formulário no site", True),
    ("till", "Till", "Caixa", True),
    ("call_centre", "Call centre", "Central de atendimento", True),
    ("preference_centre", "Preference centre", "Central de preferências", True),
    ("unsubscribe_link", "Unsubscribe link", "Link de descadastramento", False),
    ("import", "Import", "Importação", False),
    ("api", "API", "API", True),
    ("whatsapp", "WhatsApp", "WhatsApp", True),
    ("merge", "Merge of two records", "Junção de dois cadastros", False),
    ("system", "Calendar and changed texts", "Calendário e mudança de textos", False),
]

# Sharing with partners is not among them: a notice that asks for it must name the partners.
COVERED = ["transactional", "marketing", "personalisation", "profiling", "research"]
TEXTS = {
    "en": {
        "body": (
            "We use your data to deliver your orders and to serve you. Only if you allow it, and"
            " for each thing that you choose, we also use them to send you offers and news, to"
            " suit offers and products to you, to learn from your purchases what may interest"
            " you, and to ask for your opinion. You choose the channels and the kinds of data."
            " You can change or withdraw any choice at any time, as easily as you made it and"
            " free of charge; nothing that you buy depends on it. You can ask what we know about"
            " you, have it corrected, receive it, or have it deleted."
        ),
        "recipients": (
            "Our staff, and the providers who send messages and keep the systems for us. Nobody"
            " else."
        ),
        "retention": (
            "Your choices: as long as they stand, and five years as proof. Other data: as long"
            " as they are needed for what you allowed, or as the law demands."
        ),
    },
    "pt-br": {
        "body": (
            "Usamos seus dados para entregar seus pedidos e atender você. Somente se você"
            " permitir, e para cada coisa que escolher, também os usamos para enviar ofertas e"
            " novidades, adequar ofertas e produtos a você, entender pelas suas compras o que"
            " pode interessar e pedir sua opinião. Você escolhe os canais e os tipos de dados."
            " Pode mudar ou retirar qualquer escolha a qualquer momento, com a mesma facilidade"
            " e de graça; nada do que você compra depende disso. Você pode perguntar o que"
            " sabemos sobre você, pedir correção, receber seus dados ou pedir que sejam"
            " apagados."
        ),
        "recipients": (
            "Nossa equipe e os fornecedores que enviam mensagens e mantêm os sistemas para nós."
            " Mais ninguém."
        ),
        "retention": (
            "Suas escolhas: enquanto valerem, e por cinco anos como prova. Os demais dados:"
            " enquanto forem necessários para o que você permitiu, ou pelo prazo que a lei exige."
        ),
    },
}


def begin(apps, schema_editor):
    model = {
        name: apps.get_model("consent", name)
        for name in ("Purpose", "Notice", "NoticeVersion", "NoticeText", "CollectionPoint")
    }
    for code, english, portuguese, days, adults_only in PURPOSES:
        model["Purpose"].objects.filter(pk=code).update(
            explanation_en=english,
            explanation_pt=portuguese,
            valid_days=days,
            adults_only=adults_only,
        )
    notice = model["Notice"].objects.create(code="standard", name="Aviso padrão / Standard notice")
    version = model["NoticeVersion"].objects.create(notice=notice, number=1)
    version.purposes.set(model["Purpose"].objects.filter(pk__in=COVERED))
    for language, words in TEXTS.items():
        model["NoticeText"].objects.create(version=version, language=language, **words)
    version.published_at = IN_FORCE_SINCE
    version.save()
    for code, english, portuguese, shows in POINTS:
        model["CollectionPoint"].objects.create(
            code=code,
            kind=code,
            name_en=english,
            name_pt=portuguese,
            notice=notice if shows else None,
        )


class Migration(migrations.Migration):
    dependencies = [("consent", "0012_published_words_never_change")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
