"""Given and family names for the invented people of the demo."""


def _listed(names: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in names.split(","))


WOMEN = _listed(
    """
    Adriana, Alice, Aline, Amanda, Ana, Andréa, Beatriz, Bianca, Camila, Carla, Carolina,
    Cecília, Célia, Clara, Cláudia, Conceição, Cristina, Daniela, Débora, Eduarda, Elaine,
    Eliane, Érica, Fátima, Fernanda, Flávia, Gabriela, Giovana, Glória, Helena, Heloísa, Inês,
    Isabela, Ivone, Jéssica, Joana, Josefa, Júlia, Juliana, Karina, Larissa, Laura, Letícia,
    Lívia, Lorena, Luana, Lúcia, Luíza, Marcela, Márcia, Maria, Mariana, Marina, Marlene,
    Mônica, Natália, Patrícia, Paula, Priscila, Rafaela, Raquel, Regina, Renata, Rita, Roberta,
    Rosângela, Sandra, Sílvia, Simone, Sofia, Sônia, Tânia, Tatiana, Tereza, Valéria, Vanessa,
    Vera, Verônica, Vitória, Viviane, Yara
    """
)
MEN = _listed(
    """
    Adilson, Alexandre, Anderson, André, Antônio, Arthur, Augusto, Benedito, Bernardo, Bruno,
    Caio, Carlos, César, Cícero, Cláudio, Cristiano, Daniel, Davi, Diego, Edson, Eduardo,
    Emanuel, Enzo, Fábio, Felipe, Fernando, Flávio, Francisco, Gabriel, Geraldo, Gilberto,
    Guilherme, Gustavo, Heitor, Henrique, Hugo, Igor, Ivan, Jair, João, Joaquim, Jorge, José,
    Júlio, Leandro, Leonardo, Lucas, Luís, Luiz, Marcelo, Márcio, Marcos, Mário, Mateus,
    Matheus, Maurício, Miguel, Murilo, Nelson, Otávio, Paulo, Pedro, Rafael, Raimundo, Renato,
    Ricardo, Roberto, Rodrigo, Rogério, Rubens, Samuel, Sebastião, Sérgio, Thiago, Tomás,
    Vicente, Vinícius, Vítor, Wagner, Wellington, Yuri
    """
)
FAMILIES = _listed(
    """
    Almeida, Alves, Andrade, Antunes, Aparecido, Araújo, Assunção, Azevedo, Barbosa, Barros,
    Batista, Borges, Brandão, Brito, Campos, Cardoso, Carvalho, Castro, Cavalcanti, Coelho,
    Conceição, Corrêa, Costa, Cunha, da Luz, da Silva, de Jesus, de Souza, Dias, do Nascimento,
    dos Santos, Duarte, Falcão, Farias, Fernandes, Ferreira, Figueiredo, Fonseca, Franco,
    Freitas, Galvão, Gomes, Gonçalves, Guimarães, Leitão, Lima, Lopes, Macedo, Machado,
    Magalhães, Marques, Martins, Matos, Medeiros, Mello, Mendes, Miranda, Monteiro, Moraes,
    Moreira, Moura, Nakamura, Neves, Nogueira, Novaes, Nunes, Oliveira, Pacheco, Paixão,
    Peixoto, Pereira, Pinheiro, Pinto, Pires, Queiroz, Ramos, Rezende, Ribeiro, Rocha,
    Rodrigues, Romão, Salomão, Sampaio, Schmidt, Siqueira, Soares, Tavares, Teixeira, Torres,
    Vasconcelos, Vieira, Xavier, Yamamoto
    """
)

IRISH_WOMEN = _listed("Aisling, Aoife, Bríd, Ciara, Deirdre, Gráinne, Máire, Niamh, Róisín")
IRISH_MEN = _listed("Cian, Conor, Declan, Eoin, Fergal, Oisín, Pádraig, Rory, Seán")
IRISH_FAMILIES = _listed(
    "Byrne, Fitzgerald, Gallagher, Kelly, Murphy, Nolan, O'Brien, Ó Súilleabháin, Walsh"
)

US_WOMEN = _listed("Ashley, Brenda, Emily, Grace, Karen, Latoya, Mary-Ann, Megan, Zoë")
US_MEN = _listed("Andrew, Brian, Derek, Ethan, Frank, Jamal, Kevin, Ramón, Tyler")
US_FAMILIES = _listed(
    "Anderson, Brooks, Carter, Hernández, Johnson, Nguyen, Smith, Walker, Wright-Lee"
)
