"""Outcomes of frames."""

from collections import Counter, OrderedDict, defaultdict

from .records import FrameId

SEGMENTED = "segmented"
DROPPED = "dropped"
REPEATED = "repeated"


class _Epoch:
    def __init__(self, first: int):
        self.lowest = first
        self.highest = first
        self.numbers = 0
        self.recent: OrderedDict[int, None] = OrderedDict()


class Account:
    """Counts frames by camera and says which came before.

    Camera, epoch and sequence name a frame. The last `window` frames of an epoch are remembered, and
    the last epochs of a camera; a frame from before is taken for a repeated one.
    """

    EPOCHS = 8

    def __init__(self, window: int = 4096):
        if window < 1:
            raise ValueError(f"window must be at least 1, is {window}")
        self._window = window
        self._epochs: dict[str, OrderedDict[int, _Epoch]] = defaultdict(OrderedDict)
        self._missing: Counter = Counter()
        self.counts: dict[str, Counter] = defaultdict(Counter)

    def add(self, frame: FrameId, outcome: str = SEGMENTED) -> bool:
        """Takes an outcome in; whether it is the frame's first."""
        epochs = self._epochs[frame.camera]
        if frame.epoch not in epochs:
            if len(epochs) == self.EPOCHS:
                if frame.epoch < min(epochs):
                    return self._repeated(frame)
                self._close(frame.camera, min(epochs))
            epochs[frame.epoch] = _Epoch(frame.sequence)
        epoch = epochs[frame.epoch]
        if frame.sequence in epoch.recent or frame.sequence <= epoch.highest - self._window:
            return self._repeated(frame)
        epoch.recent[frame.sequence] = None
        epoch.numbers += 1
        epoch.lowest = min(epoch.lowest, frame.sequence)
        epoch.highest = max(epoch.highest, frame.sequence)
        if len(epoch.recent) > self._window:
            epoch.recent.popitem(last=False)
        self.counts[frame.camera][outcome] += 1
        return True

    def _repeated(self, frame: FrameId) -> bool:
        self.counts[frame.camera][REPEATED] += 1
        return False

    def _close(self, camera: str, number: int) -> None:
        self._missing[camera] += self._without_outcome(self._epochs[camera].pop(number))

    @staticmethod
    def _without_outcome(epoch: _Epoch) -> int:
        return epoch.highest - epoch.lowest + 1 - epoch.numbers

    def missing(self, camera: str) -> int:
        """Numbers between a connection's first and last frame that have no outcome so far."""
        open_epochs = self._epochs.get(camera, {}).values()
        return self._missing[camera] + sum(self._without_outcome(epoch) for epoch in open_epochs)
