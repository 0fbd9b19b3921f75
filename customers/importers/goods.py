"""Files about what is sold: products, orders with their lines, and open carts."""

from django.utils.translation import gettext_lazy as _

from customers.enums import CartState, CellType, OrderStatus
from customers.importers.people import belongs_to_other, customer_column
from customers.operations.imports import Chunk, Undoing, Upsert
from customers.operations.metrics import refresh_metrics
from customers.rules.files import STAMPS, Check, Column, FileKind, Reference, Undo

PRODUCT = Reference(table="customers_product", column="sku", unknown="unknown_product")
SKU_HEADERS = ("product", "product_id", "produto", "codigo_produto", "codigo_do_produto")
QUANTITY = Column(
    "quantity", _("quantity"), CellType.NUMBER, also=("qty", "quantidade", "qtd"), required=True
)

# Whether a product is sensitive may be decided anew; that is no change that hinders an undo.
AS_TOLD = "hashtextextended((to_jsonb({row}) - 'sensitive')::text, 0)"
_products = Upsert(
    table="customers_product",
    key="sku",
    key_value="s.sku",
    values={name: f"s.{name}" for name in ("name", "category", "price")},
    defaults={"category": "''"},
    version=AS_TOLD,
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
    undo=Undo("customers_product", key="sku", version=AS_TOLD),
    people="",
)

# What a row says came back of its line; NULL is "says nothing". As customers.rules.returns has it.
RETURNED = """
    coalesce(r.returned_quantity, CASE r.status WHEN 'returned' THEN r.quantity
                                                WHEN 'placed' THEN 0 END)"""
# A line says more exactly than a word what came back; of a cancelled order it does not matter.
STATUS = """
    CASE WHEN min(status) = 'cancelled' OR coalesce(sum(returned_quantity), 0) = 0
             THEN min(status)
         WHEN sum(returned_quantity) = sum(quantity) THEN 'returned'
         ELSE 'partially_returned' END"""

