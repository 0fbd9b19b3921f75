from django.urls import path

from customers import api

api_urlpatterns = [
    path("customers", api.Customers.as_view(), name="customers"),
    path("customers/<shop_name:external_id>", api.CustomerDetail.as_view(), name="customer"),
    path("customers/<shop_name:external_id>/timeline", api.Timeline.as_view(), name="timeline"),
    path("events", api.Events.as_view(), name="events"),
    path("orders", api.Orders.as_view(), name="orders"),
]
