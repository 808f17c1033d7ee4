"""Results kept within a bound, and a queue that is fair, bounded and can be left."""

import threading
import time

import numpy as np
import pytest

import saliency_core as core
from pages.ui.keeping import Keeper, size_of
from pages.ui.turns import BusyError, Turns
from saliency_core.photos.frame import Box


def test_the_bound_holds_and_the_least_recently_used_go_first() -> None:
    keeper = Keeper(10_000)
    for name in "abc":
        keeper.keep(name, np.zeros(3000, np.uint8))
    assert keeper.find("a") is not None
    keeper.keep("d", np.zeros(3000, np.uint8))
    assert keeper.find("b") is None
    assert [keeper.find(name) is None for name in "acd"] == [False, False, False]
    for index in range(500):
        keeper.keep(index, np.zeros(index * 13, np.uint8))
        assert keeper.size <= keeper.capacity
    keeper.forget()
    assert keeper.size == 0


def test_a_result_is_made_once_and_one_that_is_too_large_is_not_kept() -> None:
    keeper = Keeper(1000)
    made = iter([7, 8, 9])
    assert [keeper.get("x", lambda: next(made)) for _ in range(3)] == [7, 7, 7]
    keeper.keep("large", np.zeros(2000, np.uint8))
    assert keeper.find("large") is None
    assert keeper.find("x") is not None


def test_arrays_inside_results_are_counted() -> None:
    frame = core.Frame(np.zeros((224, 224, 3), np.uint8), Box(0, 0, 1, 1), (1, 1))
    assert 224 * 224 * 3 <= size_of(frame) < 224 * 224 * 3 + 2000
    assert size_of((frame, frame)) >= 2 * 224 * 224 * 3


def test_turns_are_taken_one_at_a_time_in_order() -> None:
    turns, order, inside, most = Turns(16), [], [0], [0]

    def work(name: int) -> None:
        with turns.take(lambda _: None):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.005)
            order.append(name)
            inside[0] -= 1

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    with turns.take(lambda _: None):
        for thread in threads:
            thread.start()
            time.sleep(0.02)
    for thread in threads:
        thread.join()
    assert order == list(range(8))
    assert most == [1]


def test_who_waits_is_told_how_many_are_before_and_may_leave() -> None:
    turns = Turns(16)
    told: list[int] = []

    def leave(before: int) -> None:
        told.append(before)
        raise TimeoutError

    with turns.take(lambda _: None):
        with pytest.raises(TimeoutError), turns.take(leave):
            pytest.fail("it was not its turn")
        assert told == [1]
    with turns.take(lambda _: pytest.fail("nobody is before")):
        pass


def test_a_short_wait_is_not_told() -> None:
    turns = Turns(4)
    begun = threading.Event()

    def hold() -> None:
        with turns.take(lambda _: None):
            begun.set()
            time.sleep(0.05)

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait(10)
    with turns.take(lambda _: pytest.fail("it was told")):
        thread.join()


def test_a_full_queue_turns_people_away() -> None:
    turns = Turns(0)
    with turns.take(lambda _: None), pytest.raises(BusyError, match="Try again"), turns.take(lambda _: None):
        pytest.fail("it was not its turn")


def test_an_error_gives_the_turn_back() -> None:
    turns = Turns(4)
    with pytest.raises(ZeroDivisionError), turns.take(lambda _: None):
        raise ZeroDivisionError
    with turns.take(lambda _: pytest.fail("nobody is before")):
        pass
