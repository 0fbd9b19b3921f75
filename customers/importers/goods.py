"""Files about what is sold: products, orders with their lines, and open carts."""

from django.utils.translation import gettext_lazy as _

from customers.enums import CartState, CellType, OrderStatus
from customers.importers.people import belongs_to_other, customer_column
from customers.operations.imports import Chunk, Upsert
from customers.operations.metrics import refresh_metrics
from customers.rules.files import Column, FileKind, Reference

PRODUCT = Reference(table="customers_product", column="sku", unknown="unknown_product")
SKU_HEADERS = ("product", "product_id", "produto", "codigo_produto", "codigo_do_produto")
QUANTITY = Column(
    "quantity", _("quantity"), CellType.NUMBER, also=("qty", "quantidade", "qtd"), required=True
)

_products = Upsert(
    table="customers_product",
    key="sku",
    key_value="s.sku",
    values={name: f"s.{name}" for name in ("name", "category", "price")},
    defaults={"category": "''"},
)

PRODUCTS = FileKind(
    code="products",
    label=_("Products"),
    help=_("One row a product; its category is a path such as Grocery > Dairy > Milk."),
    columns=(
        Column("sku", _("SKU"), also=(*SKU_HEADERS, "codigo", "id"), required=True, longest=64),
        Column("name", _("name"), also=("nome", "descricao", "title"), required=True),
        Column("category", _("category"), also=("categoria", "departamento", "path")),
        Column("price", _("price"), CellType.MONEY, also=("preco", "valor")),
    ),
    key=("sku",),
    units=_products.units,
    write=_products.write,
)

# Lines are numbered by what they say: the same order in another file order is the same order.
_LINES_SAY = """
    (SELECT array_agg(ROW((r.n - s.first_n + 1)::integer, r.sku_id, r.quantity, r.total,
                          coalesce(r.discount, 0)::numeric(14,2)) ORDER BY r.n)
     FROM {rows} r WHERE r.n >= s.first_n AND r.n < s.first_n + s.line_count)
    IS DISTINCT FROM
    (SELECT array_agg(ROW(l.number, l.product_id, l.quantity, l.total, l.discount)
                      ORDER BY l.number)
     FROM customers_orderline l WHERE l.order_id = t.id)
"""
_orders = Upsert(
    table="customers_order",
    key="external_id",
    key_value="s.external_id",
    source="""(
        SELECT "order" AS external_id, min(customer_id) AS customer_id,
               min(ordered_at) AS ordered_at, min(status) AS status, min(store) AS store,
               sum(total) AS total, coalesce(sum(discount), 0) AS discount,
               min(n) AS first_n, count(*) AS line_count
        FROM {rows} r GROUP BY "order"
    )""",
    values={
        name: f"s.{name}"
        for name in ("customer_id", "ordered_at", "status", "store", "total", "discount")
    },
    defaults={"status": f"'{OrderStatus.PLACED.value}'", "store": "''"},
    stamps={"updated_at": "%(at)s", "imported_by_id": "%(job)s"},
    births={"created_at": "%(at)s"},
    also=("first_n", "line_count"),
    or_differs=_LINES_SAY,
    also_prior="""jsonb_build_object('lines', (
        SELECT jsonb_agg(to_jsonb(l)) FROM customers_orderline l WHERE l.order_id = old.id
    ))""",
)

# The locks make a checkout and an import take turns over the same metrics. An array is looked up
# in the order of the index, in a fifth of the time of a join. A first order makes customers of
# whoever is noted here (``refresh_metrics``).
LOCK_CUSTOMERS = """
    WITH locked AS MATERIALIZED (
        SELECT id, stage FROM customers_customer
        WHERE id = ANY(ARRAY(SELECT customer_id FROM {units} WHERE differs))
        ORDER BY id FOR NO KEY UPDATE
    )
    SELECT 'was ' || stage, id FROM locked WHERE stage IN ('visitor', 'prospect')
"""


def _write_orders(chunk: Chunk) -> None:
    """Orders, their lines in place of those there were, and their customers' metrics."""
    customers = chunk.ids("SELECT DISTINCT customer_id FROM {units} WHERE differs ORDER BY 1")
    chunk.note(LOCK_CUSTOMERS)
    _orders.write(chunk)
    if chunk.has_updates:
        chunk.run(
            "DELETE FROM customers_orderline l USING {units} u"
            " WHERE l.order_id = u.known_id AND u.differs"
        )
    chunk.run(
        """
        INSERT INTO customers_orderline (order_id, number, product_id, quantity, total, discount)
        SELECT o.id, r.n - u.first_n + 1, r.sku_id, r.quantity, r.total,
               coalesce(r.discount, 0)
        FROM {units} u JOIN customers_order o USING (external_id)
        JOIN {rows} r ON r."order" = u.external_id
        WHERE u.differs ORDER BY r.n
        """
    )
    refresh_metrics(customers)


