"""A Jupyter server extension: kernel messages leave for the browser at once.

By default, TCP holds a small packet back until the one before is acknowledged (Nagle's algorithm, RFC 896),
and browsers acknowledge late. A picture that answers a slider comes in small packets, and so some 40 ms late
for no gain. This extension, enabled by installing the package, sets ``TCP_NODELAY`` on the websockets between
server and browser. Where a server is not built as expected, it says so in one line of the log and changes
nothing.
"""

from typing import Any

SETTING = "kernel_websocket_connection_class"
ASIDE = "lessons_lib: kernel messages keep the server's usual delay (TCP_NODELAY was not set: %s: %s)"


def _jupyter_server_extension_points():
    return [{"module": __name__}]


def _load_jupyter_server_extension(server):
    try:
        settings = server.web_app.settings
        settings[SETTING] = without_delay(settings[SETTING], settings)
    except Exception as error:  # whatever a later version does differently, the server has to go on serving
        server.log.warning(ASIDE, type(error).__name__, error)


def without_delay(connection: Any, settings: dict) -> type:
    """Make a subclass of the server's connection class that sets ``TCP_NODELAY`` when it connects.

    Args:
        connection: the class of which the server makes one instance for each kernel websocket.
        settings: the web application's; if the option cannot be set, ``connection`` is put back there.

    Raises:
        TypeError: for a class that has no ``connect``.
    """
    if not callable(getattr(connection, "connect", None)):
        raise TypeError(f"{connection!r} has no connect(); expected a kernel websocket connection class")

    class PromptConnection(connection):
        def connect(self):
            try:
                self.websocket_handler.set_nodelay(True)
            except Exception as error:
                settings[SETTING] = connection
                self.log.warning(ASIDE, type(error).__name__, error)
            return super().connect()

    return PromptConnection
