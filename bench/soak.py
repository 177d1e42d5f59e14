#!/usr/bin/env python3
"""A long run with faults: what leaks, what dies, and whether every frame is accounted for.

    bench/soak.py --clip yard.mp4 --minutes 60

Starts broker, ingest, worker and page as processes of their own with four MJPEG cameras, opens the page in Chromium where
there is one, makes a fault every few minutes (--fault-interval) and at the end counts every frame by `./maskstream audit`. Threads,
file handles and resident memory of each process are printed by life and written to OUT/samples.csv.

Faults, in turn: a camera is killed, a camera hangs, the broker is frozen for 15 s, the worker is killed (kill -9),
the clock of the cameras' host jumps (with Debian's libfaketime; left out without it).
It needs ffmpeg and Linux. Exit 1 where a frame has no outcome or several, or where a process has died by itself.
"""

import argparse
import csv
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

HOME = pathlib.Path(__file__).resolve().parent.parent
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
SAMPLE_SECONDS = 10
BOUNDARY = "frame"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", required=True, help="film that the cameras show, each from another place")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--fault-interval", type=float, default=300, help="seconds between faults")
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--fps", type=float, default=3)
    parser.add_argument("--guarantee", default="exactly-once", help="at-least-once repeats a few frames after a fault")
    parser.add_argument("--heap", default="512m", help="heap of each process")
    parser.add_argument("--out", default="target/soak")
    return parser.parse_args()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pictures(clip, fps):
    """The first minute of the clip as JPEG pictures."""
    out = subprocess.run(
        ["ffmpeg", "-v", "error", "-t", "60", "-i", clip, "-vf", f"fps={fps},scale=640:-2", "-q:v", "5", "-f", "mjpeg", "-"],
        check=True, stdout=subprocess.PIPE).stdout
    parts = out.split(b"\xff\xd8\xff")[1:]
    return [b"\xff\xd8\xff" + part for part in parts]


class Camera:
    """An MJPEG camera that can hang and can be switched off."""

    def __init__(self, name, frames, fps):
        self.name, self.frames, self.fps = name, frames, fps
        self.port = free_port()
        self.hangs = False
        self.server = None
        self.switch_on()

    def switch_on(self):
        camera = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
                self.end_headers()
                server, at, due = self.server, 0, time.monotonic()
                while camera.server is server:
                    if not camera.hangs:
                        picture = camera.frames[at % len(camera.frames)]
                        at += 1
                        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                        try:
                            self.wfile.write(head.encode() + picture + b"\r\n")
                        except OSError:
                            return
                    due += 1 / camera.fps
                    time.sleep(max(0, due - time.monotonic()))

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def switch_off(self):
        server, self.server = self.server, None
        server.shutdown()
        server.server_close()


class Child:
    """A process of the deployment; a supervisor starts it again when it ends."""

    def __init__(self, role, topology, heap, out, monitor, clock=None):
        self.role, self.topology, self.monitor, self.clock = role, topology, monitor, clock
        self.log = open(out / f"{role}.log", "ab")
        self.heap = heap
        self.wanted = True
        self.lives = 0
        self.died_by_itself = 0
        self.expected_end = False
        self.start()

    def start(self):
        environment = dict(os.environ, MASKSTREAM_JAVA_OPTS=f"-Xmx{self.heap}")
        if self.clock:
            environment.update(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=str(self.clock), FAKETIME_CACHE_DURATION="1",
                               FAKETIME_DONT_FAKE_MONOTONIC="1", FAKETIME_FORCE_MONOTONIC_FIX="0")
        name = "view" if self.role == "broker" else self.role
        self.process = subprocess.Popen([HOME / "maskstream", "run", self.topology, "--roles", name],
                                        stdout=self.log, stderr=subprocess.STDOUT, env=environment)
        self.lives += 1

    def supervise(self):
        if self.wanted and self.process.poll() is not None:
            if not self.expected_end:
                self.died_by_itself += 1
                print(f"{self.role} ended by itself with {self.process.returncode}", flush=True)
            self.expected_end = False
            self.start()

    def kill(self):
        self.expected_end = True
        self.process.kill()

    def stop(self):
        self.wanted = False
        self.process.terminate()
        self.process.wait(60)

    def sample(self):
        """Resident megabytes, threads and file handles, or None where the process is just not there."""
        try:
            status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines())
            handles = len(os.listdir(f"/proc/{self.process.pid}/fd"))
            return int(status["VmRSS"].split()[0]) // 1024, int(status["Threads"]), handles
        except (OSError, KeyError):
            return None

    def ready(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.monitor}/readyz", timeout=2).status == 200
        except OSError:
            return False


def topologies(options, out, cameras, broker_port):
    """One file for each process: they differ in their ports and in where the broker is."""
    ports = {role: (free_port(), free_port()) for role in ("broker", "view", "ingest", "segment")}
    listed = "\n".join(f"  - {{id: {c.name}, url: 'http://127.0.0.1:{c.port}/', fps: {options.fps}, timeout: 5s}}" for c in cameras)
    files = {}
    for role, (page, monitor) in ports.items():
        bootstrap = "embedded" if role == "broker" else f"localhost:{broker_port}"
        files[role] = out / f"{role}.yaml"
        files[role].write_text(f"""name: soak
kafka: {{bootstrap: '{bootstrap}'}}
broker: {{port: {broker_port}}}
topics: {{prefix: soak, partitions: 2, framesRetention: 4h}}
cameras:
{listed}
segment: {{model: {HOME}/models/street-ssa, stateDir: {out}/state, guarantee: {options.guarantee}}}
view: {{port: {page}}}
monitor: {{port: {monitor}}}
""")
    return files, ports


