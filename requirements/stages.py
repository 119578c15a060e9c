# SPDX-License-Identifier: Apache-2.0
"""The stages of the set-up: what each is made from, and how it is made."""

import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import checks
import rendering
import torch_build
from commands import Command, clean_environment, run
from stamps import Stamps, digest
from system_packages import RENDERING_PACKAGES, install, missing_parts, provide

_NETWORK = "the packages could not be installed; check the connection and the package index."


@dataclass(frozen=True)
class Stage:
    """One step of the set-up.

    Attributes:
        name: its key in the stamps.
        sentence: what people read while it runs.
        key: changes when the stage must run again.
        product: exists when the stage has been run.
        action: does the work; told whether the last try was cut short.
    """

    name: str
    sentence: str
    key: str
    product: Path
    action: Callable[[bool], None]

    def is_ready(self, stamps: Stamps) -> bool:
        """Whether it was finished with this key and its product still exists."""
        return stamps.is_finished(self.name, self.key) and self.product.exists()


def stamp_file(root: Path) -> Path:
    """Place of the stamps: inside the environment, so that both vanish together."""
    return root / ".venv" / "set_up.json"


def plan(root: Path, environ: Mapping[str, str]) -> list[Stage]:
    """All stages in order.

    Args:
        root: top of the checkout.
        environ: variables of this process; `ROS_DISTRO` says that a ROS install is sourced.
    """
    distro = environ.get("ROS_DISTRO", "")
    work = _Work(root, environ, distro)
    python, where = work.python, f"{root} {distro}"
    stages = [Stage("venv", "virtual environment", where, python, work.make_venv)]
    files = {"tools": "installers", "ros": "ROS 2 packages", "demo": "packages of the demo"}
    files |= {"test": "packages of the tests"}
    for name, sentence in files.items():
        if name != "ros" or not distro:
            key = digest(root, [f"requirements/{name}.txt"])
            product = python.parent / "uv" if name == "tools" else python
            stages.append(Stage(name, sentence, key, product, partial(work.install, name)))
    key = digest(root, ["requirements/torch.txt"])
    stages.append(Stage("torch", "torch (CPU build)", key, python, work.install_torch))
    sources = ["msg/*", "srv/*", "action/*", "cmake/*", "CMakeLists.txt", "package.xml"]
    key = digest(root, [*sources, "requirements/ros.txt"], distro)
    stages.append(Stage("interfaces", "interfaces", key, work.prefix, work.build_interfaces))
    key = digest(root, ["requirements/demo.txt", "requirements/system_packages.py"])
    stages.append(Stage("rendering", "off-screen rendering", key, python, work.check_rendering))
    key = digest(root, ["requirements/vla_ros_checkout.py", "requirements/stages.py"], where)
    env_file = root / ".build" / "env.sh"
    stages.append(Stage("environment", "environment file", key, env_file, work.write_environment))
    return stages


