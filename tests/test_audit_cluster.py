"""An audit on a Ray cluster: the same files as on one machine, whatever becomes of its nodes."""

import os
import pickle
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import saliency_core as core
from saliency_core.audit import batches, command
from saliency_core.audit import cluster as clusters
from saliency_core.audit import worker as workers
from saliency_core.audit.batches import AHEAD, BATCH, Work
from saliency_core.audit.cluster import Cluster, join_cluster
from saliency_core.audit.plan import Plan
from saliency_core.audit.run import Progress, measure_here, run_audit
from saliency_core.audit.worker import Worker
from saliency_core.commands import main
from saliency_core.errors import AuditError, RequestError
from saliency_core.models.weights import Weights
from tests.fake_ray import Answer, FakeRay
from tests.small_audit import plan_small, small_classifier
from tests.test_audit_run import add_bad_photos, bytes_of, draw_photos

PHOTOS = 48
ONE_CPU = {"CPU": 1.0}


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """So that a process takes one CPU of its node."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def small() -> core.Classifier:
    """A model whose truth is known."""
    return small_classifier()


@pytest.fixture(scope="module")
def plan(small: core.Classifier, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Forty-five photos and three that cannot be read: ten shards, twelve batches."""
    folder = draw_photos(tmp_path_factory.mktemp("photos"), PHOTOS - 3)
    add_bad_photos(folder)
    return plan_small(folder, small)


