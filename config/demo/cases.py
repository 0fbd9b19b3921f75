"""Invented complaints and questions to the shop, in Portuguese."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.demo.customers import Person
from config.demo.draws import Draw
from config.demo.source import SHOP_ZONE

SHARE = 0.11
DAYS = 180
CHANNELS = {"email": 35, "phone": 25, "chat": 25, "counter": 15}

TEXTS = {
    "Produto vencido": (
        "Comprei ontem e só em casa vi que o iogurte estava vencido havia três dias. "
        "Guardei a nota fiscal e gostaria da troca ou do dinheiro de volta.",
        "O pão de forma que levei já estava mofado dentro do prazo de validade. "
        "Como faço para trocar?",
    ),
    "Preço diferente na gôndola e no caixa": (
        "Na gôndola o café estava por um preço e no caixa passou mais caro. "
        "Peço a devolução da diferença.",
        "A etiqueta dizia leve 3, pague 2, mas a promoção não entrou no cupom.",
    ),
    "Desconto não aplicado": (
        "Apresentei o cupom de desconto e a operadora disse que o sistema não aceitava. "
        "O cupom ainda está na validade.",
        "Recebi a oferta por e-mail, comprei no mesmo dia e o desconto não apareceu.",
    ),
    "Entrega atrasada": (
        "A entrega estava marcada para as 10h e chegou depois das 16h. "
        "Os congelados já estavam descongelando.",
        "Meu pedido consta como entregue, mas não recebi nada até agora.",
    ),
    "Item faltando no pedido": (
        "Faltaram dois itens no meu pedido e eles foram cobrados mesmo assim.",
        "Pedi seis caixas de leite e vieram quatro. Podem enviar o restante?",
    ),
    "Pontos não creditados": (
        "Fiz uma compra grande no sábado e os pontos não caíram na minha conta.",
        "Informei meu CPF no caixa, mas a compra não aparece no programa de pontos.",
    ),
    "Atendimento no caixa": (
        "Esperei quarenta minutos na fila com apenas dois caixas abertos.",
        "A atendente foi muito atenciosa e resolveu meu problema. Deixo aqui o meu elogio.",
    ),
    "Embalagem danificada": (
        "A garrafa de azeite veio quebrada e sujou o resto das compras.",
        "O pacote de arroz estava furado e perdi metade no caminho.",
    ),
    "Quero parar de receber mensagens": (
        "Recebo mensagens demais no celular. Por favor, parem de enviar promoções por SMS.",
    ),
    "Troca de produto": (
        "A cafeteira que comprei não liga. Está na garantia e tenho a nota fiscal.",
        "Comprei fraldas do tamanho errado, a embalagem está fechada. Posso trocar?",
    ),
}


@dataclass(frozen=True)
class Complaint:
    """A line of ``cases.csv``."""

    case: str
    customer: str
    channel: str
    subject: str
    text: str
    status: str
    opened_at: datetime


def cases(people: Iterable[Person], *, last_day: date) -> list[Complaint]:
    """Return them oldest first."""
    complaints = (
        complaint for person in people for complaint in _of_person(person, last_day=last_day)
    )
    return sorted(complaints, key=lambda one: (one.opened_at, one.case))


def _of_person(person: Person, *, last_day: date) -> Iterator[Complaint]:
    household = int(person.external_id[1:])
    draw = Draw(household)
    if not draw.happens("complains", share=SHARE):
        return
    evening = datetime.combine(last_day, time(20), SHOP_ZONE)
    earliest = max(evening - timedelta(days=DAYS), person.registered_at)
    opened_at = draw.moment("case opened", after=earliest, before=evening)
    subject = draw.one_of("case subject", tuple(TEXTS))
    yield Complaint(
        case=f"CASE-{household:04d}",
        customer=person.external_id,
        channel=draw.weighted("case channel", CHANNELS),
        subject=subject,
        text=draw.one_of("case text", TEXTS[subject]),
        status=_status(draw, age=evening - opened_at),
        opened_at=opened_at,
    )


def _status(draw: Draw, *, age: timedelta) -> str:
    """Return a status; what is older than two weeks has mostly been answered."""
    fresh = {"open": 75, "resolved": 25}
    old = {"open": 6, "resolved": 94}
    return draw.weighted("case status", old if age > timedelta(days=14) else fresh)
