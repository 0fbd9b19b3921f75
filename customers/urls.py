from django.urls import path

from customers.api import attributes, events, imports, orders, people, service, webhooks

api_urlpatterns = [
    path("customers", people.Customers.as_view(), name="customers"),
    path("customers/<shop_name:external_id>", people.CustomerDetail.as_view(), name="customer"),
    path("customers/<shop_name:external_id>/merge", people.CustomerMerge.as_view(), name="merge"),
    path("customers/<shop_name:external_id>/timeline", events.Timeline.as_view(), name="timeline"),
    path("attributes", attributes.Attributes.as_view(), name="attributes"),
    path("events", events.Events.as_view(), name="events"),
    path("carts", orders.Carts.as_view(), name="carts"),
    path("cases", service.Cases.as_view(), name="cases"),
    path("surveys", service.Surveys.as_view(), name="surveys"),
    path("orders", orders.Orders.as_view(), name="orders"),
    path("orders/<shop_name:external_id>", orders.OrderDetail.as_view(), name="order"),
    path(
        "orders/<shop_name:external_id>/returns",
        orders.OrderReturns.as_view(),
        name="order_returns",
    ),
    path(
        "orders/<shop_name:external_id>/cancel", orders.OrderCancel.as_view(), name="order_cancel"
    ),
    path("imports", imports.Imports.as_view(), name="imports"),
    path("imports/<int:pk>", imports.ImportDetail.as_view(), name="import"),
    path("imports/<int:pk>/start", imports.ImportStart.as_view(), name="import_start"),
    path("imports/<int:pk>/cancel", imports.ImportCancel.as_view(), name="import_cancel"),
    path("imports/<int:pk>/undo", imports.ImportUndo.as_view(), name="import_undo"),
    path("imports/<int:pk>/rejected", imports.RejectedRows.as_view(), name="rejected_rows"),
    path("imports/<int:pk>/rejected.csv", imports.RejectedFile.as_view(), name="rejected_file"),
    path("webhooks", webhooks.Webhooks.as_view(), name="webhooks"),
    path("webhooks/<int:pk>", webhooks.WebhookDetail.as_view(), name="webhook"),
    path("webhooks/<int:pk>/secret", webhooks.WebhookSecret.as_view(), name="webhook_secret"),
    path("webhooks/<int:pk>/test", webhooks.WebhookTest.as_view(), name="webhook_test"),
    path("webhooks/<int:pk>/replay", webhooks.WebhookReplay.as_view(), name="webhook_replay"),
    path(
        "webhooks/<int:pk>/deliveries",
        webhooks.WebhookDeliveries.as_view(),
        name="webhook_deliveries",
    ),
]
