"""Reads frames as a user would and prints them as JSON: BOOTSTRAP PREFIX COUNT."""

import hashlib
import json
import sys
import time

from maskstream_client import BadRecord, Frames

bootstrap, prefix, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
found, bad = [], []
deadline = time.monotonic() + 60
settings = {"auto.offset.reset": "earliest"}
with Frames(bootstrap, "python-test", prefix, drops=True, settings=settings) as frames:
    while len(found) < count or frames.account.counts["gate"]["dropped"] < 1:
        if time.monotonic() > deadline:
            sys.exit(f"{len(found)} frames in a minute, {bad}")
        try:
            frame = frames.poll()
        except BadRecord as error:
            bad.append(str(error))
            continue
        if frame is not None:
            digest = hashlib.sha256(frame.mask.tobytes()).hexdigest()
            found.append([frame.id.sequence, frame.mask.shape, digest, frame.table.names[0], frame.shares()])
    account = dict(frames.account.counts["gate"])
    print(json.dumps({"frames": found, "bad": bad, "account": account, "missing": frames.account.missing("gate")}))
