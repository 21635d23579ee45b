"""OpenAPI 3.1 from the endpoints: the types that read and write the bodies are the schemas. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from songwright.core.exchange import Dialect, Endpoint
from songwright.core.song import FileKind
from songwright.web.health import HealthAnswer

ALWAYS_POSSIBLE = (400, 401, 403, 429, 503)
_PARAMETER = re.compile(r"\{(\w+)\}")
_REF = "#/components/schemas/{name}"
_SECURITY = [{"bearer": []}, {"apiKey": []}]


def describe(dialects: Sequence[Dialect], public_url: str, version: str) -> dict[str, Any]:
    """The whole description."""
    kinds = _kinds(dialects)
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    schema_of = dict(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for dialect in dialects:
        for endpoint in dialect.endpoints:
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, dialect, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Songwright",
            "version": version,
            "summary": "Text or lyrics in, two finished, sung songs out.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "tags": [{"name": dialect.title} for dialect in dialects] + [{"name": "Server"}],
        "paths": {**paths, **_server_paths(schema_of[HealthAnswer])},
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
        "security": _SECURITY,
    }


def _kinds(dialects: Sequence[Dialect]) -> list[type]:
    kinds: dict[type, None] = {HealthAnswer: None}
    for dialect in dialects:
        kinds[dialect.error_type] = None
        for endpoint in dialect.endpoints:
            if endpoint.response is not None:
                kinds[endpoint.response] = None
            if endpoint.request is not None:
                kinds[endpoint.request] = None
    return list(kinds)


def _operation(endpoint: Endpoint, dialect: Dialect, schema_of: dict[type, dict[str, Any]]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{dialect.name}_{endpoint.handle.__name__}",
        "summary": endpoint.summary,
        "tags": [dialect.title],
        "parameters": _parameters(endpoint),
        "responses": {
            "200": _done(endpoint, schema_of),
            **{
                str(status): _response(HTTPStatus(status).phrase, schema_of[dialect.error_type])
                for status in sorted({*ALWAYS_POSSIBLE, *endpoint.errors})
            },
        },
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    operation["x-scope"] = endpoint.asks_for
    if endpoint.asks_for == "open":
        operation["security"] = []
    if endpoint.request is not None:
        content = _json(schema_of[endpoint.request])
        if endpoint.takes_uploads:
            content["multipart/form-data"] = {"schema": _form(endpoint.request)}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _done(endpoint: Endpoint, schema_of: dict[type, dict[str, Any]]) -> dict[str, Any]:
    if endpoint.response is not None:
        return _response("Done", schema_of[endpoint.response])
    return {"description": "The file", "content": {endpoint.produces: {}}}


def _form(request: type) -> dict[str, Any]:
    """A form has the same fields as the JSON, as texts, and the file itself."""
    names = [each.encode_name for each in msgspec.structs.fields(request)]
    fields: dict[str, Any] = {name: {"type": "string"} for name in names}
    file = {"type": "string", "format": "binary", "description": "The audio."}
    return {"type": "object", "properties": {"file": file, **fields}}


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    text = {"type": "string"}
    parameters: list[dict[str, Any]] = [
        {"name": each.name, "in": "query", "required": each.required, "description": each.description, "schema": text}
        for each in endpoint.query
    ]
    for name in _PARAMETER.findall(endpoint.path):
        parameters.append({"name": name, "in": "path", "required": True, "schema": text})
    if endpoint.method == "POST" and 422 in endpoint.errors:
        described = "A retry with the same key and body answers with the first task and charges nothing."
        parameters.append(
            {"name": "Idempotency-Key", "in": "header", "required": False, "description": described, "schema": text}
        )
    return parameters


def _response(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": _json(schema)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _server_paths(health: dict[str, Any]) -> dict[str, Any]:
    def open_path(summary: str, name: str, responses: dict[str, Any]) -> dict[str, Any]:
        return {"operationId": name, "summary": summary, "tags": ["Server"], "security": [], "responses": responses}

    ok, not_ready = _response("Yes", health), _response("No, and why", health)
    file = {"description": "The file, or the part of it that was asked for by `Range`", "content": {"*/*": {}}}
    names = [kind.value for kind in FileKind]
    parameters = [
        {"name": "clip_id", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "media_token", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "file_name", "in": "path", "required": True, "schema": {"type": "string", "enum": names}},
    ]
    fetched = {"200": file, "206": file, "304": {"description": "Not modified"}, "404": {"description": "Not found"}}
    media = open_path("Fetch a clip's file", "media", {**fetched, "416": {"description": "No such range"}})
    return {
        "/livez": {"get": open_path("Does the server run?", "livez", {"200": ok})},
        "/readyz": {"get": open_path("Can it take orders?", "readyz", {"200": ok, "503": not_ready})},
        "/media/{clip_id}/{media_token}/{file_name}": {"get": {**media, "parameters": parameters}},
    }
