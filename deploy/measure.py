"""Start the hub of jupyterhub_config.py here, let a class work in it, and say how that went.

    python deploy/measure.py --learners 10 --lesson 08_minibatch_or_full_batch

Every learner logs in, starts a kernel, runs the lesson from top to bottom, and then moves one slider of the
last panel that has it. Needs jupyterhub, jupyterhub-idle-culler and psutil in this environment, and
configurable-http-proxy on the PATH. All traffic stays on this machine.
"""

import argparse
import asyncio
import json
import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from statistics import median

import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

ROOT = Path(__file__).resolve().parents[1]
TOKEN = secrets.token_hex(16)
WIDGET = "application/vnd.jupyter.widget-view+json"
MEMORY = {  # what psutil calls it -> what it counts
    "pss": "pages shared by several processes divided up between them",
    "uss": "only the pages that no other process shares",
    "rss": "shared pages counted for each of them, which says too much",
}
CONFIG = """
import os
load_subconfig({config!r})
c.Spawner.args += ["--allow-root"] if os.geteuid() == 0 else []  # to measure in a container
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.JupyterHub.hub_port = {hub}
c.JupyterHub.services += [{{"name": "measure", "api_token": {token!r}}}]
c.JupyterHub.load_roles += [{{"name": "measure", "services": ["measure"],
                            "scopes": ["admin:users", "admin:servers", "access:servers"]}}]
"""


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Hub:
    """The hub in a folder of its own, with a service that may act for every learner."""

    def __init__(self, folder):
        port, proxy, hub = free_ports(3)
        self.address = f"127.0.0.1:{port}"
        config = ROOT / "deploy" / "jupyterhub_config.py"
        (folder / "config.py").write_text(
            CONFIG.format(config=str(config), proxy=proxy, hub=hub, token=TOKEN), encoding="utf-8"
        )
        settings = {
            "LESSONS_ADDRESS": f"http://{self.address}",
            "LESSONS_PASSWORD": secrets.token_hex(8),
            "LESSONS_NOTEBOOKS": str(ROOT / "notebooks"),
        }
        self.log = folder / "hub.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "--config", "config.py"],
                cwd=folder, env=os.environ | settings, stdout=log, stderr=log,
            )  # fmt: skip

    async def call(self, path, method="GET", body=None):
        request = HTTPRequest(
            f"http://{self.address}{path}", method, {"Authorization": f"token {TOKEN}"},
            body=None if method == "GET" else json.dumps(body or {}), request_timeout=120,
        )  # fmt: skip
        response = await AsyncHTTPClient().fetch(request)
        return json.loads(response.body or "null")

    async def until(self, path, good, timeout=240):
        give_up = time.monotonic() + timeout
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                if good(await self.call(path)):
                    return
            except (OSError, HTTPClientError):  # not there yet
                pass
            await asyncio.sleep(0.3)
        raise TimeoutError(f"{path}: not ready after {timeout} s")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Learner:
    """One learner: what a browser would ask for and hear, without painting it."""

    def __init__(self, hub, name):
        self.hub, self.name, self.died, self.cell = hub, name, False, None
        self.opened = {}  # comm id -> the state with which a widget was made
        self.first_picture, self.errors, self.redraws = None, [], []

    async def arrive(self):
        self.begin = time.monotonic()
        await self.hub.call(f"/hub/api/users/{self.name}", "POST")
        await self.ask_for_a_server()
        await self.hub.until(f"/hub/api/users/{self.name}", lambda user: user["servers"][""]["ready"])
        self.ready = time.monotonic() - self.begin
        self.kernel = (await self.hub.call(f"/user/{self.name}/api/kernels", "POST"))["id"]

    async def connect(self):
        """Only now, because a connection from which nobody reads is given up after a while."""
        self.socket = await websocket_connect(
            HTTPRequest(
                f"ws://{self.hub.address}/user/{self.name}/api/kernels/{self.kernel}/channels",
                headers={"Authorization": f"token {TOKEN}"},
            ),
            max_message_size=2**28,
        )

    async def ask_for_a_server(self):
        while True:
            try:
                return await self.hub.call(f"/hub/api/users/{self.name}/server", "POST")
            except HTTPClientError as error:
                if error.code != 429:  # the hub starts a few at a time, and says to come back
                    raise
            await asyncio.sleep(1)

    async def send(self, kind, content):
        header = {"msg_id": uuid.uuid4().hex, "username": self.name, "session": self.name, "msg_type": kind}
        header |= {"date": "", "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        await self.socket.write_message(json.dumps(message | {"channel": "shell", "buffers": []}))
        return header["msg_id"]

    async def hear(self):
        raw = await self.socket.read_message()
        if raw is None:
            raise ConnectionError(f"{self.name}: the kernel's connection is gone")
        if isinstance(raw, bytes):  # how many parts, where each begins, then the parts; the first is the text
            parts = struct.unpack_from("!I", raw)[0]
            offsets = (*struct.unpack_from(f"!{parts}I", raw, 4), len(raw))
            raw = raw[offsets[0] : offsets[1]]
        message = json.loads(raw)
        content, kind = message["content"], message["msg_type"]
        if kind == "comm_open":
            self.opened[content["comm_id"]] = content["data"].get("state", {})
        elif kind == "error":
            self.errors.append(f"code cell {self.cell}: {content['ename']} {content['evalue']}")
        elif kind == "status" and content["execution_state"] in ("restarting", "dead"):
            self.died = True
        elif kind in ("display_data", "execute_result") and "image/png" in content["data"]:
            self.first_picture = self.first_picture or time.monotonic() - self.begin
        return message

    async def run(self, cells):
        await self.connect()
        for number, code in enumerate(cells):
            self.cell = number
            asked = await self.send("execute_request", {"code": code, "allow_stdin": False})
            while True:
                message = await self.hear()
                if message["msg_type"] == "execute_reply" and message["parent_header"]["msg_id"] == asked:
                    break

    def last(self, **wanted):
        """The last widget made with these values in its state."""
        return [comm for comm, state in self.opened.items() if wanted.items() <= state.items()][-1]

    async def to(self, comm, data):
        return await self.send("comm_msg", {"comm_id": comm, "data": data})

    async def picture(self, comm):
        """Wait until this live figure has sent pixels or what has moved."""
        while True:
            message = await self.hear()
            told = message["content"].get("data", {})
            if message["content"].get("comm_id") == comm and ["packet"] in told.get("buffer_paths", []):
                return

    async def drag(self, slider, values, pause):
        """Move the slider; how long until the picture that belongs to each value has arrived."""
        control = self.last(description=slider, _model_name="FloatLogSliderModel")
        before = list(self.opened).index(control)
        figure = next(comm for comm in list(self.opened)[before:] if "listening" in self.opened[comm])
        await self.to(figure, {"method": "custom", "content": {"kind": "hello", "ratio": 1}})
        await self.picture(figure)
        for value in values:
            begin = time.monotonic()
            await self.to(control, {"method": "update", "state": {"value": value}, "buffer_paths": []})
            await self.picture(figure)
            self.redraws.append(time.monotonic() - begin)
            await asyncio.sleep(pause)

    def memory(self):
        """MiB of this learner's processes: name -> (of the server, of the kernel)."""
        mine = {"server": [], "kernel": []}
        for process in psutil.Process(self.hub.process.pid).children(recursive=True):
            try:
                if process.environ().get("JUPYTERHUB_USER") == self.name:
                    kernel = "ipykernel_launcher" in process.cmdline()
                    mine["kernel" if kernel else "server"].append(process.memory_full_info())
            except psutil.Error:
                pass
        return {
            name: [sum(getattr(used, name) for used in each) / 2**20 for each in mine.values()]
            for name in MEMORY
        }


def code_cells(lesson):
    notebook = json.loads((ROOT / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def work(hub, options):
    learners = [Learner(hub, f"learner{number:02}") for number in range(options.learners)]
    load = os.getloadavg()[0]
    await hub.until("/hub/api/", lambda answer: "version" in answer)
    begin = time.monotonic()
    await asyncio.gather(*(learner.arrive() for learner in learners))
    await asyncio.gather(*(learner.run(code_cells(options.lesson)) for learner in learners))
    lesson_done = time.monotonic() - begin
    values = [10 ** (-1 + 2 * number / options.moves) for number in range(options.moves)]
    await asyncio.gather(*(learner.drag(options.slider, values, options.pause) for learner in learners))
    memory = [learner.memory() for learner in learners]
    pictures = [learner.first_picture for learner in learners]
    redraws = [seconds for learner in learners for seconds in learner.redraws]
    print(f"{options.learners} learners, {options.lesson}, {os.cpu_count()} cores, load {load:.1f} before")
    print(f"server ready after {median(learner.ready for learner in learners):.0f} s (median)")
    print(f"first picture after {median(pictures):.0f} s (median), {max(pictures):.0f} s (last)")
    print(f"all have run the whole lesson after {lesson_done:.0f} s")
    times = f"median {median(redraws) * 1000:.0f} ms, p95 {percentile(redraws, 0.95) * 1000:.0f} ms"
    print(f"redraw: {times} in {len(redraws)} moves of {options.slider!r}, {options.pause} s between them")
    for name, counts in MEMORY.items():
        server, kernel = (median(each) for each in zip(*(used[name] for used in memory), strict=True))
        both = [sum(used[name]) for used in memory]
        print(
            f"{name.upper()} of a learner: median {median(both):.0f} MiB, most {max(both):.0f}; "
            f"server {server:.0f}, kernel {kernel:.0f} ({counts})"
        )
    errors = {error for learner in learners for error in learner.errors}
    print(
        f"kernels that died: {sum(learner.died for learner in learners)}; errors: {sorted(errors) or 'none'}"
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", type=int, default=10)
    parser.add_argument("--lesson", default="08_minibatch_or_full_batch")
    parser.add_argument(
        "--slider", default="Learning rate", help="the label of a slider with a logarithmic scale"
    )
    parser.add_argument("--moves", type=int, default=20, help="how often each learner moves it")
    parser.add_argument(
        "--pause", type=float, default=0.5, help="seconds between a picture and the next move"
    )
    parser.add_argument("--minutes", type=float, default=10, help="give up after this long")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hub-") as folder:
        hub = Hub(Path(folder))
        try:
            asyncio.run(asyncio.wait_for(work(hub, options), options.minutes * 60))
        except Exception:
            print(hub.log.read_text(encoding="utf-8")[-3000:], file=sys.stderr)
            raise
        finally:
            hub.stop()


if __name__ == "__main__":
    main()
