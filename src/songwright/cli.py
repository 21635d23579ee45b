"""The command line. Each command says in one line what it does; `songwright COMMAND --help` says the rest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

app = App(name="songwright", help="A self-hosted music-generation API that composes, sings and mixes on two CPU cores.")
keys_app = App(name="keys", help="API keys.")
credits_app = App(name="credits", help="Credits of an account.")
webhooks_app = App(name="webhooks", help="Callbacks.")
accounts_app = App(name="accounts", help="Accounts and who is in them.")
ledger_app = App(name="ledger", help="The books.")
codes_app = App(name="codes", help="Codes that are worth credits.")
orders_app = App(name="orders", help="Credits that were bought or redeemed.")
for group in (keys_app, credits_app, codes_app, orders_app, webhooks_app, accounts_app, ledger_app):
    app.command(group)

Data = Annotated[Path | None, Parameter(name="--data", help="Data folder; default SONGWRIGHT_DATA or ./data.")]


@app.command
def serve(*, host: str | None = None, port: int | None = None, data: Data = None) -> None:
    """Start the server: HTTP, workers, webhooks. Stops cleanly on SIGTERM and Ctrl-C."""
    from songwright.app import serve as run

    run(_settings(host=host, port=port, data=data))


@app.command
def work(*, data: Data = None) -> None:
    """Make songs for the server on the same data folder, from a process of its own."""
    from songwright.app import work as run

    run(_settings(data=data))


@app.command
def migrate(*, data: Data = None) -> None:
    """Bring the database to this version's schema."""
    from songwright.office import open_database

    with open_database(_settings(data=data)) as database:
        print(f"{database.path}: schema {database.schema_version}")


@app.command
def doctor(*, deep: bool = False, data: Data = None) -> None:
    """Say what is installed, what is missing and what that costs. Exit status 1 when songs would not be sung.

    Parameters
    ----------
    deep
        Check every asset by its sha256 instead of its size.
    """
    from songwright.doctor import examine

    sys.exit(0 if examine(_settings(data=data), deep=deep) else 1)


@app.command
def sing(
    *,
    out: Path,
    style: str = "",
    lyrics: Path | None = None,
    about: str = "",
    title: str = "",
    seed: int = 0,
    voice: str | None = None,
    instrumental: bool = False,
    duration: float | None = None,
    bpm: float | None = None,
    key: str | None = None,
    recipe: Path | None = None,
    assets: Path | None = None,
) -> None:
    """Make one song here, without server or database, with all its studio files.

    With --recipe a song is made again from its recipe.json alone; exit status 1 when it is not the same to the sample.

    Parameters
    ----------
    out
        Folder to write into.
    style
        Free text, such as "indie folk, female voice, 92 bpm".
    lyrics
        Text file with the words to sing; [Verse] and [Chorus] tags are understood.
    about
        What the song is about, when no lyrics are given: the engine writes them.
    voice
        A singer by name; `songwright doctor` lists them.
    duration
        Seconds, 10 to 480; kept within one bar.
    recipe
        The recipe.json of a song; everything but --out and --assets is then taken from it.
    """
    from songwright.singing import sing_again, sing_to_folder

    if recipe is not None:
        sys.exit(0 if sing_again(recipe, out, assets or _settings().assets) else 1)
    sing_to_folder(
        out,
        lyrics_file=lyrics,
        assets=assets or _settings().assets,
        brief={
            "style": style,
            "description": about,
            "title": title,
            "seed": seed,
            "voice": voice,
            "instrumental": instrumental,
            "duration_s": duration,
            "bpm": bpm,
            "key": key,
        },
    )


@keys_app.command(name="create")
def create_key(
    name: str,
    *,
    credits: int = 0,
    test: bool = False,
    scopes: str = "",
    expires: str = "",
    models: str = "",
    limit_credits: int | None = None,
    limit_month_credits: int | None = None,
    rate: float | None = None,
    data: Data = None,
) -> None:
    """Print a new key for the account NAME, which is made when it does not exist.

    Parameters
    ----------
    credits
        Credits to grant to the account.
    test
        Make a test key: it never charges.
    scopes
        Comma-separated: create, read, billing, webhooks, keys; all but the last when not given.
    expires
        When the key stops to work: 30d, 12h, 15m or 90s from now.
    models
        Comma-separated models that the key may order.
    limit_credits
        Credits the key may spend in all.
    limit_month_credits
        Credits the key may spend in a month.
    rate
        Requests a second.
    """
    from songwright import office

    powers = office.powers_of(
        scopes=scopes, expires=expires, models=models, limit_credits=limit_credits, month=limit_month_credits, rate=rate
    )
    print(office.create_key(_settings(data=data), name, credits=credits, test=test, powers=powers))


@keys_app.command(name="rotate")
def rotate_key(key: str, *, overlap_s: float = 86_400.0, data: Data = None) -> None:
    """Print a new key in the place of KEY, given whole or by its id, which works for --overlap-s seconds more."""
    from songwright import office

    print(office.rotate_key(_settings(data=data), key, overlap_s))


