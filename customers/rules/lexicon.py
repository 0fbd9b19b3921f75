"""The words a shop starts with, to know which goods say something sensitive of who buys them.

Words stand as they are compared: lower case, without accents, a hyphen part of its word; each
with its plural, for only whole words count. The first of both lists names things on Brazilian
shelves. Kinds of sensitive data: LGPD, article 5 II; GDPR, article 9; beside them what people
told us that they want to keep to themselves (debt, addiction, children).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MARKS = re.compile(r"-+(?![a-z0-9])|(?<![a-z0-9])-+|[^a-z0-9-]+")


def normal_words(text: str) -> str:
    """Return the words of a text as a lexicon has them; PostgreSQL's ``lexicon_words`` agrees."""
    decomposed = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return MARKS.sub(" ", decomposed.lower()).strip()


def normal_lexicon(words: Iterable[str]) -> list[str]:
    """Return the words as they are kept: each once, sorted, none empty."""
    return sorted({word for word in map(normal_words, words) if word})


@dataclass(frozen=True)
class Topic:
    """What a lexicon starts with; words are told apart by commas."""

    code: str
    name_pt_br: str
    name_en: str
    pt_br: str
    en: str
    is_active: bool = True

    @property
    def words_pt_br(self) -> list[str]:
        return normal_lexicon(self.pt_br.split(","))

    @property
    def words_en(self) -> list[str]:
        return normal_lexicon(self.en.split(","))


