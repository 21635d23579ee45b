"""The two plain pages: what this is, and every route with its fields. No script, nothing from elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from songwright.core import errors

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --ink: #5a3aa8 }
@media (prefers-color-scheme: dark) { :root { --ink: #b9a3f5 } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1, h2, h3 { line-height: 1.2 } h2 { margin-top: 2.5rem } a { color: var(--ink) }
code, pre { font: 14px/1.5 ui-monospace, monospace } pre { background: var(--soft); padding: 1rem; overflow: auto }
table { border-collapse: collapse; width: 100%; font-size: 15px } td, th { text-align: left; vertical-align: top;
padding: .35rem .6rem; border-bottom: 1px solid var(--line) } details { margin: .6rem 0; border: 1px solid var(--line);
border-radius: .4rem; padding: .5rem .9rem } summary { cursor: pointer } .verb { font-weight: 700; color: var(--ink) }
"""


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def landing_page(public_url: str) -> str:
    """What somebody sees who opens the address in a browser."""
    url = escape(public_url)
    tour = f"""curl {url}/api/v1/audio/music \\
  -H "Authorization: Bearer $SONGWRIGHT_KEY" \\
  -d '{{"model": "chirp-v4-5", "prompt": "A cheerful pop song about summer days", "title": "Summer Days"}}'

curl {url}/api/v1/tasks/TASK_ID -H "Authorization: Bearer $SONGWRIGHT_KEY"
"""
    return _page(
        "Songwright",
        "<h1>Songwright</h1><p>Text or lyrics in, two finished, sung songs out: MP3, cover and lyric video, made on "
        "this machine. It speaks two Suno-style APIs on one store of tasks.</p>"
        f"<h2>Order a song</h2><pre>{tour}</pre>"
        '<p>The second call shows the progress, then the addresses of both songs. <a href="/docs">Every route</a> · '
        '<a href="/openapi.json">OpenAPI 3.1</a> · <a href="/readyz">Ready?</a></p>',
    )


def docs_page(description: dict[str, Any]) -> str:
    """Every route, from the OpenAPI description."""
    parts = [
        "<h1>Songwright API</h1><p>Send your key as <code>Authorization: Bearer KEY</code> or <code>X-API-Key: KEY"
        '</code>, on any route. The same as <a href="/openapi.json">OpenAPI 3.1</a>.</p>'
    ]
    for tag in (entry["name"] for entry in description["tags"]):
        parts.append(f"<h2>{escape(tag)}</h2>")
        for path, operations in description["paths"].items():
            for method, operation in operations.items():
                if tag in operation["tags"]:
                    parts.append(_operation(path, method, operation, description["components"]["schemas"]))
    parts.append(_errors())
    return _page("Songwright API", "".join(parts))


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    body = f"<p>{escape(operation.get('description', ''))}</p>"
    if operation.get("parameters"):
        rows = ((each["name"], each["in"], each.get("description", "")) for each in operation["parameters"])
        body += _table(("parameter", "in", ""), rows)
    if "requestBody" in operation:
        body += "<h3>Request</h3>" + _fields(operation["requestBody"]["content"], schemas)
    answer = operation["responses"].get("200", {}).get("content", {})
    if "application/json" in answer:
        body += "<h3>Answer</h3>" + _fields(answer, schemas)
    statuses = ", ".join(status for status in operation["responses"] if status != "200")
    head = f'<span class="verb">{method.upper()}</span> <code>{escape(path)}</code> {escape(operation["summary"])}'
    return f"<details><summary>{head}</summary>{body}<p>Also: {escape(statuses)}</p></details>"


def _fields(content: dict[str, Any], schemas: dict[str, Any]) -> str:
    schema = _resolved(content["application/json"]["schema"], schemas)
    return _table(("field", "type", ""), _rows(schema, schemas, ""))


def _rows(schema: dict[str, Any], schemas: dict[str, Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in schema.get("properties", {}).items():
        note = field.get("description", "")
        if "default" in field and field["default"] not in ("", None):
            note += f" Default: {field['default']}."
        yield f"{prefix}{name}", _type(field), note.strip()
        inner = _resolved(field, schemas)
        if "properties" in inner:
            yield from _rows(inner, schemas, f"{prefix}{name}.")


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The object behind a reference, a list of references, a map of them, or a choice with one."""
    for step in (schema, schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ())):
        if isinstance(step, dict) and "$ref" in step:
            return schemas[step["$ref"].rpartition("/")[2]]
    return schema if "properties" in schema else {}


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(each) for each in field["anyOf"])
    bounds = [f"from {field['minimum']:g}"] if "minimum" in field else []
    bounds += [f"to {field['maximum']:g}"] if "maximum" in field else []
    return " ".join([str(field.get("type", "object")), *bounds])


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, str, str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _errors() -> str:
    """One row an error type; `doc_url` of dialect A leads here."""
    known: dict[str, tuple[int, str]] = {}
    for each in vars(errors).values():
        if isinstance(each, type) and issubclass(each, errors.SongwrightError) and each.status != 500:
            known.setdefault(each.type, (each.status, (each.__doc__ or "").split("\n")[0]))
    known["server_error"] = (500, "Something went wrong on our side; nothing was charged.")
    rows = "".join(
        f'<tr id="{escape(name)}"><td>{status}</td><td><code>{escape(name)}</code></td><td>{escape(text)}</td></tr>'
        for name, (status, text) in sorted(known.items(), key=lambda item: item[1])
    )
    return f"<h2>Errors</h2><table><tr><th>status</th><th>type</th><th></th></tr>{rows}</table>"
