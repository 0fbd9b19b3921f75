from django.urls import path

from campaigns import api

api_urlpatterns = [
    path("campaigns", api.Campaigns.as_view(), name="campaigns"),
    path("campaigns/<int:pk>/result", api.CampaignResult.as_view(), name="campaign-result"),
    path("offers", api.Offers.as_view(), name="offers"),
    path("quotes", api.Quotes.as_view(), name="quotes"),
    path("redemptions", api.Redemptions.as_view(), name="redemptions"),
    path("redemptions/<int:pk>/rollback", api.Rollback.as_view(), name="rollback"),
]