# Lines are numbered by what they say: the same order in another file order is the same order.
_LINES_SAY = """(
    (SELECT array_agg(ROW((r.n - s.first_n + 1)::integer, r.sku_id, r.quantity, r.total,
                          coalesce(r.discount, 0)::numeric(14,2)) ORDER BY r.n)
     FROM {rows} r WHERE r.n >= s.first_n AND r.n < s.first_n + s.line_count)
    IS DISTINCT FROM
    (SELECT array_agg(ROW(l.number, l.product_id, l.quantity, l.total, l.discount)
                      ORDER BY l.number)
     FROM customers_orderline l WHERE l.order_id = t.id)
    OR (s.says_returned OR t.status <> 'placed') AND EXISTS (
        SELECT FROM {rows} r JOIN customers_orderline l
            ON l.order_id = t.id AND l.number = r.n - s.first_n + 1
        WHERE r.n >= s.first_n AND r.n < s.first_n + s.line_count
          AND l.returned_quantity <> {returned}
    ))
""".replace("{returned}", RETURNED)
_orders = Upsert(
    table="customers_order",
    key="external_id",
    key_value="s.external_id",
    source="""(
        SELECT "order" AS external_id, min(customer_id) AS customer_id,
               min(ordered_at) AS ordered_at, {status} AS status, min(store) AS store,
               sum(total) AS total, coalesce(sum(discount), 0) AS discount,
               min(n) AS first_n, count(*) AS line_count,
               coalesce(sum(returned_quantity), 0) > 0 AS says_returned
        FROM {rows} r GROUP BY "order"
    )""".replace("{status}", STATUS),
    values={
        name: f"s.{name}"
        for name in ("customer_id", "ordered_at", "status", "store", "total", "discount")
    },
    defaults={"status": f"'{OrderStatus.PLACED.value}'", "store": "''"},
    # What was given back is added up from the lines when they are there (ADD_UP_RETURNS).
    stamps={"updated_at": "%(at)s", "imported_by_id": "%(job)s", "returned_total": "0"},
    births={"created_at": "%(at)s"},
    also=("first_n", "line_count", "says_returned"),
    or_differs=_LINES_SAY,
    also_prior="""jsonb_build_object('lines', (
        SELECT coalesce(jsonb_agg(to_jsonb(l)), jsonb_build_array())
        FROM customers_orderline l WHERE l.order_id = old.id
    ))""",
    version=STAMPS,
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


# What is known to have come back, and of which the file says nothing.
KEEP_RETURNS = """
    CREATE TEMP TABLE import_returns ON COMMIT DROP AS
    SELECT l.order_id, l.number, l.returned_quantity
    FROM {units} u
    JOIN customers_orderline l ON l.order_id = u.known_id AND l.returned_quantity > 0
    JOIN {rows} r ON r.n = u.first_n + l.number - 1 AND r.sku_id = l.product_id
    WHERE u.differs AND l.number <= u.line_count AND {returned} IS NULL
""".replace("{returned}", RETURNED)
GIVE_BACK_RETURNS = """
    UPDATE customers_orderline l
    SET returned_quantity = least(kept.returned_quantity, l.quantity)
    FROM import_returns kept WHERE l.order_id = kept.order_id AND l.number = kept.number
"""
ADD_UP_RETURNS = """
    UPDATE customers_order o SET returned_total = back.total, status = back.status
    FROM (
        SELECT o.id, sum(l.returned_total) AS total,
               CASE WHEN o.status = 'cancelled' THEN o.status
                    WHEN o.status = 'returned' AND sum(l.quantity) = 0 THEN o.status
                    WHEN sum(l.returned_quantity) = 0 THEN 'placed'
                    WHEN sum(l.returned_quantity) = sum(l.quantity) THEN 'returned'
                    ELSE 'partially_returned' END AS status
        FROM {units} u
        JOIN customers_order o USING (external_id)
        JOIN customers_orderline l ON l.order_id = o.id
        WHERE u.differs AND (u.known_id IS NOT NULL OR u.says_returned OR u.status <> 'placed')
        GROUP BY o.id
    ) AS back
    WHERE o.id = back.id
      AND (o.returned_total, o.status) IS DISTINCT FROM (back.total, back.status)
"""


def _write_orders(chunk: Chunk) -> None:
    """Orders, their lines in place of those there were, and their customers' metrics."""
    customers = chunk.ids("SELECT DISTINCT customer_id FROM {units} WHERE differs ORDER BY 1")
    chunk.note(LOCK_CUSTOMERS)
    _orders.write(chunk)
    if chunk.has_updates:
        chunk.run("DROP TABLE IF EXISTS import_returns")
        chunk.run(KEEP_RETURNS)
        chunk.run(
            "DELETE FROM customers_orderline l USING {units} u"
            " WHERE l.order_id = u.known_id AND u.differs"
        )
    # One by one by the index: an estimate of a table that grows would read all of it.
    chunk.run(
        """
        WITH came AS MATERIALIZED (
            SELECT external_id, first_n, (
                SELECT id FROM customers_order o WHERE o.external_id = u.external_id
            ) AS order_id
            FROM (SELECT * FROM {units} WHERE differs ORDER BY external_id) u
        )
        INSERT INTO customers_orderline
            (order_id, number, product_id, quantity, total, discount, returned_quantity)
        SELECT came.order_id, r.n - came.first_n + 1, r.sku_id, r.quantity, r.total,
               coalesce(r.discount, 0), coalesce({returned}, 0)
        FROM came JOIN {rows} r ON r."order" = came.external_id
        ORDER BY came.order_id, r.n
        """.replace("{returned}", RETURNED)
    )
    if chunk.has_updates:
        chunk.run(GIVE_BACK_RETURNS)
    chunk.run(ADD_UP_RETURNS)
    refresh_metrics(customers)


def _undo_orders(undoing: Undoing) -> None:
    """Give orders their former lines, and bring metrics and stages in line."""
    undoing.run(
        "DELETE FROM customers_orderline l USING {rows} r"
        " WHERE l.order_id = r.id AND r.outcome = 'restored'"
    )
    undoing.put_back("customers_orderline", kept_as="lines")
    refresh_metrics(undoing.customers)
    undoing.run(
        """
        UPDATE customers_customer c SET stage = substr(was.about, 5)
        FROM {changed} was
        WHERE was.about IN ('was visitor', 'was prospect') AND was.id = c.id
          AND c.id = ANY(%(customers)s) AND c.stage = 'customer'
          AND NOT EXISTS (
              SELECT FROM customers_customermetrics m
              WHERE m.customer_id = c.id AND m.order_count > 0
          )
        """
    )


PARTLY_OF_WHAT = """
    SELECT line, s.status FROM {rows} s
    WHERE s.status = 'partially_returned' AND NOT EXISTS (
        SELECT FROM {rows} r
        WHERE r."order" = s."order" AND r.returned_quantity > 0
    )
"""

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
            past=True,
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
                **dict.fromkeys(
                    ("parcialmente_devolvido", "devolvido_parcialmente", "partially_refunded"),
                    OrderStatus.PARTIALLY_RETURNED.value,
                ),
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
        Column(
            "returned_quantity",
            _("quantity returned"),
            CellType.NUMBER,
            also=(
                *("returned", "qty_returned", "quantity_returned", "refunded_quantity"),
                *("quantidade_devolvida", "qtd_devolvida", "devolvido", "devolvidos"),
            ),
        ),
    ),
    key=("order",),
    sorting=("number", "sku", "quantity", "total", "discount", "returned_quantity"),
    beside="customer",
    checks=(
        belongs_to_other("customers_order", "external_id", '"order"'),
        Check(
            "more_than_bought",
            "returned_quantity",
            "SELECT line, returned_quantity::text FROM {rows} s"
            " WHERE returned_quantity > quantity",
        ),
        Check(
            "not_whole",
            "returned_quantity",
            "SELECT line, returned_quantity::text FROM {rows} s"
            " WHERE status = 'returned' AND returned_quantity < quantity",
        ),
        Check("which_lines", "status", PARTLY_OF_WHAT),
    ),
    units=_orders.units,
    write=_write_orders,
    undo=Undo(
        "customers_order",
        key="external_id",
        customer="customer_id",
        version=STAMPS,
        tells=("external_id", "customer_id"),
        follow=_undo_orders,
    ),
    writes=("customers_order", "customers_orderline", "customers_customermetrics", "stage"),
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
            past=True,
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
    undo=Undo("customers_cart", key="external_id"),
    writes=("customers_cart",),
)
