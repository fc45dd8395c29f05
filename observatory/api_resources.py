"""The stable API, declared: each resource with what it reads, its columns, its order and its filters, in one place.

A column is a word, "name" or "name:type" where it is no string; what is declared here is promised for as long as v1 is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from observatory.languages import kept

VERSION = "v1"
BASE = f"/api/{VERSION}"
USUAL_SIZE, MOST_SIZE = 100, 1000
MOST_VALUES = 100  # of one filter
# Parameters that every list has.
PAGING = ("size", "after")
# What a filter may ask for, where the values are known: a query that gives them all.
NODES = "select 'index' as node union all select code from domains union all select code from indicators"
CODES = {
    "ref_area": "select ref_area from territories",
    "parent": "select ref_area from territories",
    "level": "select level from levels",
    "category": "select category from categories",
    "peer_group": "select category from categories",
    "indicator": "select code from indicators",
    "domain": "select code from domains",
    "node": NODES,
    "edition": "select edition from method",
    "dataset": "select name from datasets",
    "obs_status": "select obs_status from obs_status",
    "observations.status": "select status from statuses",
    "unit": "select unit from units",
    "things.domain": "select code from domains",
    "register": "select register from registers",
}
# Too many to be listed in the description of the API.
COUNTLESS = {"ref_area", "parent"}
INSIDE = "ref_area in (select member from memberships where valid_to is null and parent in ({marks}))"
OF_LEVEL = "ref_area in (select ref_area from territories where level in ({marks}))"
NAMING = (
    "register || '/' || id in (select register || '/' || id from relations"
    " where target = '{target}' and target_id in ({marks}))"
)
OF_DOMAIN = "indicator in (select code from indicators where domain in ({marks}))"


@dataclass(frozen=True)
class Resource:
    """A list of things. `key` is unique and is its order; `item` is the column that addresses one of them.

    `filters` are columns, `ranges` those that have `_from` and `_to`; `special` filters have their own condition.
    `reads` are columns that the source has not, `usual` the filter that holds when it is not given (its query).
    `texts` are columns in French for a reader, which English answers translate; `rows_of` is the dataset whose rows
    they are, `like` the table that describes the columns when it is not the source.
    """

    name: str
    title: str
    description: str
    source: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    item: str = ""
    filters: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    special: Mapping[str, str] = field(default_factory=dict)
    reads: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    texts: frozenset[str] = frozenset()
    rows_of: str = ""
    like: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every parameter that its list takes."""
        bounds = [f"{name}_{end}" for name in self.ranges for end in ("from", "to")]
        return (*self.filters, *self.special, *bounds, *PAGING)

    def type_of(self, name: str) -> str:
        """The type of the values of a filter."""
        return self.columns.get(name, "string") if name not in self.special else "string"

    def codes(self, name: str) -> str:
        """The query that gives the values of a filter; "" when they are not known."""
        known = CODES.get(f"{self.name}.{name}") or CODES.get(name, "")
        return known if self.type_of(name) == "string" and not self.rows_of else ""


def columns(text: str) -> dict[str, str]:
    """The types of columns by name, from their words."""
    return {word.partition(":")[0]: word.partition(":")[2] or "string" for word in text.split()}


def _texts(text: str) -> frozenset[str]:
    return frozenset(text.split())


EDITION = {"edition": "select edition from method where current"}
OBS_STATUS = "(select s.title from obs_status s where s.obs_status = x.obs_status)"
STATUS = "(select s.title from statuses s where s.status = x.status)"
REASON = (
    "(select f.reason from last_figure_status f"
    " where f.ref_area = x.ref_area and f.indicator = x.indicator and f.time_period = x.time_period)"
)

