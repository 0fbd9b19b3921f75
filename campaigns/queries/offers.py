from campaigns.models import Campaign, Offer

A_FEW = 20


def offer_names(text: str) -> list[str]:
    """Return a few names of offers that contain the text."""
    named = Offer.objects.filter(name__icontains=text).order_by("name")
    return list(named.values_list("name", flat=True)[:A_FEW])


def campaign_names(text: str) -> list[str]:
    """Return a few names of campaigns that contain the text."""
    named = Campaign.objects.filter(name__icontains=text).order_by("name")
    return list(named.values_list("name", flat=True)[:A_FEW])
