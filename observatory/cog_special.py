"""What the law says and the geographic code does not: kinds, powers and dates of the special territories."""

# Overseas collectivities that are neither régions nor départements; each stands once at both levels so that its
# communes have parents, and belongs to neither the 18 régions nor the 101 départements.
OVERSEAS = ("975", "977", "978", "984", "986", "987", "988", "989")

# Overseas territories without municipal corporations: their INSEE communes are only places.
WITHOUT_COMMUNES = ("977", "978", "984", "986", "989")

KINDS = {
    "REG-02": "collectivite-unique",
    "REG-03": "collectivite-unique",
    "REG-06": "departement-region",
    "REG-94": "collectivite-unique",
    "DEP-976": "departement-region",
    "DEP-6AE": "collectivite-europeenne",
    "COM-75056": "collectivite-statut-particulier",
}

# Levels of competence exercised, where they are not simply the level of the territory; "" = a circumscription
# of the State whose powers another territory exercises.
POWERS = {
    "FRA": "",
    "REG-02": "REG;DEP",
    "REG-03": "REG;DEP",
    "REG-94": "REG;DEP",
    "REG-06": "",
    "DEP-976": "DEP;REG",
    "DEP-972": "",
    "DEP-973": "",
    "DEP-2A": "",
    "DEP-2B": "",
    "DEP-75": "",
    "COM-75056": "COM;DEP",
    "EPCI-200046977": "EPCI;DEP",
    "DEP-67": "",
    "DEP-68": "",
    "DEP-6AE": "DEP",
    "REG-975": "REG;DEP",
    "REG-977": "REG;DEP;COM",
    "REG-978": "REG;DEP;COM",
    "REG-984": "",
    "REG-986": "REG;DEP;COM",
    "REG-987": "REG;DEP",
    "REG-988": "REG;DEP",
    "REG-989": "",
}

# First day of existence where the law states it: Corse in two (1976), the new départements of the Paris region
# (1968), Mayotte (2011), the régions merged by the law of 16 January 2015, the Métropole de Lyon (2015), the
# Métropole du Grand Paris and its EPT (2016), the Collectivité européenne d'Alsace (2021).
VALID_FROM = {
    **dict.fromkeys(("DEP-75", "DEP-78", "DEP-91", "DEP-92", "DEP-93", "DEP-94", "DEP-95"), "1968-01-01"),
    **dict.fromkeys(("DEP-2A", "DEP-2B"), "1976-01-01"),
    **dict.fromkeys(("DEP-976", "REG-06"), "2011-03-31"),
    **dict.fromkeys(("REG-27", "REG-28", "REG-32", "REG-44", "REG-75", "REG-76", "REG-84"), "2016-01-01"),
    "EPCI-200046977": "2015-01-01",
    "EPCI-200054781": "2016-01-01",
    "DEP-6AE": "2021-01-01",
}
DISTRICTS_FROM = "2016-01-01"

ALSACE = "DEP-6AE"
ALSACE_NAME = "Collectivité européenne d'Alsace"
ALSACE_MEMBERS = ("DEP-67", "DEP-68")
ALSACE_REGION = "REG-44"

# Codes of communes that became overseas collectivities, absent from the history of communes.
FORMER_CODES = {"COM-97701": "97123", "COM-97801": "97127"}

# Régions that the law of 16 January 2015 merged on 1 January 2016: identifier → name and successor. The vintages of
# the geographic code that we read begin after them. Then the other names that people give to régions.
FORMER_REGIONS = {
    "REG-21": ("Champagne-Ardenne", "REG-44"),
    "REG-22": ("Picardie", "REG-32"),
    "REG-23": ("Haute-Normandie", "REG-28"),
    "REG-25": ("Basse-Normandie", "REG-28"),
    "REG-26": ("Bourgogne", "REG-27"),
    "REG-31": ("Nord-Pas-de-Calais", "REG-32"),
    "REG-41": ("Lorraine", "REG-44"),
    "REG-42": ("Alsace", "REG-44"),
    "REG-43": ("Franche-Comté", "REG-27"),
    "REG-54": ("Poitou-Charentes", "REG-75"),
    "REG-72": ("Aquitaine", "REG-75"),
    "REG-73": ("Midi-Pyrénées", "REG-76"),
    "REG-74": ("Limousin", "REG-75"),
    "REG-82": ("Rhône-Alpes", "REG-84"),
    "REG-83": ("Auvergne", "REG-84"),
    "REG-91": ("Languedoc-Roussillon", "REG-76"),
}
OTHER_NAMES = (
    ("REG-24", "former-name", "Centre"),
    ("REG-11", "acronym", "IDF"),
    ("REG-27", "acronym", "BFC"),
    ("REG-84", "acronym", "AURA"),
    ("REG-93", "acronym", "PACA"),
    ("DEP-6AE", "acronym", "CeA"),
)

LARGE_TOWN = 100_000

CATEGORIES = {
    "met69": "metropole",
    "metropole": "metropole",
    "cu": "agglomeration",
    "ca": "agglomeration",
    "cc": "autre-epci",
    "ept": "ept",
}


def kind_of(ref_area: str) -> str:
    """Kind of a territory other than an EPCI."""
    level, _, code = ref_area.partition("-")
    if code in OVERSEAS and level in ("REG", "DEP"):
        return "collectivite-outre-mer"
    plain = {"FRA": "pays", "REG": "region", "DEP": "departement", "COM": "commune"}
    return KINDS.get(ref_area, plain[level])


def powers_of(ref_area: str) -> str:
    """Levels of competence that a territory exercises, separated by semicolons."""
    level, _, code = ref_area.partition("-")
    if level == "DEP" and code in OVERSEAS:
        return ""
    if level == "COM" and code.startswith(WITHOUT_COMMUNES):
        return ""
    return POWERS.get(ref_area, level)


def category_of(ref_area: str, kind: str, population: int | None) -> str:
    """Peer group of a territory in the observatory; towns are large from LARGE_TOWN inhabitants."""
    level, _, code = ref_area.partition("-")
    if level == "EPCI":
        return CATEGORIES[kind]
    if level == "COM":
        if code.startswith(WITHOUT_COMMUNES):
            return "collectivite-outre-mer"
        return "grande-ville" if (population or 0) >= LARGE_TOWN else "autre-commune"
    if kind == "collectivite-outre-mer":
        return kind
    if ref_area == ALSACE:
        return "collectivite-particuliere"
    return {"FRA": "pays", "REG": "region", "DEP": "departement"}[level]
