"""Servers that live for a module of tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from serving import Customer, Running


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def start(**options: Any) -> Running:
        running.append(Running(tmp_path_factory.mktemp("server"), **options).start())
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Running]) -> Running:
    return start_server()


@pytest.fixture(scope="module")
def ada(server: Running) -> Customer:
    return server.customer("ada")


@pytest.fixture(scope="module")
def bob(server: Running) -> Customer:
    return server.customer("bob")


@pytest.fixture
def client(server: Running, ada: Customer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, headers=ada.bearer, trust_env=False, timeout=30) as opened:
        yield opened
