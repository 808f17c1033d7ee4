"""Two dashboards behind a real nginx, set up as deploy/ says, with a login at a provider on this machine."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.browsing import ROOT, free_port, serve_dashboard, wait_for
from tests.identity import EMAIL, identity_provider, write_secrets

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
BASE = "/saliency"


@dataclass(frozen=True, slots=True)
class Deployed:
    """address: the proxy's, with its base path; replicas: the dashboards' own, without; folder: of all logs."""

    address: str
    replicas: tuple[str, ...]
    folder: Path

    def lines(self, name: str) -> list[str]:
        """Of a log: nginx, dashboard-0 or dashboard-1."""
        return (self.folder / f"{name}.log").read_text().splitlines()


def write_configuration(folder: Path, port: int, replicas: list[int]) -> Path:
    """deploy/nginx.conf as it is, but for the ports and the log, in the frame that Debian's nginx has around it."""
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("127.0.0.1:8501 ", f"127.0.0.1:{replicas[0]} "),
        ("127.0.0.1:8502 ", f"127.0.0.1:{replicas[1]} "),
        ("/var/log/nginx/saliency.log", str(folder / "nginx.log")),
    ):
        assert site.count(old) == 1, old
        site = site.replace(old, new)
    written = folder / "nginx.conf"
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    written.write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\nevents {{}}\n"
        f"http {{\n{temporary}{site}}}\n"
    )
    return written


@contextmanager
def run_nginx(configuration: Path) -> Iterator[None]:
    """nginx, for as long as the block."""
    command = [str(NGINX), "-e", str(configuration.parent / "error.log"), "-c", str(configuration)]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    with subprocess.Popen([*command, "-g", "daemon off;"]) as server:
        try:
            yield
        finally:
            server.terminate()
            server.wait(20)


@contextmanager
def deploy(folder: Path) -> Iterator[Deployed]:
    """All of it, once both dashboards are ready."""
    port, *ports = (free_port() for _ in range(3))
    address = f"http://localhost:{port}{BASE}"
    secrets = folder / "secrets.toml"
    with ExitStack() as stack:
        write_secrets(secrets, stack.enter_context(identity_provider()), address)
        for index, each in enumerate(ports):
            options = ["--server.port", str(each), "--server.baseUrlPath", BASE, "--secrets.files", str(secrets)]
            environment = {"SALIENCY_LOG_LEVEL": "info", "SALIENCY_LOG_FORMAT": "json", "SALIENCY_OWNERS": EMAIL}
            log = folder / f"dashboard-{index}.log"
            stack.enter_context(serve_dashboard(log, environment, "deploy/serve.py", options))
        replicas = tuple(f"http://localhost:{each}" for each in ports)
        for replica in replicas:
            wait_for(f"{replica}/readyz")
        stack.enter_context(run_nginx(write_configuration(folder, port, ports)))
        wait_for(f"{address}/_stcore/health")
        yield Deployed(address, replicas, folder)
