"""What an audit uses of Ray, in one process: its actors answer when they are waited for, and end when they are told."""

import pickle
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any


class RayError(Exception):
    """Ray's own."""


class RayTaskError(RayError):
    """Around what a method raised."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"traceback\n{cause}")
        self.cause = cause


class Actor:
    """A handle: any method's remote() gives an answer to come."""

    def __init__(self, ray: "FakeRay", made: Any) -> None:
        self.ray, self.made, self.ended = ray, made, False

    def __getattr__(self, name: str) -> Any:
        return SimpleNamespace(remote=lambda *given: Answer(self, name, given))


class Answer:
    """An answer to come."""

    def __init__(self, actor: Actor, name: str, given: Sequence[Any]) -> None:
        self.actor, self.name, self.given = actor, name, given


class FakeRay:
    """Stands for the module.

    nodes_there: what each node has; begun: with which options, for each actor; called: the methods, in order.
    before: called with each answer before it is made; it may end its actor, or raise.
    """

    exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)
    cloudpickle = pickle

    def __init__(self, *nodes_there: dict[str, float], before: Callable[[Answer], None] = lambda _: None) -> None:
        self.nodes_there, self.before = list(nodes_there), before
        self.begun: list[dict[str, Any]] = []
        self.called: list[str] = []
        self.actors: list[Actor] = []
        self.full = False

    def nodes(self) -> list[dict[str, Any]]:
        return [{"Alive": True, "Resources": node} for node in self.nodes_there]

    def put(self, value: Any) -> Any:
        return value

    def remote(self, kind: type) -> Any:
        def begin(options: dict[str, Any], given: Sequence[Any]) -> Actor:
            self.begun.append(options)
            self.actors.append(Actor(self, kind(*given)))
            return self.actors[-1]

        return SimpleNamespace(options=lambda **options: SimpleNamespace(remote=lambda *given: begin(options, given)))

    def wait(self, answers: list[Answer], timeout: float) -> tuple[list[Answer], list[Answer]]:
        """The newest actor's first, so that order is no accident; none while the nodes are full."""
        assert timeout
        if self.full:
            return [], answers
        one = next(answer for answer in answers if answer.actor is answers[-1].actor)
        return [one], [answer for answer in answers if answer is not one]

    def get(self, answer: Answer) -> Any:
        self.before(answer)
        if answer.actor.ended:
            raise RayError("The actor died unexpectedly before finishing this task.\nMore of it.")
        self.called.append(answer.name)
        try:
            return getattr(answer.actor.made, answer.name)(*answer.given)
        except Exception as error:
            raise RayTaskError(error) from error

    def kill(self, actor: Actor) -> None:
        actor.ended = True