@pytest.fixture(scope="module")
def finished(plan: Plan, small: core.Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audit of one machine."""
    out = tmp_path_factory.mktemp("finished")
    list(run_audit(plan, small, out))
    return out


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes are looked for each time."""
    monkeypatch.setattr(batches, "_LOOK", 1e-6)


@pytest.mark.usefixtures("_impatient")
def test_photos_come_back_in_their_order_and_lost_ones_are_measured_elsewhere(
    plan: Plan, small: core.Classifier, finished: Path, tmp_path: Path
) -> None:
    ended: list[str] = []

    def end_second(answer: Answer) -> None:
        if answer.name == "measure" and len(ray.called) == 8 and not ended:
            ended.extend(photo.name for photo in answer.given[0])
            ray.kill(answer.actor)

    ray = FakeRay(ONE_CPU, ONE_CPU, {"CPU": 0.5}, before=end_second)
    told = list(run_audit(plan, small, tmp_path, Cluster(ray).measure))
    assert told[-1] == Progress(PHOTOS, PHOTOS)
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert bytes_of(tmp_path) == bytes_of(finished)
    assert len(ended) == BATCH
    assert ray.called.count("measure") == PHOTOS // BATCH
    assert ray.begun == [{"num_cpus": 1, "num_gpus": 0, "max_restarts": 0, "scheduling_strategy": "SPREAD"}] * 3
    assert all(actor.ended for actor in ray.actors)


@pytest.mark.usefixtures("_impatient")
def test_stopped_on_either_runner_it_goes_on_with_the_other(
    plan: Plan, small: core.Classifier, finished: Path, tmp_path: Path
) -> None:
    for stop_after, runner in ((7, {}), (23, {"runner": Cluster(FakeRay(ONE_CPU)).measure})):
        work = run_audit(plan, small, tmp_path, **runner)
        assert next(progress.done for progress in work if progress.done >= stop_after) == stop_after
        work.close()  # type: ignore[attr-defined]
    ray = FakeRay(ONE_CPU, ONE_CPU)
    list(run_audit(plan, small, tmp_path, Cluster(ray).measure))
    assert ray.called.count("measure") == -(-(PHOTOS - 23) // BATCH)
    assert bytes_of(tmp_path) == bytes_of(finished)
    assert list(run_audit(plan, small, tmp_path, Cluster(None).measure)) == [Progress(PHOTOS, PHOTOS)]


@pytest.mark.usefixtures("_impatient")
def test_nodes_that_join_are_used_and_each_process_has_its_next_batch(plan: Plan, small: core.Classifier) -> None:
    ray = FakeRay(ONE_CPU)
    cluster = Cluster(ray)
    found = cluster.measure(plan, small, plan.photos)
    assert next(found).photo == plan.photos[0].name
    assert len(ray.actors) == 1
    ray.nodes_there.append({"CPU": 3.5})
    assert [done.photo for done in found] == [photo.name for photo in plan.photos[1:]]
    assert len(ray.actors) == 4
    assert cluster.first(plan) == 4 * BATCH
    assert AHEAD > 1


@pytest.mark.usefixtures("_impatient")
def test_processes_that_keep_ending_end_the_run(plan: Plan, small: core.Classifier) -> None:
    def end(of: str) -> Callable[[Answer], None]:
        return lambda answer: ray.kill(answer.actor) if answer.name == of else None

    ray = FakeRay(ONE_CPU, before=end("measure"))
    name = plan.photos[0].name
    with pytest.raises(AuditError, match=f"3 processes ended while they measured {name} or the photos after it: The "):
        list(Cluster(ray).measure(plan, small, plan.photos))
    assert len(ray.actors) == 3
    ray = FakeRay(ONE_CPU, before=end("prepare"))
    with pytest.raises(AuditError, match=r"No node of the cluster can take part: The actor died .* task\. Install"):
        list(Cluster(ray).measure(plan, small, plan.photos))
    assert len(ray.actors) == 3


@pytest.mark.usefixtures("_impatient")
def test_without_room_the_run_waits_and_gives_up(
    plan: Plan, small: core.Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_PATIENCE", 0.1)
    ray = FakeRay(ONE_CPU)
    ray.full = True
    with pytest.raises(AuditError, match="no node of the cluster had room"):
        list(Cluster(ray).measure(plan, small, plan.photos))
    with pytest.raises(AuditError, match="no node of the cluster had room"):
        list(Cluster(FakeRay()).measure(plan, small, plan.photos))


def test_on_which_device_a_cluster_measures(plan: Plan, small: core.Classifier) -> None:
    cpus, both = Cluster(FakeRay({"CPU": 4.0})), Cluster(FakeRay({"CPU": 4.0}, {"CPU": 8.0, "GPU": 2.0}))
    assert cpus.place(plan) == plan
    assert both.place(plan).asked.device == "cuda"
    assert both.place(plan, "cpu") == plan
    assert (both.room("cpu"), both.room("cuda")) == (12, 2)
    with pytest.raises(AuditError, match="No node of the cluster has a GPU"):
        cpus.place(plan, "cuda")
    with pytest.raises(AuditError, match="has 1 CPUs, as many as PyTorch has threads here"):
        Cluster(FakeRay({"GPU": 1.0})).place(plan, "cpu")
    with pytest.raises(RequestError, match="one of auto, cpu, cuda, not cuda:1"):
        both.place(plan, "cuda:1")

    def stop(_: Answer) -> None:
        raise InterruptedError

    ray = FakeRay({"CPU": 8.0, "GPU": 2.0}, before=stop)
    with pytest.raises(InterruptedError):
        list(Cluster(ray).measure(both.place(plan), small, plan.photos))
    assert [(options["num_gpus"], options["num_cpus"]) for options in ray.begun] == [(1, 1)] * 2


def test_of_what_ray_says_only_the_gist_is_told() -> None:
    told = "The actor died.\n\tpid: 1\nTraceback:\n  File x\nray.exceptions.RaySystemError: System error: No.\nMore"
    assert batches.gist(Exception(told)) == "ray.exceptions.RaySystemError: System error: No."
    assert batches.gist(Exception("\nOne.\nTwo")) == "One."
    assert batches.gist(ValueError()) == "ValueError."


def prepare(plan: Plan, classifier: core.Classifier) -> Worker:
    """A process that has loaded the model."""
    worker = Worker(plan, pickle.dumps(classifier), 1)
    worker.prepare()
    return worker


def test_a_node_that_would_give_other_numbers_takes_no_part(plan: Plan, classifier: core.Classifier) -> None:
    here = socket.gethostname()
    older = replace(plan.asked, packages={**plan.asked.packages, "torch": "1.0"})
    with pytest.raises(AuditError, match=rf"The node {here} cannot take part: torch is .* there, and 1\.0 where"):
        prepare(replace(plan, asked=older), classifier)
    others = replace(classifier, weights=Weights("elsewhere", "1" * 64))
    with pytest.raises(AuditError, match=f"The node {here} cannot take part: The weights of EfficientNet-Lite0 on"):
        prepare(plan, others)
    with pytest.raises(AuditError, match=f"The node {here} cannot load the model small: ModuleNotFoundError: No modu"):
        Worker(plan, b"cnot_here\nThing\n.", 1).prepare()
    with pytest.raises(AuditError, match="This machine has no device 'cuda:77'"):
        prepare(replace(plan, asked=replace(plan.asked, device="cuda:77")), classifier)


def test_a_node_that_does_not_see_the_photos_leaves_none_out(
    small: core.Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = draw_photos(tmp_path / "photos", 4)
    plan = plan_small(folder, small)
    worker = prepare(plan, small)
    assert all(done.rows for done in worker.measure(plan.photos))
    kept = folder.rename(tmp_path / "away")
    folder.mkdir()  # where a disk would be mounted
    with pytest.raises(AuditError, match=f"The node {socket.gethostname()} does not see .*png in {folder} as it was"):
        worker.measure(plan.photos)
    folder.rmdir()
    kept.rename(folder)

    def take_away(*given: Any) -> Iterator[Any]:
        folder.rename(kept)
        folder.mkdir()
        yield from measure_here(*given)

    monkeypatch.setattr(workers, "measure_here", take_away)
    with pytest.raises(AuditError, match="does not see"):
        worker.measure(plan.photos)


def test_what_a_node_says_is_said_by_the_run(plan: Plan, small: core.Classifier) -> None:
    lost = replace(plan, folder="/elsewhere")
    with pytest.raises(AuditError, match=rf"^The node {socket.gethostname()} does not see"):
        list(Cluster(FakeRay(ONE_CPU)).measure(lost, small, plan.photos))
    other = replace(plan, asked=replace(plan.asked, version="0"))
    with pytest.raises(AuditError, match=rf"^The node {socket.gethostname()} cannot take part: this program is"):
        list(Cluster(FakeRay(ONE_CPU)).measure(other, small, plan.photos))


def run_command(plan: Plan, out: Path, *arguments: str) -> int:
    """The command, with a small model."""
    return main(["audit", plan.folder, "--model", "small", "--out", str(out), "--controls", "19", *arguments])


@pytest.fixture
def _small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is what the command loads."""
    monkeypatch.setattr(command, "load_classifier", lambda *_, **__: small_classifier())


@pytest.mark.usefixtures("_small_model")
def test_what_keeps_a_cluster_from_being_joined_is_said_in_one_sentence(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*arguments: str) -> tuple[int, str]:
        code = run_command(plan, tmp_path / "out", *arguments)
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        return code, err

    code, said = told("--address", "auto")
    assert (code, said) == (2, "--address names a cluster; it wants --runner ray.\n")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "ray", None)
        code, said = told("--runner", "ray")
        assert code == 1
        assert "Ray, which is not installed. Install it here and on every node: pip install ray" in said
    require_ray()
    code, said = told("--runner", "ray", "--address", "ray://head:10001")
    assert code == 2
    assert said.startswith("ray://head:10001 is no address of a cluster. Give HOST:PORT")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    code, said = told("--runner", "ray", "--address", f"127.0.0.1:{port}")
    assert code == 1
    assert said.startswith(f"No cluster answers at 127.0.0.1:{port}: ")
    assert not (tmp_path / "out").exists()


def require_ray() -> None:
    """Skip without it; import it as the program does, which makes it quiet."""
    try:
        clusters._load_ray()
    except AuditError:
        pytest.skip("Ray is not installed")


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """A head without processors, and two nodes of one each."""
    require_ray()
    import ray.cluster_utils

    small: dict[str, Any] = {"object_store_memory": 80_000_000}
    begun: Any = ray.cluster_utils.Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **small}
    )
    for _ in range(2):
        begun.add_node(num_cpus=1, **small)
    yield begun
    begun.shutdown()


@pytest.mark.slow
def test_on_a_cluster_it_is_the_same_to_the_byte(
    nodes: Any, plan: Plan, small: core.Classifier, finished: Path, tmp_path: Path
) -> None:
    with join_cluster(nodes.address) as cluster:
        placed = cluster.place(plan)
        assert placed == plan
        work = run_audit(placed, small, tmp_path, cluster.measure)
        assert next(progress.done for progress in work if progress.done >= 7) == 7
        work.close()  # type: ignore[attr-defined]
        assert list(bytes_of(tmp_path)) == ["plan.json", "shards/00000.parquet", "shards/00001.jsonl"]
        told = list(run_audit(placed, small, tmp_path, cluster.measure))
        assert (told[0].done, told[-1]) == (7, Progress(PHOTOS, PHOTOS))
        assert bytes_of(tmp_path) == bytes_of(finished)
    assert list(run_audit(plan, small, tmp_path, cluster.measure)) == [Progress(PHOTOS, PHOTOS)]


@pytest.mark.slow
def test_a_node_killed_in_the_middle_changes_nothing(
    nodes: Any, plan: Plan, small: core.Classifier, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[int] = []
    killed: list[Any] = []
    hand_out, collect, lose = (getattr(Work, name) for name in ("_hand_out", "_collect", "_lose"))

    def wait_for_both(work: Any) -> None:
        if len(work._ready) == 2 or killed:
            hand_out(work)

    def kill_one(work: Any, found: Any) -> None:
        if len(work._ready) == 2 and not killed:
            killed.extend(list(nodes.worker_nodes)[:1])
            nodes.remove_node(killed[0], allow_graceful=False)
        collect(work, found)

    def note(work: Any, process: Any, error: Exception) -> None:
        lost.append(len(work._loads[process]))
        lose(work, process, error)

    for name, instead in (("_hand_out", wait_for_both), ("_collect", kill_one), ("_lose", note)):
        monkeypatch.setattr(Work, name, instead)
    with join_cluster(nodes.address) as cluster:
        *_, last = run_audit(plan, small, tmp_path, cluster.measure)
    assert last == Progress(PHOTOS, PHOTOS)
    assert killed
    assert lost[0] > 0
    assert bytes_of(tmp_path) == bytes_of(finished)


@pytest.mark.slow
@pytest.mark.usefixtures("_small_model")
def test_the_command_prints_nothing_of_ray_s(
    nodes: Any, plan: Plan, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_command(plan, tmp_path, "--runner", "ray", "--address", nodes.address, "--json") == 0
    out, err = capfd.readouterr()
    assert out == (tmp_path / "summary.json").read_text()
    assert err.splitlines()[0].startswith(f"{PHOTOS} photos, {PHOTOS - 3} of them with boxes that are hidden; Small on")
    assert all("photos" in line or "All of it is in" in line for line in err.splitlines())


@pytest.mark.slow
def test_ray_is_begun_and_ended_where_no_cluster_is_named(
    plan: Plan, small: core.Classifier, finished: Path, tmp_path: Path
) -> None:
    require_ray()
    with join_cluster() as cluster:
        assert cluster.room("cpu") == os.cpu_count()
        with join_cluster("somewhere:1"):  # connected already
            pass
        assert cluster.ray.is_initialized()
        list(run_audit(plan, small, tmp_path, cluster.measure))
    assert not cluster.ray.is_initialized()
    assert bytes_of(tmp_path) == bytes_of(finished)
