"""The two ways to run a hub load, and make the same choices."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from traitlets.config import Config

from lessons_lib import load_mnist
from lessons_lib.runs.stages import stages

ROOT = Path(__file__).resolve().parents[1]
PREPARED = []  # what the last hub would have had computed before anybody comes
VALUES = yaml.safe_load((ROOT / "deploy" / "values.yaml").read_text("utf-8"))


def load(monkeypatch, tmp_path, **settings):
    """The configuration of the hub, run from tmp_path with these variables set."""
    monkeypatch.chdir(tmp_path)
    for name in ("PASSWORD", "ADDRESS", "NOTEBOOKS", "LEARNERS", "CACHE", "CLASS", "MEMORY_MB"):
        monkeypatch.delenv(f"LESSONS_{name}", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(f"LESSONS_{name}", value)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    PREPARED.clear()
    config = Config()
    source = (ROOT / "deploy" / "jupyterhub_config.py").read_text("utf-8")
    with monkeypatch.context() as only_now:
        only_now.setattr("subprocess.run", lambda *args, **options: PREPARED.append((args, options)))
        exec(compile(source, "jupyterhub_config.py", "exec"), {"get_config": lambda: config})
    return config


def test_no_hub_without_a_password(monkeypatch, tmp_path):
    with pytest.raises(SystemExit, match="LESSONS_PASSWORD"):
        load(monkeypatch, tmp_path)


def test_both_hubs_make_the_same_choices(monkeypatch, tmp_path):
    c = load(monkeypatch, tmp_path, PASSWORD="eight or more")
    user = VALUES["singleuser"]
    assert "--KernelManager.transport=ipc" in c.Spawner.args and c.Spawner.args[0] in user["cmd"]
    assert c.Spawner.environment["OPENBLAS_NUM_THREADS"] == user["extraEnv"]["OPENBLAS_NUM_THREADS"] == "1"
    assert c.Spawner.default_url == user["defaultUrl"]
    assert c.JupyterHub.authenticator_class == VALUES["hub"]["config"]["JupyterHub"]["authenticator_class"]
    assert c.JupyterHub.services[0]["command"][-1] == f"--timeout={VALUES['cull']['timeout']}"


def test_a_learner_gets_the_lessons_and_keeps_what_they_changed(monkeypatch, tmp_path):
    c = load(monkeypatch, tmp_path, PASSWORD="eight or more", NOTEBOOKS=str(ROOT / "notebooks"))
    learner = SimpleNamespace(home_dir=tmp_path / "learners" / "ann")
    c.Spawner.pre_spawn_hook(learner)
    lesson = learner.home_dir / "notebooks" / "00_start_here.ipynb"
    assert lesson.read_bytes() == (ROOT / "notebooks" / lesson.name).read_bytes()
    lesson.write_text("mine")
    c.Spawner.pre_spawn_hook(learner)
    assert lesson.read_text() == "mine"


def test_a_class_has_a_folder_for_its_votes(monkeypatch, tmp_path):
    c = load(monkeypatch, tmp_path, PASSWORD="eight or more")
    folder = tmp_path / "learners" / ".class"
    assert c.Spawner.environment["LESSONS_CLASS"] == str(folder) and not list(folder.iterdir())
    assert folder.stat().st_mode & 0o7777 == 0o1777
    elsewhere = tmp_path / "elsewhere"
    c = load(monkeypatch, tmp_path, PASSWORD="eight or more", CLASS=str(elsewhere))
    assert c.Spawner.environment["LESSONS_CLASS"] == str(elsewhere) and elsewhere.is_dir()


def test_what_is_computed_once_is_there_for_every_learner(monkeypatch, tmp_path):
    c = load(monkeypatch, tmp_path, PASSWORD="eight or more", LEARNERS=str(tmp_path / "class"))
    [([command], options)] = PREPARED
    assert c.Spawner.environment.items() >= options["env"].items() - os.environ.items()
    mnist = load_mnist().train[:200]
    code = command[-1].replace("load_mnist().train", "load_mnist().train[:200]")
    monkeypatch.setattr("lessons_lib.runs.stages.WORTH_A_FILE", -1)
    monkeypatch.setenv("LESSONS_CACHE", c.Spawner.environment["LESSONS_CACHE"])
    exec(code, {})
    nets = stages(mnist)
    assert nets["trained"] and nets.from_file
    assert all(file.stat().st_mode & 0o044 for file in (tmp_path / "class" / ".shared").iterdir())
