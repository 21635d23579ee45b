"""The routes of dialect A: each is parse -> lifecycle -> render."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from songwright.core.exchange import Answer, Call, Dialect, Endpoint, QueryParameter
from songwright.dialects.apione import answer_types, types
from songwright.dialects.apione.account import render_credits, render_models
from songwright.dialects.apione.answers import render_task_list, render_usage, render_usage_csv
from songwright.dialects.apione.clip_routes import clip_endpoints
from songwright.dialects.apione.errors import render_error
from songwright.dialects.apione.key_routes import key_endpoints
from songwright.dialects.apione.money_routes import money_endpoints
from songwright.dialects.apione.order_routes import order_endpoints, task_id_of
from songwright.dialects.apione.people_routes import people_endpoints
from songwright.dialects.apione.queries import LIST_QUERY, read_list_query
from songwright.dialects.apione.quotes import quote
from songwright.dialects.apione.verify_routes import verify_endpoints
from songwright.dialects.apione.webhook_routes import webhook_endpoints
from songwright.dialects.apione.wire import NAME, read_music, render_accepted, render_feed, render_task
from songwright.dialects.base import Services, created, once, parse_object, refusal, text_answer

MAX_LISTED, MAX_USAGE_LISTED = 100, 1000


@dataclass(frozen=True, slots=True)
class _Routes:
    services: Services

    async def create_music(self, call: Call) -> Answer:
        order = read_music(parse_object(call.body), self.services.catalog, call.idempotency_key)
        submission = await self.services.lifecycle.submit(call.caller, order)
        return created(submission, render_accepted(submission.task))

    async def get_task(self, call: Call) -> Answer:
        task = self.services.lifecycle.get(call.caller.account_id, call.path["task_id"])
        return Answer(render_task(task, self.services.public_url))

    async def feed(self, call: Call) -> Answer:
        task = self.services.lifecycle.get(call.caller.account_id, task_id_of(call))
        return Answer(render_feed(task, self.services.public_url))

    async def credits(self, call: Call) -> Answer:
        return Answer(render_credits(self.services.balance_of(call.caller.account_id)))

    async def models(self, call: Call) -> Answer:  # noqa: ARG002
        return Answer(render_models(self.services.catalog))

    async def quote(self, call: Call) -> Answer:
        body = parse_object(call.body)
        return await once(self.services, call, "quote", body, partial(quote, body, call.caller, self.services))

    async def list_tasks(self, call: Call) -> Answer:
        query = read_list_query(call.query, self.services.catalog, 20, MAX_LISTED)
        records = self.services.lifecycle.records
        page = records.tasks(call.caller.account_id, query.wanted, query.limit, query.cursor)
        return Answer(render_task_list(page, self.services.public_url))

    async def cancel_task(self, call: Call) -> Answer:
        task_id = call.path["task_id"]

        async def cancel() -> bytes:
            task = await self.services.lifecycle.cancel(call.caller.account_id, task_id)
            return render_task(task, self.services.public_url)

        return await once(self.services, call, f"tasks/{task_id}/cancel", {}, cancel)

    async def usage(self, call: Call) -> Answer:
        records, account_id = self.services.lifecycle.records, call.caller.account_id
        query = read_list_query(call.query, self.services.catalog, MAX_LISTED, MAX_USAGE_LISTED)
        if (wanted := call.query.get("format", "json").lower()) not in ("json", "csv"):
            raise refusal("format", "must be json or csv")
        page = records.usage(account_id, query.wanted, query.limit, query.cursor)
        if wanted == "csv":
            answer = text_answer(render_usage_csv(page.rows), "text/csv", "usage.csv")
            following = (b"songwright-next-cursor", (page.next_cursor or "").encode())
            return replace(answer, headers=(*answer.headers, following))
        return Answer(render_usage(page.rows, page.next_cursor))


def build(services: Services) -> Dialect:
    """The dialect with its routes."""
    routes = _Routes(services)
    return Dialect(
        name=NAME,
        title="API in One",
        prefix="/api/",
        error_type=types.ErrorAnswer,
        endpoints=(
            *_task_endpoints(routes),
            *order_endpoints(services),
            *clip_endpoints(services),
            *_account_endpoints(routes),
            *key_endpoints(services),
            *webhook_endpoints(services),
            *people_endpoints(services),
            *verify_endpoints(services),
            *money_endpoints(services),
        ),
        render_error=partial(render_error, public_url=services.public_url),
    )


def _task_endpoints(routes: _Routes) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="POST",
            path="/api/v1/audio/music",
            handle=routes.create_music,
            summary="Create music",
            description="Orders two songs. Credits are reserved now and spent only for what is delivered.",
            request=types.MusicOrder,
            response=types.MusicAccepted,
            errors=(402, 409, 413, 422),
        ),
        Endpoint(
            method="GET",
            path="/api/v1/tasks/{task_id}",
            handle=routes.get_task,
            summary="Read a task",
            description="Status, progress and clips of a task, in whichever dialect it was ordered.",
            response=types.TaskAnswer,
            errors=(404,),
        ),
        Endpoint(
            method="GET",
            path="/api/v1/tasks",
            handle=routes.list_tasks,
            summary="List tasks",
            description="The account's tasks, newest first, in both dialects.",
            query=LIST_QUERY,
            response=answer_types.TaskList,
        ),
        Endpoint(
            method="POST",
            path="/api/v1/tasks/{task_id}/cancel",
            handle=routes.cancel_task,
            summary="Cancel a task",
            description="What was not delivered is given back; a second cancel changes nothing.",
            response=types.TaskAnswer,
            errors=(404, 409, 413, 422),
        ),
        Endpoint(
            method="GET",
            path="/api/v1/audio/music/feed",
            handle=routes.feed,
            summary="Read a task's feed",
            description="The clips of a task as they pass the stages `text`, `first` and `complete`.",
            query=(QueryParameter("task_id", "The task; `workId` is accepted too."),),
            response=types.FeedAnswer,
            errors=(404,),
        ),
    )


def _account_endpoints(routes: _Routes) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="GET",
            path="/api/v1/credits",
            handle=routes.credits,
            summary="Read the balance",
            scope="billing",
            response=types.CreditsAnswer,
        ),
        Endpoint(
            method="GET",
            path="/api/v1/models",
            handle=routes.models,
            summary="List the models",
            response=types.ModelsAnswer,
        ),
        Endpoint(
            method="GET",
            path="/api/v1/usage",
            handle=routes.usage,
            summary="Read the usage",
            scope="billing",
            description="A row a task, newest first: when, what, with which key, its price. As `format=csv` the cursor "
            "is the header `Songwright-Next-Cursor`.",
            query=(*LIST_QUERY, QueryParameter("format", "`json` or `csv`.", required=False)),
            response=answer_types.UsageAnswer,
        ),
        Endpoint(
            method="POST",
            path="/api/v1/quote",
            handle=routes.quote,
            summary="Price an order",
            description="What an order would cost and what would be refused; nothing is ordered or charged.",
            request=types.QuoteOrder,
            response=types.QuoteAnswer,
            errors=(409, 413, 422),
        ),
    )