DECLARED = (
    Resource(
        "territories",
        kept("Territoires"),
        kept("Les territoires d’aujourd’hui et ceux qui ne sont plus, avec leurs identifiants et leur population."),
        "territory",
        columns(
            "ref_area code level level_title name kind category category_title siren powers valid_from:date"
            " valid_to:date successors heir current:boolean population:integer latitude:number longitude:number"
        ),
        ("ref_area",),
        "ref_area",
        ("ref_area", "code", "level", "kind", "category", "siren", "current"),
        ("population",),
        {"parent": INSIDE},
        texts=_texts("level_title category_title"),
    ),
    Resource(
        "indicators",
        kept("Indicateurs"),
        kept("Ce qui est mesuré : définition, unité, sens, poids, bornes, limites."),
        "indicator",
        columns(
            "code domain domain_title title short_title definition status unit unit_title symbol direction"
            " weight:number goalpost_low:number goalpost_high:number goalpost_reason thresholds:array levels:array"
            " scored_levels:array max_age:integer published numerator denominator denominator_source aggregation"
            " aggregation_reason competence limits source reason first_period last_period register_dataset"
            " position:integer"
        ),
        ("code",),
        "code",
        ("domain", "status", "unit", "direction"),
        texts=_texts(
            "domain_title title short_title definition unit_title goalpost_reason numerator denominator"
            " denominator_source aggregation_reason competence limits source reason published"
        ),
    ),
    Resource(
        "domains",
        kept("Domaines"),
        kept("Les neuf domaines de la maturité numérique, avec leur poids et le nombre de leurs indicateurs."),
        "domain",
        columns(
            "code title question definition weight:number position:integer active:integer context:integer"
            " planned:integer registers:integer"
        ),
        ("code",),
        "code",
        texts=_texts("title question definition"),
    ),
    Resource(
        "observations",
        kept("Observations"),
        kept(
            "Toutes les valeurs, publiées ou calculées, chacune avec son statut et le jeu de données d’où elle vient."
        ),
        "observations",
        columns(
            "ref_area indicator time_period obs_value:number obs_status obs_status_title numerator:number"
            " denominator:number coverage:number cog dataset estimated:boolean status status_title status_date:date"
            " status_reason"
        ),
        ("indicator", "ref_area", "time_period"),
        "",
        ("ref_area", "indicator", "time_period", "obs_status", "status", "dataset", "estimated"),
        ("time_period", "obs_value"),
        {"level": OF_LEVEL, "parent": INSIDE, "domain": OF_DOMAIN},
        {"obs_status_title": OBS_STATUS, "status_title": STATUS, "status_reason": REASON},
        texts=_texts("obs_status_title status_title"),
    ),
    Resource(
        "scores",
        kept("Scores"),
        kept(
            "Les scores publiés de l’indice, des domaines et des indicateurs, avec leurs bornes, leur rang et leur "
            "niveau de maturité ; ceux de l’édition en cours quand aucune n’est demandée."
        ),
        "scores",
        columns(
            "ref_area node node_type time_period edition score:number score_low:number score_high:number"
            " coverage:number domains_observed:integer level:integer capped_by rank:integer rank_low:integer"
            " rank_high:integer peer_group peer_count:integer reason observed_period status"
        ),
        ("edition", "node", "ref_area"),
        "",
        ("ref_area", "node", "node_type", "time_period", "edition", "peer_group", "level", "status"),
        ("score", "rank"),
        {"parent": INSIDE},
        usual=EDITION,
        texts=_texts("reason"),
    ),
    Resource(
        "registers",
        kept("Registres"),
        kept("Les jeux de données qui recensent des choses ; chacun donne ses lignes à son adresse."),
        "dataset",
        columns(
            "name title description licence licence_title licence_url share_alike:boolean sources:array"
            " last_update:date next_update rows:integer"
        ),
        ("name",),
        "",
        ("licence",),
        where="form = 'register'",
        texts=_texts("title description licence_title"),
    ),
    Resource(
        "things",
        kept("Choses des registres"),
        kept(
            "Initiatives, labels, appels, besoins, organisations, offres, événements, rapports : ce que tous les"
            " registres ont en commun ; /api/v1/registers/{registre} en donne toutes les colonnes."
        ),
        "things",
        columns("register id title summary state start_date end_date year grade source source_url"),
        ("register", "id"),
        "",
        ("register", "id", "state", "year", "grade"),
        special={
            "ref_area": NAMING.replace("{target}", "territories"),
            "domain": NAMING.replace("{target}", "domains"),
            "indicator": NAMING.replace("{target}", "indicators"),
        },
        texts=_texts("title summary"),
    ),
    Resource(
        "relations",
        kept("Liens des registres"),
        kept("Ce que chaque chose d’un registre désigne : territoire, domaine, indicateur ou autre chose."),
        "relations",
        columns("register id role position:integer target target_id"),
        ("register", "id", "role", "position"),
        "",
        ("register", "id", "role", "target", "target_id"),
    ),
    Resource(
        "datasets",
        kept("Jeux de données"),
        kept("Les jeux de données d’où viennent les valeurs : sources, licence, période, empreinte."),
        "dataset",
        columns(
            "name title description form licence licence_title licence_url share_alike:boolean sources:array"
            " contributors:array temporal_start:date temporal_end:date accrual_periodicity last_update:date"
            " next_update cog rows:integer sha256 schema"
        ),
        ("name",),
        "name",
        ("form", "licence", "share_alike"),
        texts=_texts("title description licence_title"),
    ),
    Resource(
        "editions",
        kept("Éditions de la méthode"),
        kept("Les éditions de la méthode, chacune avec ses règles et ce qu’elle a changé."),
        "method",
        columns(
            "edition title time_period aggregation normalisation min_coverage_index:number"
            " min_coverage_domain:number min_domains:integer floor:number gate:integer gate_domains:array"
            " current:boolean draft:boolean closed_on:date comparable_with:array changes sha256"
        ),
        ("edition",),
        "edition",
        ("current", "draft"),
        texts=_texts("title changes"),
    ),
)
SEARCH = Resource(
    "search",
    kept("Recherche"),
    kept("Les territoires, indicateurs, domaines et jeux de données que des mots désignent, du plus proche au moins."),
    "",
    columns("kind code title detail url page"),
    ("kind", "code"),
)
SIMULATED = Resource(
    "scores",
    kept("Scores simulés"),
    kept("Les scores et les rangs qu’une autre façon de compter donnerait ; ils ne sont pas publiés."),
    "simulated_scores",
    columns(
        "ref_area name peer_group position:integer node node_type time_period edition score:number rank:integer"
        " published_score:number published_rank:integer places_gained:integer reason simulated:boolean"
    ),
    ("peer_group", "position"),
    "",
    ("ref_area", "node", "node_type", "time_period", "edition", "peer_group"),
    ("score", "rank"),
    {"parent": INSIDE},
    like="scores",
)
RESOURCES = {resource.name: resource for resource in DECLARED}


def names() -> list[str]:
    """Every word that may follow /api/v1/."""
    return [*RESOURCES, SEARCH.name]


def rows_resource(name: str, title: str, fields: Iterable[tuple[str, str]], key: Iterable[str]) -> Resource:
    """The rows of a dataset as a resource: its columns are those of its schema, each a filter."""
    known = {column: kind if kind in TYPES else "string" for column, kind in fields}
    ranges = tuple(column for column in ("time_period",) if column in known)
    return Resource(name, title, "", name, known, tuple(key), "", tuple(known), ranges, rows_of=name)


TYPES = ("string", "integer", "number", "boolean", "date", "array")
