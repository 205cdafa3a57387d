"""The server extension: in a real Jupyter server, and in one that is built differently."""

import asyncio
import logging
import socket
from types import SimpleNamespace

import pytest
from jupyter_core.paths import jupyter_config_path
from jupyter_server.extension.config import ExtensionConfigManager
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.websocket import WebSocketHandler, websocket_connect

from lessons_lib.live.nodelay import ASIDE, SETTING, _load_jupyter_server_extension

MODULE = "lessons_lib.live.nodelay"


@pytest.fixture
def start_server(tmp_path, monkeypatch):
    """Start a Jupyter server in this process, with our extension on or off."""
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        monkeypatch.setenv(f"JUPYTER_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")
    servers = []

    def start(enabled=True):
        server = ServerApp(
            port=0, token="", password="", open_browser=False, allow_root=True, root_dir=str(tmp_path)
        )
        server.init_signal = lambda: None  # the signals of this process are pytest's
        server.jpserver_extensions = {MODULE: enabled}
        server.initialize(argv=[], find_extensions=False)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.clear_instance()


async def _handler(server):
    """Start a kernel, connect a websocket as a browser does, and hand out the server's end of it."""
    port = next(iter(server.http_server._sockets.values())).getsockname()[1]
    kernel = await server.kernel_manager.start_kernel()
    address = f"ws://127.0.0.1:{port}{server.base_url}api/kernels/{kernel}/channels?session_id=test"
    await websocket_connect(address)
    return next(
        handler
        for key, handler in ZMQChannelsWebsocketConnection._open_sessions.items()
        if key.startswith(kernel)
    )


def _nodelay(server):
    """Whether TCP_NODELAY is set on a websocket to a kernel of this server, which is stopped afterwards."""

    async def measure():
        try:
            handler = await asyncio.wait_for(_handler(server), 60)
            stream = handler.ws_connection.stream
            return bool(stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        finally:
            await server._cleanup()

    return server.io_loop.run_sync(measure)


def test_the_package_enables_it_where_it_is_installed():
    enabled = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
    assert enabled.get(MODULE) is True


@pytest.mark.parametrize("enabled", [True, False])
def test_kernel_websockets_of_a_real_server_have_the_option_only_with_the_extension(start_server, enabled):
    assert _nodelay(start_server(enabled)) is enabled


def test_a_server_that_cannot_set_it_says_so_once_and_serves_on(start_server, monkeypatch, capfd):
    def refuse(self, value):
        raise AttributeError("no such option here")

    monkeypatch.setattr(WebSocketHandler, "set_nodelay", refuse)
    server = start_server()
    assert _nodelay(server) is False
    assert capfd.readouterr().err.count(ASIDE % ("AttributeError", "no such option here")) == 1
    assert server.web_app.settings[SETTING] is ZMQChannelsWebsocketConnection


@pytest.mark.parametrize("settings", [{}, {SETTING: None}, {SETTING: object}, {SETTING: "a.name"}])
def test_a_server_with_other_internals_is_left_as_it_is(settings, caplog):
    web_app = SimpleNamespace(settings=dict(settings))
    server = SimpleNamespace(web_app=web_app, log=logging.getLogger("server"))
    with caplog.at_level(logging.WARNING):
        _load_jupyter_server_extension(server)
    assert len(caplog.records) == 1 and "TCP_NODELAY was not set" in caplog.text
    assert web_app.settings == settings


def test_a_server_without_a_web_application_is_left_as_it_is(caplog):
    with caplog.at_level(logging.WARNING):
        _load_jupyter_server_extension(SimpleNamespace(log=logging.getLogger("server")))
    assert len(caplog.records) == 1
