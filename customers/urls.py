from django.urls import path

from customers import api

api_urlpatterns = [
    path("customers", api.Customers.as_view(), name="customers"),
    path("customers/<shop_name:external_id>", api.CustomerDetail.as_view(), name="customer"),
    path("customers/<shop_name:external_id>/timeline", api.Timeline.as_view(), name="timeline"),
    path("attributes", api.Attributes.as_view(), name="attributes"),
    path("events", api.Events.as_view(), name="events"),
    path("carts", api.Carts.as_view(), name="carts"),
    path("cases", api.Cases.as_view(), name="cases"),
    path("surveys", api.Surveys.as_view(), name="surveys"),
    path("orders", api.Orders.as_view(), name="orders"),
]