def await_ready(children):
    end = time.monotonic() + 120
    while not all(child.ready() for child in children):
        if time.monotonic() > end:
            raise SystemExit(f"not ready: {[child.role for child in children if not child.ready()]}")
        time.sleep(0.5)


def faults(cameras, children, clock):
    """The faults for ever, in turn; each ends by itself."""
    def camera_killed(number):
        camera = cameras[number % len(cameras)]
        camera.switch_off()
        time.sleep(20)
        camera.switch_on()

    def camera_hangs(number):
        camera = cameras[(number + 1) % len(cameras)]
        camera.hangs = True
        time.sleep(20)
        camera.hangs = False

    def broker_frozen(_):
        children["broker"].process.send_signal(signal.SIGSTOP)
        time.sleep(15)
        children["broker"].process.send_signal(signal.SIGCONT)

    def worker_killed(_):
        children["segment"].kill()

    def clock_jumps(_):
        clock.write_text("+30s\n")
        time.sleep(60)
        clock.write_text("+0s\n")

    kinds = [camera_killed, camera_hangs, broker_frozen, worker_killed] + ([clock_jumps] if clock else [])
    number = 0
    while True:
        yield kinds[number % len(kinds)].__name__, lambda n=number: kinds[n % len(kinds)](n)
        number += 1


def report(samples):
    """The middle of the third minute of a life against its last three minutes."""
    print("process life | minutes | RSS MB | threads | handles   (third to fifth minute, then last three)")
    for (role, life), rows in samples.items():
        minutes = (rows[-1][0] - rows[0][0]) / 60
        if minutes < 8:
            continue
        first = [row for row in rows if 120 <= row[0] - rows[0][0] < 300]
        last = [row for row in rows if rows[-1][0] - row[0] < 180]
        middle = [[statistics.median(row[k] for row in part) for k in (1, 2, 3)] for part in (first, last)]
        print(f"{role} {life} | {minutes:.0f} | " + " | ".join(f"{a:.0f} to {b:.0f}" for a, b in zip(*middle)), flush=True)


def main():
    options = arguments()
    out = pathlib.Path(options.out).resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    frames = pictures(options.clip, options.fps)
    cameras = [Camera(f"cam{k}", frames[k * len(frames) // options.cameras:] + frames[:k * len(frames) // options.cameras], options.fps)
               for k in range(options.cameras)]
    clock = out / "clock" if pathlib.Path(FAKETIME).exists() else None
    if clock:
        clock.write_text("+0s\n")
    files, ports = topologies(options, out, cameras, free_port())
    children = {"broker": Child("broker", files["broker"], options.heap, out, ports["broker"][1])}
    await_ready(children.values())
    for role in ("segment", "view", "ingest"):
        children[role] = Child(role, files[role], options.heap, out, ports[role][1], clock if role == "ingest" else None)
    await_ready(children.values())
    browser = None
    if shutil.which("chromium"):
        browser = subprocess.Popen(["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={out}/chromium",
                                    "--remote-debugging-port=0", f"http://127.0.0.1:{ports['view'][0]}/"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    samples = {}
    run(options, children, cameras, clock, samples, out)
    children["ingest"].stop()
    time.sleep(20)
    audit = subprocess.run([HOME / "maskstream", "audit", "--json", files["view"]], stdout=subprocess.PIPE, text=True)
    print(audit.stdout.strip(), flush=True)
    report(samples)
    if browser:
        browser.terminate()
    for role in ("view", "segment", "broker"):
        children[role].stop()
    dead = [child.role for child in children.values() if child.died_by_itself]
    print(json.dumps({"audit": audit.returncode, "died_by_themselves": dead}))
    sys.exit(1 if audit.returncode or dead else 0)


def run(options, children, cameras, clock, samples, out):
    start = time.monotonic()
    next_fault = start + options.fault_interval
    queue = faults(cameras, children, clock)
    with open(out / "samples.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["seconds", "process", "life", "rss_mb", "threads", "handles"])
        while time.monotonic() - start < options.minutes * 60:
            now = time.monotonic() - start
            for child in children.values():
                child.supervise()
                sample = child.sample()
                if sample:
                    samples.setdefault((child.role, child.lives), []).append((now, *sample))
                    writer.writerow([round(now), child.role, child.lives, *sample])
            file.flush()
            # The last fault leaves time to settle.
            if time.monotonic() >= next_fault and now < options.minutes * 60 - 120:
                next_fault += options.fault_interval
                name, fault = next(queue)
                print(f"{now / 60:5.1f} min: {name}", flush=True)
                threading.Thread(target=fault, daemon=True).start()
            time.sleep(SAMPLE_SECONDS)


if __name__ == "__main__":
    main()
