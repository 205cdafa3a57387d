"""The two ways to run a hub load, and make the same choices."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[1]
VALUES = yaml.safe_load((ROOT / "deploy" / "values.yaml").read_text("utf-8"))


def load(monkeypatch, tmp_path, **settings):
    """The configuration of the hub, run from tmp_path with these variables set."""
    monkeypatch.chdir(tmp_path)
    for name in ("PASSWORD", "ADDRESS", "NOTEBOOKS", "LEARNERS", "MEMORY_MB"):
        monkeypatch.delenv(f"LESSONS_{name}", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(f"LESSONS_{name}", value)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    config = Config()
    source = (ROOT / "deploy" / "jupyterhub_config.py").read_text("utf-8")
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
