"""JupyterHub for one class on one machine: a browser is all that learners need.

    jupyterhub --config deploy/jupyterhub_config.py

Read deploy/README.md first. What a class changes is set by the variables at the top; each setting below has
its reason beside it. Linux only, because of `prlimit`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NOTEBOOKS = Path(os.environ.get("LESSONS_NOTEBOOKS", Path.cwd() / "notebooks"))
LEARNERS = Path(os.environ.get("LESSONS_LEARNERS", Path.cwd() / "learners"))  # one folder for each learner
SHARED = Path(
    os.environ.get("LESSONS_CACHE", LEARNERS / ".shared")
).absolute()  # what is computed once for all
CLASS = Path(os.environ.get("LESSONS_CLASS", LEARNERS / ".class")).absolute()  # votes, for all to see
PASSWORD = os.environ.get("LESSONS_PASSWORD")  # shared by the class; no default, so nobody starts an open hub
if not PASSWORD:
    sys.exit("Set LESSONS_PASSWORD to a word for the class, of eight characters or more.")
MEMORY = int(os.environ.get("LESSONS_MEMORY_MB", 1024)) * 2**20  # for each process of a learner
SOCKETS = Path(tempfile.mkdtemp(prefix="lessons-"))

c = get_config()  # noqa: F821, JupyterHub defines it

# --- who may come in ---

# Any name with the class's password. It suits a room for an afternoon; a school has something better to
# connect, such as its own single sign-on.
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = PASSWORD
c.Authenticator.allow_all = True
# A name becomes a folder below, so only letters, digits, _ and -.
c.Authenticator.username_pattern = r"^[a-z0-9_-]{1,20}$"

# Only this machine reaches the hub; put a web server with TLS in front of it for the room.
c.JupyterHub.bind_url = os.environ.get("LESSONS_ADDRESS", "http://127.0.0.1:8000")

# --- a server for each learner ---

# "simple": all servers run as the user who runs the hub, without accounts on the machine. Learners can then
# read each other's files. For accounts of their own, leave this line out and start the hub as root.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(LEARNERS / "{username}")
c.Spawner.default_url = "/lab/tree/notebooks/00_start_here.ipynb"


def copy_notebooks(spawner):
    """Give a learner a copy of every lesson they do not have yet; what they changed stays as it is."""
    folder = Path(spawner.home_dir, "notebooks")
    folder.mkdir(parents=True, exist_ok=True)
    for lesson in NOTEBOOKS.glob("*.ipynb"):
        if not (folder / lesson.name).exists():
            shutil.copy(lesson, folder)


c.Spawner.pre_spawn_hook = copy_notebooks

# The hub cannot hold a local process to a limit, the operating system can. The limit is for each process by
# itself, a server or a kernel: one that asks for more gets a MemoryError, and the others do not notice.
c.Spawner.cmd = ["prlimit", f"--data={MEMORY}", sys.executable, "-m", "jupyterhub.singleuser"]

c.Spawner.args = [
    # Each kernel would take five TCP ports, chosen before they are used; when a class starts its kernels in
    # the same minute, some choose the same ones and die. Sockets in the file system have names of their own.
    "--KernelManager.transport=ipc",
    # A lesson left open over lunch gives its memory back; what was saved stays.
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_connected=True",  # a tab left open still counts as idle
    "--MappingKernelManager.cull_interval=120",
]
FOR_ALL = {
    # All kernels share one copy of MNIST in memory, the system's own copy of a file in this folder.
    "LESSONS_CACHE": str(SHARED),
    # Here lies a learner's vote after a click on *Give to the class*; `panels.class_votes` counts them.
    "LESSONS_CLASS": str(CLASS),
    # numpy would start a thread for each core in each kernel, and they would get into each other's way.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
# The sockets' names may have no more than 107 characters, so they do not go into the learner's folder.
c.Spawner.environment = FOR_ALL | {"JUPYTER_RUNTIME_DIR": lambda spawner: str(SOCKETS / spawner.user.name)}

# Everybody may add a file, and nobody take away another's: for learners with accounts of their own.
CLASS.mkdir(parents=True, exist_ok=True)
CLASS.chmod(0o1777)

# Unpacks MNIST and trains the lessons' networks before anybody comes. If that fails, each kernel does it.
PREPARE = """
from lessons_lib import load_mnist
from lessons_lib.runs.stages import stages
stages(load_mnist().train)["trained"]
"""
subprocess.run([sys.executable, "-c", PREPARE], env=os.environ | FOR_ALL)

# Servers start a few at a time, since each takes seconds of a core. Who comes while they are being started is
# told to try again in a moment.
c.JupyterHub.concurrent_spawn_limit = 4
c.Spawner.start_timeout = 180  # on a busy machine a start is slow, and slow is better than refused
c.Spawner.http_timeout = 120

# --- when nobody is there ---

# Stops a learner's whole server an hour after the last sign of life.
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
c.JupyterHub.services = [
    {"name": "idle-culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
]
# The hub goes, the servers go: nothing is left running after the class.
c.JupyterHub.cleanup_servers = True
