"""Find one of a million customers: exactly, by a part of the name, with a typing error."""

import statistics
from collections.abc import Iterator
from functools import partial

from django.db import connection

from benchmarks.race import Result, seconds
from customers.queries.search import find

CUSTOMERS = 1_000_000
MILLISECONDS, MILLISECONDS_WITH_TYPO = 100, 500
ROUNDS = 7

# Given names and two surnames out of a few dozen each, as many bear the same in Brazil; a tail of
# rare surnames is put together of syllables.
FILL = """
INSERT INTO customers_customer (
    external_id, email, phone, first_name, last_name, gender, language, timezone, country, state,
    city, postal_code, stage, interests, attributes, registered_at, created_at, updated_at
)
SELECT 'b-' || n, 'b' || n || '@bench.example', '+55119' || lpad(n::text, 8, '0'),
       given[1 + (n * 7919::bigint) %% 40], family[1 + (n / 40 * 104729::bigint) %% 40] || ' '
           || CASE WHEN n %% 3 = 0 THEN initcap(
                  syllables[1 + n / 3 %% 20] || syllables[1 + n / 60 %% 20]
                  || syllables[1 + n / 1200 %% 20])
              ELSE family[1 + (n * 15485863::bigint) %% 40] END,
       '', '', '', 'BR', '', '', '', 'customer', '{}', '{}', now(), now(), now()
FROM generate_series(1, %(customers)s) AS n,
     string_to_array(%(given)s, ' ') AS given,
     string_to_array(%(family)s, ' ') AS family,
     string_to_array(%(syllables)s, ' ') AS syllables;
INSERT INTO customers_order (
    external_id, customer_id, ordered_at, status, total, discount, store, created_at, updated_at
)
SELECT 'o-' || id, id, now(), 'placed', 20, 0, '', now(), now() FROM customers_customer;
"""
GIVEN = (
    "Ana Maria João José Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Gabriel Rafael "
    "Daniel Marcelo Bruno Eduardo Felipe Rodrigo Adriana Juliana Márcia Fernanda Patrícia Aline "
    "Sandra Camila Amanda Bruna Jéssica Letícia Júlia Luciana Vanessa Mariana Gabriela Vera "
    "Conceição Zuleica"
)
FAMILY = (
    "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro "
    "Martins Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade "
    "Moreira Nunes Marques Machado Mendes Freitas Cardoso Ramos Gonçalves Santana Teixeira Araújo "
    "Cavalcanti Pinto Castro Monteiro"
)
SYLLABLES = "ba be bo ca co da do fa ga go la le lo ma mo na ra ta va zi"

ASKED = {
    "by e-mail": "b734512@bench.example",
    "by phone": "(11) 90073-4512",
    "by order number": "o-734512",
    "by name": "juliana cavalcanti",
    "by part of a name": "valcan",
    "by one letter": "a",
}
WITH_TYPO = {
    "by name with a typo": "juliana cavalkanti",
    "by surname with a typo": "gonsalvez",
    "by nobody's name": "xavantina wolk",
}


def run() -> Iterator[Result]:
    names = {"given": GIVEN, "family": FAMILY, "syllables": SYLLABLES}
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"customers": CUSTOMERS, **names})
        cursor.execute("VACUUM ANALYZE")
    for limit, asked in ((MILLISECONDS, ASKED), (MILLISECONDS_WITH_TYPO, WITH_TYPO)):
        for name, text in asked.items():
            find(text)
            took = statistics.median(seconds(partial(find, text)) for _ in range(ROUNDS))
            yield Result(
                name=f"one of {CUSTOMERS:,} customers, {name}",
                value=round(1000 * took, 1),
                unit="ms",
                against="limit",
                against_value=limit,
            )
