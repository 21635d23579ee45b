"""What must hold of money, written against five operations, so that it runs on the store and over HTTP alike.

The five are all that a set of books must offer; how they are reached is an adapter's business. `hold` is whatever the
adapter gave for a reservation. A price is always `PRICE` credits for two clips.
"""

from __future__ import annotations

from typing import Any, Protocol

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

PRICE = 10
CLIPS = 2


class Books(Protocol):
    """The five operations. An account comes to be with its first grant; unknown ones have (0, 0, 0)."""

    def grant(self, account: str, credits: Any) -> bool:
        """Whether the credits were given."""
        ...

    def reserve(self, account: str) -> Any | None:
        """A hold of `PRICE` credits, None when they are not there."""
        ...

    def post(self, hold: Any, clips: int) -> bool:
        """End a hold with so many clips delivered; False when it had ended."""
        ...

    def void(self, hold: Any) -> bool:
        """End a hold with nothing delivered; False when it had ended."""
        ...

    def balance(self, account: str) -> tuple[int, int, int]:
        """Available, reserved, used."""
        ...


class Bank(Protocol):
    """Books that a test can open, look through and close."""

    books: Books

    def wrong(self) -> list[str]:
        """What the proof of the whole ledger finds."""
        ...

    def close(self) -> None:
        """Throw them away."""
        ...


class MoneyMachine(RuleBasedStateMachine):
    """Random lives of two accounts beside a model of three numbers each."""

    holds = Bundle("holds")
    ended = Bundle("ended")

    def open_bank(self) -> Bank:
        raise NotImplementedError

    @initialize()
    def open(self) -> None:
        self.bank = self.open_bank()
        self.books = self.bank.books
        self.model: dict[str, list[int]] = {"ada": [0, 0, 0], "ben": [0, 0, 0]}

    @rule(who=st.sampled_from(["ada", "ben"]), credits=st.integers(1, 40))
    def grant(self, who: str, credits: int) -> None:
        assert self.books.grant(who, credits)
        self.model[who][0] += credits

    @rule(who=st.sampled_from(["ada", "ben"]), credits=st.sampled_from([0, -1, -40, 2**53, 2**63, 0.5, 1e3]))
    def grant_what_is_no_amount(self, who: str, credits: float) -> None:
        assert not self.books.grant(who, credits)

    @rule(target=holds, who=st.sampled_from(["ada", "ben"]))
    def reserve(self, who: str) -> tuple[str, Any] | None:
        hold = self.books.reserve(who)
        assert (hold is not None) == (self.model[who][0] >= PRICE)
        if hold is None:
            return None
        self.model[who][0] -= PRICE
        self.model[who][1] += PRICE
        return who, hold

    @rule(target=ended, held=consumes(holds), clips=st.integers(0, CLIPS))
    def post(self, held: tuple[str, Any] | None, clips: int) -> tuple[str, Any] | None:
        if held is not None:
            assert self.books.post(held[1], clips)
            self._end(held[0], PRICE * clips // CLIPS)
        return held

    @rule(target=ended, held=consumes(holds))
    def void(self, held: tuple[str, Any] | None) -> tuple[str, Any] | None:
        if held is not None:
            assert self.books.void(held[1])
            self._end(held[0], 0)
        return held

    @rule(held=ended, clips=st.integers(0, CLIPS))
    def end_again(self, held: tuple[str, Any] | None, clips: int) -> None:
        if held is not None:
            assert not self.books.post(held[1], clips)
            assert not self.books.void(held[1])

    def _end(self, who: str, cost: int) -> None:
        available, reserved, used = self.model[who]
        self.model[who] = [available + PRICE - cost, reserved - PRICE, used + cost]

    @invariant()
    def every_balance_is_the_models(self) -> None:
        for who, wanted in getattr(self, "model", {}).items():
            assert list(self.books.balance(who)) == wanted, who

    def teardown(self) -> None:
        if hasattr(self, "bank"):
            try:
                assert self.bank.wrong() == []
            finally:
                self.bank.close()


def how_often(examples: int, steps: int = 50) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