class _Work:
    """What the stages do, for one checkout."""

    def __init__(self, root: Path, environ: Mapping[str, str], distro: str) -> None:
        self._root, self._environ, self._distro = root, environ, distro
        self._venv, self._build = root / ".venv", root / ".build"
        self._logs = self._build / "logs"
        self.python = self._venv / "bin" / "python"
        self.prefix = self._build / "install" / "vla_ros"
        self._variables = clean_environment(environ, self._venv, ros_sourced=bool(distro))

    def make_venv(self, _broken: bool) -> None:
        checks.check_disk(self._root)
        if not self._distro:
            checks.check_compiler()  # before the minutes of downloading, not after
        python = checks.choose_ros_python() if self._distro else checks.choose_python()
        self._provide(*missing_parts(python, self._variables))
        command: Command = [python, "-m", "venv", "--clear", self._venv]
        command += ["--system-site-packages"] if self._distro else []
        run(command, self._logs / "venv.log", self._variables, f"{python} -m venv failed.")

    def _provide(self, problem: Callable[[], str], packages: Sequence[str]) -> None:
        log = self._logs / "system_packages.log"
        provide(problem, packages, lambda: install(packages, log, self._variables))

    def install(self, name: str, broken: bool) -> None:
        requirements = self._root / "requirements" / f"{name}.txt"
        if name == "tools":
            installer: Command = [self.python, "-m", "pip", "install"]
            # A uv of the system's Python would satisfy pip, and not be in .venv/bin.
            installer += ["--ignore-installed"] if self._distro else []
            again = "--force-reinstall"
        else:
            installer = [self._venv / "bin" / "uv", "pip", "install", "--python", self.python]
            again = "--reinstall"
        command = [*installer, "-r", requirements, *([again] if broken else [])]
        run(command, self._logs / f"{name}.log", self._variables, _NETWORK)

    def install_torch(self, broken: bool) -> None:
        torch_build.install(self._root, self.python, self._variables, broken)

    def build_interfaces(self, broken: bool) -> None:
        checks.check_compiler()
        made_by = self._build / "made_by"
        identity = f"{self._root}\n{(self._venv / 'pyvenv.cfg').read_text()}"
        if broken or not made_by.exists() or made_by.read_text() != identity:
            for folder in ("build", "install"):
                shutil.rmtree(self._build / folder, ignore_errors=True)
        made_by.write_text(identity)
        command: Command = ["colcon", "--log-base", self._logs / "colcon", "build"]
        command += ["--base-paths", self._root, "--packages-select", "vla_ros"]
        command += ["--build-base", self._build / "build", "--install-base"]
        command += [self._build / "install", "--symlink-install", "--cmake-args"]
        command += [f"-DPython3_EXECUTABLE={self.python}", "-DPython3_FIND_VIRTUALENV=ONLY"]
        command += [f"-DCMAKE_PROJECT_INCLUDE={self._root / 'cmake' / 'pypi_ros.cmake'}"]
        command += ["-DBUILD_TESTING=OFF"]
        advice = "the interfaces could not be built; see the compiler's words below."
        run(command, self._logs / "interfaces.log", self._variables, advice)

    def check_rendering(self, _broken: bool) -> None:
        problem = partial(rendering.problem, self.python, self._variables)
        self._provide(problem, RENDERING_PACKAGES)

    def write_environment(self, _broken: bool) -> None:
        site = next((self._venv / "lib").glob("python3.*/site-packages"))
        generated = next(self.prefix.glob("lib/python3.*/site-packages/vla_ros"))
        shutil.copy(self._root / "requirements" / "vla_ros_checkout.py", site)
        folders = f"{str(self._root / 'vla_ros')!r}, {str(generated)!r}"
        hook = f"import vla_ros_checkout; vla_ros_checkout.install({folders})\n"
        (site / "vla_ros_checkout.pth").write_text(hook)
        # The ROS wheels put every ros_*.libs folder of the environment on LD_LIBRARY_PATH.
        libraries = site / "ros_vla_ros.libs"
        libraries.unlink(missing_ok=True)
        libraries.symlink_to(self.prefix / "lib")
        (self._build / "env.sh").write_text(self._environment_script())

    def _environment_script(self) -> str:
        quoted = {"venv": shlex.quote(str(self._venv)), "prefix": shlex.quote(str(self.prefix))}
        lines = [
            "# SPDX-License-Identifier: Apache-2.0",
            "# Written by requirements/set_up.py; source it in a POSIX shell.",
            "export VIRTUAL_ENV={venv}",
            'export PATH="$VIRTUAL_ENV/bin:$PATH"',
            "export PYTHONUNBUFFERED=1",
            'export MUJOCO_GL="${{MUJOCO_GL:-egl}}"',
        ]
        if self._distro:
            lines += ['export AMENT_PREFIX_PATH={prefix}":$AMENT_PREFIX_PATH"']
            lines += ['export LD_LIBRARY_PATH={prefix}"/lib:${{LD_LIBRARY_PATH:-}}"']
        else:
            lines += ['export AMENT_PREFIX_PATH={prefix}":$VIRTUAL_ENV"']
            lines += ["# The ROS wheels set the library path at the start of Python, once."]
            lines += ["unset _ROS_WHEELS_BOOTSTRAP_COMPLETE"]
        return "\n".join(lines).format(**quoted) + "\n"
