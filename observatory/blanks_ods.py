"""Writes a template as an ODS: headings that explain themselves, drop-down lists, codes kept as text."""

import io
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from observatory import ods_parts
from observatory.blanks import DATA, GUIDE_HEADER, GUIDE_SHEET, LISTS, ROOM, Blank, Column
from observatory.sheets import letters

STYLES = """
<number:date-style style:name="iso"><number:year number:style="long"/><number:text>-</number:text>
<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/></number:date-style>
<number:text-style style:name="asis"><number:text-content/></number:text-style>
<style:style style:name="text" style:family="table-cell" style:data-style-name="asis"/>
<style:style style:name="date" style:family="table-cell" style:data-style-name="iso"/>
<style:style style:name="plain" style:family="table-cell"/>
<style:style style:name="head" style:family="table-cell" style:data-style-name="asis">
<style:table-cell-properties fo:background-color="#475569"/>
<style:text-properties fo:font-weight="bold" fo:color="#ffffff"/></style:style>
<style:style style:name="must" style:family="table-cell" style:data-style-name="asis">
<style:table-cell-properties fo:background-color="#1d4ed8"/>
<style:text-properties fo:font-weight="bold" fo:color="#ffffff"/></style:style>
<style:style style:name="wrap" style:family="table-cell" style:data-style-name="asis">
<style:table-cell-properties fo:wrap-option="wrap"/></style:style>
<style:style style:name="seen" style:family="table"><style:table-properties table:display="true"/></style:style>
<style:style style:name="unseen" style:family="table"><style:table-properties table:display="false"/></style:style>
<style:style style:name="narrow" style:family="table-column">
<style:table-column-properties style:column-width="4cm"/></style:style>
<style:style style:name="broad" style:family="table-column">
<style:table-column-properties style:column-width="9cm"/></style:style>
"""
FROZEN = "".join(
    f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'
    for name, kind, value in (
        ("HorizontalSplitMode", "short", 0), ("VerticalSplitMode", "short", 2), ("VerticalSplitPosition", "int", 1),
        ("ActiveSplitRange", "short", 2), ("PositionTop", "int", 0), ("PositionBottom", "int", 1),
    )
)  # fmt: skip


def render_ods(template: Blank) -> bytes:
    """The template as an ODS; the same template gives the same bytes."""
    target = io.BytesIO()
    parts = {"content": _content(template), "settings": _settings(), "meta": ods_parts.title(template.title)}
    ods_parts.save(target, {f"{name}.xml": [text] for name, text in parts.items()})
    return target.getvalue()


def _settings() -> str:
    """The header stays in view."""
    table = f'<config:config-item-map-entry config:name="{DATA}">{FROZEN}</config:config-item-map-entry>'
    view = f'<config:config-item-map-named config:name="Tables">{table}</config:config-item-map-named>'
    active = f'<config:config-item config:name="ActiveTable" config:type="string">{DATA}</config:config-item>'
    views = (
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        f"{active}{view}</config:config-item-map-entry></config:config-item-map-indexed>"
    )
    body = f'<config:config-item-set config:name="ooo:view-settings">{views}</config:config-item-set>'
    return ods_parts.document("settings", f"<office:settings>{body}</office:settings>")


def _content(template: Blank) -> str:
    rules = {place: rule for place, column in enumerate(template.columns) if (rule := _rule(place, column))}
    validations = "".join(_validation(place, template.columns[place], condition) for place, condition in rules.items())
    body = "".join(
        (
            f"<table:content-validations>{validations}</table:content-validations>" if validations else "",
            _table(DATA, "seen", _data_columns(template.columns), _data_rows(template, rules)),
            _table(
                GUIDE_SHEET, "seen", ["narrow", "narrow", "narrow", "broad", "narrow", "broad"], _guide_rows(template)
            ),
            _table(LISTS, "unseen", ["narrow"] * len(template.columns), _list_rows(template.columns)),
        )
    )
    styles = f"<office:automatic-styles>{STYLES}</office:automatic-styles>"
    sheets = f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
    return ods_parts.document("content", styles + sheets)


