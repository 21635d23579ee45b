"""What needs no key: health, the description, the documentation; none of it fetches anything from elsewhere."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from serving import Running


@pytest.fixture
def visitor(server: Running) -> Any:
    with httpx2.Client(base_url=server.url, trust_env=False) as opened:
        yield opened


def test_health_tells_the_truth(visitor: httpx2.Client, server: Running) -> None:
    assert visitor.get("/livez").json()["status"] == "ok"
    assert visitor.get("/readyz").status_code == 200
    server.troubles.append("no voice")
    try:
        answer = visitor.get("/readyz")
        assert answer.status_code == 503 and answer.json()["troubles"] == ["no voice"]
        assert visitor.get("/livez").status_code == 200
    finally:
        server.troubles.clear()


def test_the_description_is_openapi_3_1_and_every_reference_leads_somewhere(visitor: httpx2.Client) -> None:
    answer = visitor.get("/openapi.json")
    assert answer.headers["content-type"].startswith("application/json")
    document = answer.json()
    assert document["openapi"].startswith("3.1.")
    schemas = document["components"]["schemas"]
    references = set(re.findall(r"#/components/schemas/([\w.]+)", answer.text))
    assert references and references <= schemas.keys()
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_every_described_route_exists_and_asks_for_a_key(visitor: httpx2.Client) -> None:
    document = visitor.get("/openapi.json").json()
    protected = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answer = visitor.request(method, re.sub(r"{\w+}", "x", path))
            if "security" in operation:
                assert answer.status_code in (200, 404)
            else:
                protected += 1
                assert answer.status_code == 401, (method, path)
    assert protected == 40


def test_limits_and_ranges_of_the_code_are_in_the_description(visitor: httpx2.Client) -> None:
    schemas = visitor.get("/openapi.json").json()["components"]["schemas"]
    weight = schemas["MusicOrder"]["properties"]["style_weight"]
    assert {"type": "number", "minimum": 0, "maximum": 1} in weight["anyOf"]
    assert schemas["SunoOrder"]["properties"]["mv"]["default"] == "chirp-v3-0"


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_are_whole_without_anything_from_elsewhere(visitor: httpx2.Client, server: Running, path: str) -> None:
    page = visitor.get(path)
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"<(script|link|img|iframe)\b|url\(|@import", page.text)
    assert set(re.findall(r"https?://[^/\s\"'<]+", page.text)) <= {server.url}


def test_every_route_and_every_kind_of_error_is_in_the_docs(visitor: httpx2.Client) -> None:
    page = visitor.get("/docs").text
    for path in visitor.get("/openapi.json").json()["paths"]:
        assert path in page
    for name in ("bad_request", "authentication_error", "insufficient_credits", "rate_limit_error", "server_error"):
        assert f'id="{name}"' in page


def test_an_unknown_page_is_404(visitor: httpx2.Client) -> None:
    answer = visitor.get("/wp-admin")
    assert answer.status_code == 404 and answer.json()["error"]["type"] == "not_found"
    assert visitor.post("/livez").status_code == 405
