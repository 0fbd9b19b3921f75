from django.urls import path

from campaigns import api, views

api_urlpatterns = [
    path("campaigns", api.Campaigns.as_view(), name="campaigns"),
    path("campaigns/<int:pk>/result", api.CampaignResult.as_view(), name="campaign-result"),
    path("offers", api.Offers.as_view(), name="offers"),
    path("quotes", api.Quotes.as_view(), name="quotes"),
    path("redemptions", api.Redemptions.as_view(), name="redemptions"),
    path("redemptions/<int:pk>/rollback", api.Rollback.as_view(), name="rollback"),
]

# Without a slash at the end: an address in a message may answer with no redirect.
public_urlpatterns = [
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("w/<str:token>", views.why, name="why"),
    path("c/<str:token>", views.click, name="click"),
    # Named as Anymail's own pages tell people to enter it with their mail service.
    path("anymail/<str:service>/tracking/", views.feedback, name="feedback"),
]