def _table(name: str, style: str, columns: Iterable[str], rows: Iterable[str]) -> str:
    heads = "".join(
        column if column.startswith("<") else f'<table:table-column table:style-name="{column}"/>' for column in columns
    )
    return f'<table:table table:name={quoteattr(name)} table:style-name="{style}">{heads}{"".join(rows)}</table:table>'


def _data_columns(columns: Sequence[Column]) -> list[str]:
    return [
        f'<table:table-column table:style-name="narrow" table:default-cell-style-name="{_style(column)}"/>'
        for column in columns
    ]


def _style(column: Column) -> str:
    return "date" if column.type == "date" else "plain" if column.is_number else "text"


def _data_rows(template: Blank, rules: dict[int, str]) -> Iterable[str]:
    yield ods_parts.row(
        ods_parts.cell(column.name, f' table:style-name="{"must" if column.required else "head"}"', column.note)
        for column in template.columns
    )
    marks = [
        f' table:content-validation-name="r{place}"' if place in rules else "" for place in range(len(template.columns))
    ]
    for row in template.rows:
        yield ods_parts.row(_typed(*entry) for entry in zip(template.columns, row, marks, strict=True))
    yield ods_parts.row((f"<table:table-cell{mark}/>" for mark in marks), f' table:number-rows-repeated="{ROOM}"')


def _guide_rows(template: Blank) -> Iterable[str]:
    yield from (ods_parts.row([ods_parts.cell(line)]) for line in (template.title, *template.guide))
    yield ods_parts.row([ods_parts.EMPTY])
    yield ods_parts.row(ods_parts.cell(title, ' table:style-name="head"') for title in GUIDE_HEADER)
    for column in template.columns:
        yield ods_parts.row(ods_parts.cell(text, ' table:style-name="wrap"') for text in column.guide)


def _list_rows(columns: Sequence[Column]) -> Iterable[str]:
    for place in range(max((len(column.choices) for column in columns), default=0)):
        yield ods_parts.row(
            ods_parts.cell(column.choices[place]) if place < len(column.choices) else ods_parts.EMPTY
            for column in columns
        )


def _typed(column: Column, text: str, mark: str) -> str:
    """The cell as a spreadsheet types it, when that loses nothing of the text."""
    if not text:
        return f"<table:table-cell{mark}/>"
    kind = column.kind_of(text)
    if kind == "text":
        return ods_parts.cell(text, mark)
    value = {
        "number": f'office:value-type="float" office:value="{text}"',
        "date": f'office:value-type="date" office:date-value="{text}"',
    }[kind]
    return f"<table:table-cell {value}{mark}>{ods_parts.paragraphs(text)}</table:table-cell>"


def _rule(place: int, column: Column) -> str:
    """The condition that LibreOffice holds the cells to, or nothing."""
    if column.choices:
        area = f"[${LISTS}.${letters(place + 1)}$1:.${letters(place + 1)}${len(column.choices)}]"
        return f"of:cell-content-is-in-list({area})"
    if column.type == "date":
        return "of:cell-content-is-date() and cell-content()>=1"
    if not column.is_number:
        return ""
    kind = "whole" if column.type == "integer" else "decimal"
    return f"of:cell-content-is-{kind}-number() and cell-content-is-between({','.join(column.bounds)})"


def _validation(place: int, column: Column, condition: str) -> str:
    message, style = escape(f"Attendu : {column.rules}."), "warning" if column.open else "stop"
    return (
        f'<table:content-validation table:name="r{place}" table:condition={quoteattr(condition)} '
        f'table:allow-empty-cell="true" table:display-list="unsorted" '
        f"table:base-cell-address=\"'{DATA}'.{letters(place + 1)}2\">"
        f'<table:error-message table:title={quoteattr(column.title)} table:message-type="{style}" table:display="true">'
        f"<text:p>{message}</text:p></table:error-message></table:content-validation>"
    )