ORDERS = FileKind(
    code="orders",
    label=_("Orders"),
    help=_("One row a line; the rows of one order belong together and replace its lines."),
    grouped=True,
    columns=(
        Column(
            "order",
            _("order number"),
            also=("order_id", "external_id", "pedido", "numero_do_pedido", "id_pedido", "basket"),
            required=True,
            longest=64,
        ),
        customer_column(of_unit=True),
        Column(
            "ordered_at",
            _("ordered at"),
            CellType.MOMENT,
            also=("data", "date", "data_do_pedido", "data_pedido", "order_date", "created_at"),
            required=True,
            of_unit=True,
        ),
        Column(
            "status",
            _("status"),
            CellType.CHOICE,
            also=("situacao",),
            of_unit=True,
            choices={
                **{status.value: status.value for status in OrderStatus},
                **dict.fromkeys(("pago", "paid", "concluido"), OrderStatus.PLACED.value),
                **dict.fromkeys(("cancelado", "canceled"), OrderStatus.CANCELLED.value),
                **dict.fromkeys(("devolvido", "refunded"), OrderStatus.RETURNED.value),
            },
        ),
        Column("store", _("store"), also=("loja", "filial"), longest=64, of_unit=True),
        Column("number", _("line"), CellType.NUMBER, also=("line", "linha", "item")),
        Column("sku", _("SKU"), also=SKU_HEADERS, required=True, longest=64, refers=PRODUCT),
        QUANTITY,
        Column(
            "total",
            _("total of the line"),
            CellType.MONEY,
            also=("valor", "valor_total", "amount", "line_total"),
            required=True,
        ),
        Column("discount", _("discount"), CellType.MONEY, also=("desconto",)),
    ),
    key=("order",),
    sorting=("number", "sku", "quantity", "total", "discount"),
    checks=(belongs_to_other("customers_order", "external_id", '"order"'),),
    units=_orders.units,
    write=_write_orders,
)

_carts = Upsert(
    table="customers_cart",
    key="external_id",
    key_value="s.external_id",
    source="""(
        SELECT cart AS external_id, min(customer_id) AS customer_id,
               min(updated_at) AS changed_at, min(state) AS state,
               sum(quantity * coalesce(r.price, p.price, 0))::numeric(14,2) AS total,
               sum(ceil(quantity))::integer AS item_count
        FROM {rows} r LEFT JOIN customers_product p ON p.id = r.sku_id GROUP BY cart
    )""",
    values={
        name: f"s.{name}" for name in ("customer_id", "changed_at", "state", "total", "item_count")
    },
    defaults={"state": f"'{CartState.OPEN.value}'"},
    stamps={"imported_by_id": "%(job)s"},
)

CARTS = FileKind(
    code="carts",
    label=_("Carts"),
    help=_("One row a line; the rows of one cart belong together."),
    grouped=True,
    columns=(
        Column(
            "cart",
            _("cart number"),
            also=("cart_id", "external_id", "carrinho", "id_carrinho"),
            required=True,
            longest=64,
        ),
        customer_column(of_unit=True),
        Column(
            "updated_at",
            _("changed at"),
            CellType.MOMENT,
            also=("changed_at", "atualizado_em", "data", "date"),
            required=True,
            of_unit=True,
        ),
        Column(
            "state",
            _("state"),
            CellType.CHOICE,
            also=("status", "situacao"),
            of_unit=True,
            choices={
                **{state.value: state.value for state in CartState},
                "aberto": CartState.OPEN.value,
                "abandonado": CartState.ABANDONED.value,
                "convertido": CartState.CONVERTED.value,
            },
        ),
        Column("sku", _("SKU"), also=SKU_HEADERS, required=True, longest=64, refers=PRODUCT),
        QUANTITY,
        Column(
            "price", _("price"), CellType.MONEY, also=("preco", "preco_unitario", "unit_price")
        ),
    ),
    key=("cart",),
    sorting=("sku", "quantity"),
    checks=(belongs_to_other("customers_cart", "external_id", "cart"),),
    units=_carts.units,
    write=_carts.write,
)
