"""Real cities with their state, time zone, and the shape of their telephone numbers and postcodes.

A ``#`` stands for a digit to be drawn. United States numbers are from the range 555-01xx, which
is kept for fiction.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class City:
    name: str
    state: str
    postal_code: str
    phone: str
    timezone: str
    country: str = "BR"


def brazilian(name: str, state: str, postal_code: str, area: int, zone: str) -> City:
    return City(name, state, postal_code, f"+55{area}9########", f"America/{zone}")


# How many of every 1,100 or so invented people live there: roughly where Brazilians live.
CITIES: dict[City, int] = {
    brazilian("São Paulo", "SP", "04###-###", 11, "Sao_Paulo"): 230,
    brazilian("Guarulhos", "SP", "07###-###", 11, "Sao_Paulo"): 28,
    brazilian("Campinas", "SP", "130##-###", 19, "Sao_Paulo"): 32,
    brazilian("Santos", "SP", "110##-###", 13, "Sao_Paulo"): 18,
    brazilian("Ribeirão Preto", "SP", "140##-###", 16, "Sao_Paulo"): 18,
    brazilian("Sorocaba", "SP", "180##-###", 15, "Sao_Paulo"): 16,
    brazilian("São José dos Campos", "SP", "122##-###", 12, "Sao_Paulo"): 18,
    brazilian("Rio de Janeiro", "RJ", "22###-###", 21, "Sao_Paulo"): 110,
    brazilian("Niterói", "RJ", "24###-###", 21, "Sao_Paulo"): 16,
    brazilian("Belo Horizonte", "MG", "30###-###", 31, "Sao_Paulo"): 54,
    brazilian("Uberlândia", "MG", "384##-###", 34, "Sao_Paulo"): 14,
    brazilian("Juiz de Fora", "MG", "360##-###", 32, "Sao_Paulo"): 12,
    brazilian("Vitória", "ES", "290##-###", 27, "Sao_Paulo"): 12,
    brazilian("Curitiba", "PR", "80###-###", 41, "Sao_Paulo"): 42,
    brazilian("Londrina", "PR", "860##-###", 43, "Sao_Paulo"): 12,
    brazilian("Florianópolis", "SC", "880##-###", 48, "Sao_Paulo"): 18,
    brazilian("Joinville", "SC", "892##-###", 47, "Sao_Paulo"): 14,
    brazilian("Porto Alegre", "RS", "90###-###", 51, "Sao_Paulo"): 34,
    brazilian("Caxias do Sul", "RS", "950##-###", 54, "Sao_Paulo"): 12,
    brazilian("Brasília", "DF", "70###-###", 61, "Sao_Paulo"): 48,
    brazilian("Goiânia", "GO", "74###-###", 62, "Sao_Paulo"): 28,
    brazilian("Salvador", "BA", "40###-###", 71, "Bahia"): 44,
    brazilian("Feira de Santana", "BA", "440##-###", 75, "Bahia"): 12,
    brazilian("Aracaju", "SE", "490##-###", 79, "Maceio"): 12,
    brazilian("Maceió", "AL", "570##-###", 82, "Maceio"): 14,
    brazilian("Recife", "PE", "50###-###", 81, "Recife"): 30,
    brazilian("Fernando de Noronha", "PE", "53990-000", 81, "Noronha"): 2,
    brazilian("João Pessoa", "PB", "580##-###", 83, "Fortaleza"): 14,
    brazilian("Natal", "RN", "590##-###", 84, "Fortaleza"): 14,
    brazilian("Fortaleza", "CE", "60###-###", 85, "Fortaleza"): 44,
    brazilian("Teresina", "PI", "640##-###", 86, "Fortaleza"): 12,
    brazilian("São Luís", "MA", "650##-###", 98, "Fortaleza"): 14,
    brazilian("Belém", "PA", "66###-###", 91, "Belem"): 20,
    brazilian("Macapá", "AP", "689##-###", 96, "Belem"): 6,
    brazilian("Palmas", "TO", "770##-###", 63, "Araguaina"): 6,
    brazilian("Manaus", "AM", "690##-###", 92, "Manaus"): 28,
    brazilian("Boa Vista", "RR", "693##-###", 95, "Boa_Vista"): 6,
    brazilian("Porto Velho", "RO", "768##-###", 69, "Porto_Velho"): 8,
    brazilian("Rio Branco", "AC", "699##-###", 68, "Rio_Branco"): 6,
    brazilian("Cuiabá", "MT", "780##-###", 65, "Cuiaba"): 12,
    brazilian("Campo Grande", "MS", "790##-###", 67, "Campo_Grande"): 14,
    City("Lisboa", "Lisboa", "1###-###", "+35191#######", "Europe/Lisbon", "PT"): 18,
    City("Porto", "Porto", "4###-###", "+35193#######", "Europe/Lisbon", "PT"): 10,
    City("Funchal", "Madeira", "9000-###", "+35196#######", "Atlantic/Madeira", "PT"): 2,
    City("Ponta Delgada", "Açores", "9500-###", "+35196#######", "Atlantic/Azores", "PT"): 2,
    City("Dublin", "Dublin", "D08 X###", "+35387#######", "Europe/Dublin", "IE"): 18,
    City("Cork", "Cork", "T12 X###", "+35386#######", "Europe/Dublin", "IE"): 8,
    City("Galway", "Galway", "H91 X###", "+35385#######", "Europe/Dublin", "IE"): 6,
    City("Boston", "MA", "021##", "+161755501##", "America/New_York", "US"): 10,
    City("Orlando", "FL", "328##", "+140755501##", "America/New_York", "US"): 8,
    City("Chicago", "IL", "606##", "+131255501##", "America/Chicago", "US"): 4,
    City("San Francisco", "CA", "941##", "+141555501##", "America/Los_Angeles", "US"): 4,
}
