"""Where the models that listen lie, and how they are prepared once after they were fetched."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


class ModelsMissing(RuntimeError):
    """Uploads cannot be listened to: the separation model is not installed (`make fetch` brings it)."""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())


@dataclass(frozen=True, slots=True)
class ListeningModels:
    """`root` is the assets' folder `listening`."""

    root: Path

    @property
    def checkpoint_index(self) -> Path:
        """The table of the published weights of the separation networks; the weights lie beside it."""
        return self.root / "spleeter" / "model.index"

    @property
    def available(self) -> bool:
        """True when songs can be separated."""
        return self.checkpoint_index.is_file() or all(p.is_file() for p in self._graphs)

    @property
    def _graphs(self) -> tuple[Path, Path]:
        return self.root / "spleeter" / "vocals.onnx", self.root / "spleeter" / "accompaniment.onnx"

    def networks(self) -> tuple[Path, Path]:
        """The two separation networks, written now if they are not there yet. Raises ModelsMissing."""
        if not all(path.is_file() for path in self._graphs):
            self._prepare()
        return self._graphs

    def _prepare(self) -> None:
        if not self.available:
            raise ModelsMissing
        # Imported here: reading a checkpoint is done once in the life of an installation.
        from songwright.analysis.checkpoint import read_checkpoint
        from songwright.analysis.unet import write_networks

        fresh = [path.with_suffix(f".{os.getpid()}.new") for path in self._graphs]
        index = self.checkpoint_index
        write_networks(read_checkpoint(index, index.with_suffix(".data-00000-of-00001")), *fresh)
        for made, path in zip(fresh, self._graphs, strict=True):
            made.replace(path)
