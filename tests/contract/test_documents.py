"""The two documents' own examples, run as printed against a real server.

`examples/` holds them word for word. What is changed: host, key, the ids of things that exist here, the sample file
(served locally), and two misprints: the missing `\\` in the first page's request preview, and the missing `:` in the
second document's upload example (whose no-break spaces are a web page's, and are plain spaces here).
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
import soundfile
from pytest_httpserver import HTTPServer
from serving import Customer, Running, wait_until_final

EXAMPLES = Path(__file__).parent / "examples"
ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-1{12}"
ROUTES = (
    *(("POST", f"/api/v1/audio/music{end}") for end in ("", "/extend", "/timestamped-lyrics")),
    *(("POST", f"/api/v1/audio/music/{end}/generate") for end in ("cover", "upload-cover")),
    *(("GET", f"/api/v1/audio/music/{end}") for end in ("feed", "cover/status", "upload-cover/status")),
    ("GET", "/api/v1/tasks/{task_id}"),
    *(("POST", f"/api/suno/v1/{end}") for end in ("music", "music/concat", "lyrics", "upload_audio")),
    *(("GET", f"/api/suno/v1/{end}/{{task_id}}") for end in ("music", "lyrics", "upload_audio")),
)


def printed(name: str) -> str:
    return (EXAMPLES / f"{name}.txt").read_text(encoding="utf-8")


def curl(name: str, server: Running, ada: Customer) -> dict[str, Any]:
    command = printed(name).replace("https://apiin.one", server.url)
    command = command.replace("<API_KEY>", ada.token).replace("aio_your_api_key", ada.token)
    if name == "apione-preview":
        assert f"Bearer {ada.token}'\n" in command, "the misprint is gone"
        command = command.replace(f"Bearer {ada.token}'\n", f"Bearer {ada.token}' \\\n")
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30, check=True)
    return json.loads(ran.stdout)


def python(name: str, server: Running, ada: Customer, **ids: str) -> dict[str, Any]:
    """Run an example of the second document; every id in it becomes the one given."""
    text = re.sub(r"https://api\.(goapi\.ai|midjourneyapi\.xyz)", server.url, printed(name))
    text = re.sub(r"YOUR_GOAPI_KEY|your-goapi-key", ada.token, text)
    if name == "goapi-upload":
        assert '"audio_url""' in text, "the misprint is gone"
        text = text.replace('"audio_url""', '"audio_url":"').replace("https://samplelib.com", ids["sample_host"])
    elif "id" in ids:
        text = re.sub(ID, ids["id"], text)
    script = f"import os\nos.environ['NO_PROXY'] = '*'\n{text}"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("name", ["apione-example", "apione-preview"])
def test_the_first_documents_curl_runs_as_printed(
    client: httpx2.Client, server: Running, ada: Customer, name: str
) -> None:
    answer = curl(name, server, ada)
    task = wait_until_final(client, answer["task_id"])
    assert (task["status"], task["model"], task["metadata"]["reading"]) == ("completed", "chirp-v4-5", "description")
    assert [clip["title"] for clip in task["result"]] == ["Summer Days"] * 2


def test_the_second_documents_python_examples_run_as_printed(
    client: httpx2.Client, server: Running, ada: Customer, httpserver: HTTPServer
) -> None:
    sound = io.BytesIO()
    soundfile.write(sound, [0.1] * 72_000, 8000, format="MP3")
    httpserver.expect_request("/lib/preview/mp3/sample-9s.mp3").respond_with_data(sound.getvalue())
    host = httpserver.url_for("").rstrip("/")
    made: dict[str, dict[str, Any]] = {}
    for name, read in (
        ("goapi-music-description", "goapi-get-music"),
        ("goapi-music-custom", "goapi-get-music"),
        ("goapi-lyrics", "goapi-get-lyrics"),
        ("goapi-upload", "goapi-get-upload"),
    ):
        accepted = python(name, server, ada, sample_host=host)
        assert accepted.keys() == {"code", "data", "message"} and accepted["data"].keys() == {"task_id"}
        wait_until_final(client, accepted["data"]["task_id"])
        made[name] = python(read, server, ada, id=accepted["data"]["task_id"])["data"]
        assert made[name]["status"] == "completed", made[name]
    assert len(made["goapi-music-custom"]["clips"]) == 2 and made["goapi-upload"]["title"] == "sample-9s"
    root = next(iter(made["goapi-music-custom"]["clips"]))
    more = {"input": {"gpt_description_prompt": "on", "continue_at": 1, "continue_clip_id": root}}
    last = wait_until_final(client, client.post("/api/suno/v1/music", json=more).json()["data"]["task_id"])
    joined = python("goapi-concat", server, ada, id=last["result"][0]["id"])
    assert wait_until_final(client, joined["data"]["task_id"])["status"] == "completed"


def test_every_route_of_both_documents_is_there(client: httpx2.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert [route for route in ROUTES if route[0].lower() not in paths.get(route[1], {})] == []


@pytest.mark.parametrize("name", ["lyrics", "upload"])
def test_the_second_documents_answers_have_the_shape_we_send(client: httpx2.Client, name: str) -> None:
    """Names and types of the document's example, in its order; what we add comes after."""
    document = json.loads(printed(f"goapi-answer-{name}"))["data"]
    path = {"lyrics": "/api/suno/v1/lyrics", "upload": "/api/suno/v1/upload_audio"}[name]
    if name == "lyrics":
        accepted = client.post(path, json={"prompt": "shapes"}).json()
    else:
        sound = io.BytesIO()
        soundfile.write(sound, [0.1] * 8000, 8000, format="WAV")
        accepted = client.post(path, files={"file": ("a.wav", sound.getvalue())}).json()
    task_id = accepted["data"]["task_id"]
    wait_until_final(client, task_id)
    ours = client.get(f"{path}/{task_id}").json()["data"]
    assert list(ours)[: len(document)] == list(document)
    assert {key: type(ours[key]) for key in document} == {key: type(value) for key, value in document.items()}
    if name == "upload":
        assert ours["metadata"].keys() == document["metadata"].keys()