STARTER = (
    Topic(
        "health",
        "Saúde",
        "Health",
        "glicosímetro, glicosimetros, glicemia, diabetes, diabético, diabéticos, diabética,"
        " diabéticas, hipertensão, colesterol, câncer, oncologia, oncológico, quimioterapia,"
        " asma, epilepsia, alzheimer, parkinson, lúpus, celíaco, celíacos, psoríase, hemorroida,"
        " hemorroidas, incontinência, fralda geriátrica, fraldas geriátricas, ortopedia,"
        " ortopédico, ortopédicos, menopausa, medidor de pressão",
        "glucometer, glucometers, blood glucose, diabetes, diabetic, hypertension, cholesterol,"
        " cancer, oncology, chemotherapy, asthma, epilepsy, alzheimer, parkinson, lupus, coeliac,"
        " celiac, psoriasis, haemorrhoids, hemorrhoids, hemorrhoid, incontinence, adult diaper,"
        " adult diapers, adult incontinence, orthopedic, orthopaedic, menopause,"
        " blood pressure monitor",
    ),
    Topic(
        "medicines",
        "Medicamentos",
        "Medicines",
        "medicamento, medicamentos, remédio, remédios, insulina, antibiótico, antibióticos,"
        " anti-inflamatório, anti-inflamatórios, analgésico, analgésicos, tarja preta,"
        " tarja vermelha, genérico mg, comprimidos, xarope para tosse, antialérgico,"
        " antialérgicos, corticoide, corticoides, antiviral, antivirais, anticoagulante,"
        " antifúngico, vermífugo humano, farmácia de manipulação",
        "medicine, medicines, medication, medications, prescription drug, prescription drugs,"
        " insulin, antibiotic, antibiotics, anti-inflammatory, painkiller, painkillers,"
        " analgesic, analgesics, antihistamine, antihistamines, steroid cream, antiviral,"
        " antivirals, anticoagulant, antifungal, cough syrup, cold remedies, pain remedies",
    ),
    Topic(
        "weight_loss",
        "Emagrecimento",
        "Weight loss",
        "emagrecimento, emagrecer, emagrecedor, emagrecedores, perda de peso, perder peso,"
        " controle de peso, queimador de gordura, queimadores de gordura, termogênico,"
        " termogênicos, obesidade, obeso, obesos, bariátrica, bariátrico, inibidor de apetite,"
        " inibidores de apetite, moderador de apetite, shake emagrecedor, cinta modeladora,"
        " detox emagrecedor, bloqueador de gordura",
        "weight loss, lose weight, weight control, weight management, slimming, fat burner,"
        " fat burners, thermogenic, obesity, obese, bariatric, appetite suppressant,"
        " appetite suppressants, diet pill, diet pills, diet aids, diet control,"
        " meal replacement, meal replacements, waist trainer",
    ),
    Topic(
        "pregnancy",
        "Gravidez e perda gestacional",
        "Pregnancy and loss of a baby",
        "gravidez, grávida, grávidas, gestante, gestantes, gestação, gestacional, pré-natal,"
        " prénatal, maternidade, teste de gravidez, testes de gravidez, teste de ovulação,"
        " fertilidade, infertilidade, fertilização, ácido fólico, pós-parto, amamentação,"
        " lactante, lactantes, aborto, aborto espontâneo, luto gestacional, natimorto, puerpério",
        "pregnancy, pregnant, maternity, prenatal, pre-natal, antenatal, pregnancy test,"
        " pregnancy tests, ovulation test, ovulation tests, fertility, infertility, ivf,"
        " folic acid, postpartum, post-partum, breastfeeding, nursing bra, nursing bras,"
        " lactation, miscarriage, abortion, stillbirth, baby loss",
    ),
    Topic(
        "sexual_health",
        "Saúde e vida sexual",
        "Sexual health and sex life",
        "preservativo, preservativos, camisinha, camisinhas, lubrificante íntimo,"
        " lubrificantes íntimos, anticoncepcional, anticoncepcionais, contraceptivo,"
        " contraceptivos, pílula do dia seguinte, disfunção erétil, viagra, sildenafila,"
        " tadalafila, hiv, aids, sífilis, herpes, clamídia, candidíase, vibrador, vibradores,"
        " sex shop, sexshop, erótico, eróticos, erótica, bem-estar sexual",
        "condom, condoms, personal lubricant, personal lubricants, contraceptive, contraceptives,"
        " contraception, birth control, morning-after pill, erectile dysfunction, viagra,"
        " sildenafil, tadalafil, hiv, aids, syphilis, herpes, chlamydia, thrush, vibrator,"
        " vibrators, sex shop, sex toy, sex toys, erotic, sexual wellness, family planning",
    ),
    Topic(
        "mental_health",
        "Saúde mental",
        "Mental health",
        "saúde mental, depressão, antidepressivo, antidepressivos, ansiedade, ansiolítico,"
        " ansiolíticos, calmante, calmantes, insônia, síndrome do pânico, bipolar,"
        " esquizofrenia, tdah, ritalina, autismo, autista, autistas, psicoterapia, psiquiatria,"
        " psiquiátrico, anorexia, bulimia, burnout, prevenção ao suicídio",
        "mental health, depression, antidepressant, antidepressants, anxiety, anxiolytic,"
        " sedative, sedatives, insomnia, panic disorder, bipolar, schizophrenia, adhd, ritalin,"
        " autism, autistic, psychotherapy, psychiatry, psychiatric, anorexia, bulimia, burnout,"
        " suicide prevention, sleep aid, sleep aids",
    ),
    Topic(
        "religion",
        "Religião",
        "Religion",
        "religião, religioso, religiosos, religiosa, religiosas, bíblia, bíblias, terço, terços,"
        " rosário, católico, católicos, católica, evangélico, evangélicos, evangélica, gospel,"
        " umbanda, candomblé, orixá, orixás, espírita, espíritas, judaico, judaica, kosher,"
        " muçulmano, islâmico, halal, alcorão, torá, crucifixo, crucifixos, primeira comunhão",
        "religion, religious, bible, bibles, rosary, rosaries, catholic, protestant, evangelical,"
        " gospel, jewish, kosher, muslim, islamic, halal, quran, koran, torah, crucifix,"
        " crucifixes, first communion, prayer book, prayer books, hindu, buddhist",
    ),
    Topic(
        "union",
        "Sindicato",
        "Trade union",
        "sindicato, sindicatos, sindical, sindicais, sindicalismo, sindicalista, sindicalistas,"
        " sindicalizado, sindicalizados, contribuição sindical, central sindical, greve, greves,"
        " grevista, dissídio coletivo",
        "trade union, trade unions, labor union, labor unions, labour union, labour unions,"
        " union member, union members, union dues, unionised, unionized, unionist,"
        " workers union, picket line, on strike, collective bargaining",
    ),
    Topic(
        "politics",
        "Política",
        "Politics",
        "partido político, partidos políticos, político, políticos, política, políticas,"
        " eleição, eleições, eleitoral, campanha eleitoral, candidato, candidatos, candidata,"
        " militante, militantes, comunista, comunismo, socialista, socialismo, fascismo,"
        " conservadorismo, impeachment",
        "political party, political parties, politics, political, election, elections,"
        " electoral, election campaign, candidate, candidates, activist, activists, communist,"
        " communism, socialist, socialism, fascism, conservatism, impeachment",
    ),
    Topic(
        "debt",
        "Dívidas",
        "Debt",
        "dívida, dívidas, endividado, endividados, endividamento, superendividamento,"
        " inadimplente, inadimplentes, inadimplência, negativado, negativados, nome sujo,"
        " limpa nome, renegociação de dívida, renegociação de dívidas, empréstimo, empréstimos,"
        " consignado, agiota, cobrança judicial, falência, penhor",
        "debt, debts, indebted, over-indebted, insolvency, insolvent, bad credit, credit repair,"
        " debt relief, debt consolidation, payday loan, payday loans, personal loan,"
        " personal loans, bankruptcy, bankrupt, pawn shop, pawnbroker, loan shark",
    ),
    Topic(
        "addiction",
        "Dependência: fumo, jogo e drogas",
        "Addiction: tobacco, gambling and drugs",
        "alcoolismo, alcoólatra, alcoólatras, alcoólicos anônimos, dependência química, vício,"
        " vícios, reabilitação química, cigarro, cigarros, tabaco, fumo, tabacaria, nicotina,"
        " adesivo de nicotina, parar de fumar, tabagismo, vape, vapes, narguilé, cannabis,"
        " maconha, aposta, apostas, loteria, loterias, cassino, jogos de azar",
        "alcoholism, alcoholic, alcoholics, alcoholics anonymous, addiction, addictions, rehab,"
        " cigarette, cigarettes, cigar, cigars, tobacco, nicotine, nicotine patch,"
        " quit smoking, stop smoking, smoking cessation, vape, vapes, hookah, cannabis,"
        " marijuana, betting, gambling, lottery, casino",
    ),
    # A shop sells wine without asking; the word says little of one bottle. Whoever wants, may.
    Topic(
        "alcohol",
        "Bebidas alcoólicas",
        "Alcoholic drinks",
        "bebida alcoólica, bebidas alcoólicas, cerveja, cervejas, vinho, vinhos, espumante,"
        " espumantes, cachaça, cachaças, vodca, vodka, uísque, whisky, gim, rum, tequila,"
        " conhaque, licor, licores, destilado, destilados",
        "alcohol, alcoholic drink, alcoholic drinks, alcoholic beverages, liquor, beer, beers,"
        " ale, wine, wines, sparkling wine, champagne, spirits, vodka, whisky, whiskey, gin, rum,"
        " tequila, brandy, liqueur, liqueurs",
        is_active=False,
    ),
    Topic(
        "disability",
        "Deficiência",
        "Disability",
        "deficiência, deficiências, deficiente, deficientes, pcd, cadeira de rodas,"
        " cadeiras de rodas, cadeirante, cadeirantes, muleta, muletas, andador de idoso,"
        " aparelho auditivo, aparelhos auditivos, surdez, surdo, surdos, cegueira, bengala,"
        " bengalas, braille, prótese, próteses, síndrome de down, paralisia cerebral, libras pcd",
        "disability, disabilities, disabled, wheelchair, wheelchairs, crutch, crutches,"
        " walking frame, mobility aid, mobility aids, hearing aid, hearing aids, deaf, deafness,"
        " blindness, white cane, braille, prosthesis, prosthetic, prosthetics, down syndrome,"
        " cerebral palsy",
    ),
    Topic(
        "orientation",
        "Orientação sexual e gênero",
        "Sexual orientation and gender",
        "lgbt, lgbtq, lgbtqia, lgbtqiapn, gay, gays, lésbica, lésbicas, lésbico, bissexual,"
        " bissexuais, homossexual, homossexuais, transgênero, transgêneros, transexual,"
        " transexuais, travesti, travestis, não-binário, não binário, orgulho gay, parada gay,"
        " arco-íris lgbt, drag queen, homoafetivo, homoafetiva",
        "lgbt, lgbtq, lgbtqia, gay, gays, lesbian, lesbians, bisexual, homosexual, transgender,"
        " transsexual, non-binary, nonbinary, gay pride, pride flag, pride flags, queer,"
        " same-sex, chest binder, drag queen",
    ),
    Topic(
        "origin",
        "Origem racial ou étnica",
        "Racial or ethnic origin",
        "afro, afrodescendente, afrodescendentes, pele negra, cabelo afro, cabelos afro,"
        " cabelo crespo, cabelos crespos, quilombola, quilombolas, indígena, indígenas, cigano,"
        " ciganos, cigana, origem étnica, étnico, étnicos, étnica, imigrante, imigrantes,"
        " refugiado, refugiados",
        "afro, black hair care, ethnic hair care, ethnic personal care, ethnic, ethnicity,"
        " african american, skin of color, textured hair, indigenous, roma people, gypsy,"
        " immigrant, immigrants, refugee, refugees, hispanic hair care",
    ),
    Topic(
        "minors",
        "Crianças e adolescentes",
        "Children and adolescents",
        "fralda infantil, fraldas infantis, fralda descartável, fraldas descartáveis, mamadeira,"
        " mamadeiras, chupeta, chupetas, fórmula infantil, fórmulas infantis, papinha, papinhas,"
        " berço, berços, recém-nascido, recém-nascidos, enxoval de bebê, carrinho de bebê,"
        " material escolar infantil, guarda de menores, pensão alimentícia, adolescente,"
        " adolescentes, primeiro sutiã",
        "baby diaper, baby diapers, diapers, nappies, nappy, baby bottle, baby bottles,"
        " feeding bottle, pacifier, pacifiers, infant formula, baby formula, baby food,"
        " baby foods, crib, cribs, cot, cots, newborn, newborns, baby shower, stroller,"
        " strollers, child custody, child support, teenager, teenagers, first bra",
    ),
)
