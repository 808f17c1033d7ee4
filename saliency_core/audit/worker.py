"""What a process of a cluster does for an audit: it loads the model once, and measures the photos that it is given."""

import pickle
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from saliency_core.audit.donors import find_donors
from saliency_core.audit.journal import Done
from saliency_core.audit.plan import Plan, Planned
from saliency_core.audit.planning import file_size
from saliency_core.audit.run import measure_here
from saliency_core.errors import AuditError, SaliencyError
from saliency_core.models.classifier import Classifier
from saliency_core.packages import package_versions
from saliency_core.version import __version__


@dataclass(slots=True, eq=False)
class Worker:
    """One process that measures; each of its methods raises AuditError in words that name the node.

    plan: with all of its photos, which may lend their backgrounds to those that come batch by batch.
    packed: the pickled classifier: a built-in model by its name and its weights' digest, any other as it is.
    threads: of PyTorch, as many as where the audit was begun: by how many a sum is shared out shows in its last digits.
    paths: the folders that the modules of a model may be imported from, as far as they are on this node.
    """

    plan: Plan
    packed: bytes
    threads: int
    paths: Sequence[str] = ()
    _classifier: Classifier | None = field(default=None, init=False)

    def prepare(self) -> None:
        """Load the model. Raises AuditError where it cannot be loaded, or other packages would give other numbers."""
        asked, here = self.plan.asked, socket.gethostname()
        try:
            now = {"this program": __version__} | package_versions()
            for name, version in {"this program": asked.version, **asked.packages}.items():
                if now.get(name) != version:
                    raise AuditError(
                        f"{name} is {now.get(name)} there, and {version} where the audit was planned. Install the same."
                    )
            sys.path.extend(path for path in self.paths if path not in sys.path and Path(path).is_dir())
            torch.set_num_threads(self.threads)
            classifier: Classifier = pickle.loads(self.packed)  # noqa: S301  (made by the run that began this process)
            if str(classifier.engine.device) != asked.device:
                classifier = replace(classifier, device=asked.device)
        except SaliencyError as error:
            raise AuditError(f"The node {here} cannot take part: {error}") from None
        except Exception as error:  # whatever a model is made of
            raise AuditError(
                f"The node {here} cannot load the model {asked.model}: {type(error).__name__}: {error}. Install there "
                "what it is made of, or start the cluster without that node."
            ) from None
        self._classifier = classifier

    def measure(self, photos: Sequence[Planned]) -> list[Done]:
        """What is found of photos, in their order. Raises AuditError where this node does not see them as planned."""
        assert self._classifier is not None  # prepare() comes first
        self._require(photos)
        found = list(measure_here(self.plan, self._classifier, photos))
        # A disk that goes away in the middle must not look like photos that cannot be read.
        self._require([photo for photo, done in zip(photos, found, strict=True) if done.reason])
        return found

    def _require(self, photos: Sequence[Planned]) -> None:
        """Raise AuditError unless photos, and those that may lend them backgrounds, are here as planned."""
        sizes = {photo.name: photo.size for photo in self.plan.photos}
        lent = (pair for photo in photos for target in photo.targets for pair in find_donors(self.plan, photo, target))
        for name in dict.fromkeys(
            [*(photo.name for photo in photos), *(donor.name for pair in lent for donor in pair)]
        ):
            if file_size(Path(self.plan.folder) / name) != sizes[name]:
                raise AuditError(
                    f"The node {socket.gethostname()} does not see {name} in {self.plan.folder} as it was when "
                    "the audit was planned. Let every node see the same photos at the same path; the same audit then "
                    "goes on."
                )
