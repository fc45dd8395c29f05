"""Words of the vocabularies that a DCAT catalogue is written in, by ours."""

from rdflib import Namespace

EU = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"
SPDX_LICENCES = "https://spdx.org/licenses/"

ADMS = Namespace("http://www.w3.org/ns/adms#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")

# By accrual_periodicity: the word of the European list of frequencies, and its French label.
FREQUENCIES = {
    "monthly": ("MONTHLY", "mensuelle"),
    "quarterly": ("QUARTERLY", "trimestrielle"),
    "annual": ("ANNUAL", "annuelle"),
    "irregular": ("IRREG", "irrégulière"),
    "never": ("NEVER", "jamais"),
}
# By licence of ours: the identifier of SPDX, and the label by which the national portal knows it.
LICENCES = {
    "etalab-2.0": ("etalab-2.0", "etalab-2.0"),
    "odbl-1.0": ("ODbL-1.0", "Open Data Commons Open Database License (ODbL)"),
}
# By domain: the European theme beside those of every dataset.
THEMES = {"donnees": "GOVE", "e-administration": "GOVE", "economie-numerique": "ECON", "transition-entreprises": "ECON"}
ALWAYS = ("REGI", "TECH")
THEME_LABELS = {
    "REGI": "Régions et villes",
    "TECH": "Science et technologie",
    "GOVE": "Gouvernement et secteur public",
    "ECON": "Économie et finances",
}
KEYWORDS = ("collectivités territoriales", "maturité numérique", "numérique", "territoires")