@keys_app.command(name="list")
def list_keys(*, data: Data = None) -> None:
    """List keys: account, first and last characters, state. The keys themselves are not stored."""
    from songwright import office

    for row in office.list_keys(_settings(data=data)):
        print(row)


@keys_app.command(name="revoke")
def revoke_key(key: str, *, data: Data = None) -> None:
    """Revoke KEY, given whole or by its id; it is refused within a second."""
    from songwright import office

    print(office.revoke_key(_settings(data=data), key))


@credits_app.command(name="show")
def show_credits(account: str, *, data: Data = None) -> None:
    """Show what ACCOUNT has available, reserved and used."""
    from songwright import office

    print(office.show_credits(_settings(data=data), account))


@credits_app.command(name="grant")
def grant_credits(account: str, credits: int, *, reason: str = "operator grant", data: Data = None) -> None:
    """Grant CREDITS to ACCOUNT."""
    from songwright import office

    print(office.grant_credits(_settings(data=data), account, credits, reason))


@credits_app.command(name="refund")
def refund_task(task: str, *, reason: str = "operator refund", data: Data = None) -> None:
    """Give back what TASK had cost, once."""
    from songwright import office

    print(office.refund_task(_settings(data=data), task, reason))


@codes_app.command(name="create")
def create_codes(
    credits: int,
    *,
    count: int = 1,
    account: str | None = None,
    expires_days: float | None = None,
    data: Data = None,
) -> None:
    """Print new codes worth CREDITS each; they are shown only now.

    Parameters
    ----------
    count
        How many codes.
    account
        The only account that may redeem them; anybody by default.
    expires_days
        Days until they expire; never by default.
    """
    from songwright import office

    made = office.create_codes(
        _settings(data=data), credits, count=count, account_name=account, expires_days=expires_days
    )
    print("\n".join(made))


@codes_app.command(name="list")
def list_codes(*, data: Data = None) -> None:
    """List codes: last characters, worth, for whom, state."""
    from songwright import office

    for row in office.list_codes(_settings(data=data)):
        print(row)


@orders_app.command(name="list")
def list_orders(*, data: Data = None) -> None:
    """List orders of credits, the newest first."""
    from songwright import office

    for row in office.list_orders(_settings(data=data)):
        print(row)


@webhooks_app.command(name="secret")
def webhook_secret(account: str, *, data: Data = None) -> None:
    """Print the secret with which ACCOUNT verifies its callbacks."""
    from songwright import office

    print(office.webhook_secret(_settings(data=data), account))


@webhooks_app.command(name="rotate-secret")
def rotate_webhook_secret(account: str, *, overlap_s: float = 86_400.0, data: Data = None) -> None:
    """Print a new secret for ACCOUNT's callbacks; for --overlap-s seconds they carry the old signature too."""
    from songwright import office

    print(office.rotate_webhook_secret(_settings(data=data), account, overlap_s))


@webhooks_app.command(name="resend")
def resend_webhooks(task_id: str, *, data: Data = None) -> None:
    """Send the callbacks of TASK_ID again, the same bytes under the same ids."""
    from songwright import office

    print(office.resend_webhooks(_settings(data=data), task_id))


@accounts_app.command(name="invite")
def invite(account: str, *, role: str = "member", data: Data = None) -> None:
    """Print an invitation into ACCOUNT (made when it does not exist) for one person, as admin or member."""
    from songwright import office

    print(office.invite(_settings(data=data), account, role))


@accounts_app.command(name="limit")
def limit_account(
    account: str,
    *,
    credits: int | None = None,
    month_credits: int | None = None,
    unfinished: int | None = None,
    rate: float | None = None,
    data: Data = None,
) -> None:
    """Bound what all keys of ACCOUNT may do together; what is not given has no bound."""
    from songwright import office
    from songwright.keys import AccountLimits

    limits = AccountLimits(credits=credits, month_credits=month_credits, unfinished=unfinished, rate_per_s=rate)
    print(office.limit_account(_settings(data=data), account, limits))


@ledger_app.command(name="verify")
def verify_ledger(account: str | None = None, *, data: Data = None) -> None:
    """Check every invariant of the books, or only ACCOUNT's statement; exit status 1 and a line for what is wrong."""
    from songwright import office

    problems = office.verify_ledger(_settings(data=data), account)
    print("\n".join(problems) or "ledger ok")
    sys.exit(1 if problems else 0)


def _settings(**given: object):
    from songwright.settings import Settings

    return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


def main() -> None:
    """Run the command line; errors that a user can mend are one sentence and exit status 2."""
    from songwright.core.errors import SongwrightError

    try:
        app()
    except SongwrightError as error:
        print(f"songwright: {error.message}", file=sys.stderr)
        sys.exit(2)
