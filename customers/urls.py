from django.urls import path

from customers import api

api_urlpatterns = [
    path("customers", api.Customers.as_view(), name="customers"),
    path("customers/<shop_name:external_id>", api.CustomerDetail.as_view(), name="customer"),
    path("customers/<shop_name:external_id>/merge", api.CustomerMerge.as_view(), name="merge"),
    path("customers/<shop_name:external_id>/timeline", api.Timeline.as_view(), name="timeline"),
    path("attributes", api.Attributes.as_view(), name="attributes"),
    path("events", api.Events.as_view(), name="events"),
    path("carts", api.Carts.as_view(), name="carts"),
    path("cases", api.Cases.as_view(), name="cases"),
    path("surveys", api.Surveys.as_view(), name="surveys"),
    path("orders", api.Orders.as_view(), name="orders"),
    path(
        "orders/<shop_name:external_id>/returns", api.OrderReturns.as_view(), name="order_returns"
    ),
    path("orders/<shop_name:external_id>/cancel", api.OrderCancel.as_view(), name="order_cancel"),
    path("imports", api.Imports.as_view(), name="imports"),
    path("imports/<int:pk>", api.ImportDetail.as_view(), name="import"),
    path("imports/<int:pk>/start", api.ImportStart.as_view(), name="import_start"),
    path("imports/<int:pk>/cancel", api.ImportCancel.as_view(), name="import_cancel"),
    path("imports/<int:pk>/undo", api.ImportUndo.as_view(), name="import_undo"),
    path("imports/<int:pk>/rejected", api.RejectedRows.as_view(), name="rejected_rows"),
    path("imports/<int:pk>/rejected.csv", api.RejectedFile.as_view(), name="rejected_file"),
    path("webhooks", api.Webhooks.as_view(), name="webhooks"),
    path("webhooks/<int:pk>", api.WebhookDetail.as_view(), name="webhook"),
    path("webhooks/<int:pk>/secret", api.WebhookSecret.as_view(), name="webhook_secret"),
    path("webhooks/<int:pk>/test", api.WebhookTest.as_view(), name="webhook_test"),
    path("webhooks/<int:pk>/replay", api.WebhookReplay.as_view(), name="webhook_replay"),
    path(
        "webhooks/<int:pk>/deliveries", api.WebhookDeliveries.as_view(), name="webhook_deliveries"
    ),
]
