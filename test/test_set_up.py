# SPDX-License-Identifier: Apache-2.0
"""Decisions of the set-up: what runs again, which torch is taken, what people are told."""

import subprocess
import sys
from pathlib import Path

import pytest

import checks
import commands
import set_up
import stages
import system_packages
import torch_build
from checks import SetUpError
from stamps import Stamps, digest

ROOT = Path(__file__).resolve().parent.parent


def test_digest_follows_names_contents_and_extras(tmp_path):
    (tmp_path / "msg").mkdir()
    (tmp_path / "msg" / "A.msg").write_text("int32 a")
    first = digest(tmp_path, ["msg/*"], "jazzy")
    assert digest(tmp_path, ["msg/*", "absent/*"], "jazzy") == first
    assert digest(tmp_path, ["msg/*"], "") != first
    (tmp_path / "msg" / "A.msg").write_text("int32 b")
    second = digest(tmp_path, ["msg/*"], "jazzy")
    (tmp_path / "msg" / "A.msg").rename(tmp_path / "msg" / "B.msg")
    assert len({first, second, digest(tmp_path, ["msg/*"], "jazzy")}) == 3


def test_stamps_tell_finished_from_interrupted(tmp_path):
    path = tmp_path / "set_up.json"
    assert not Stamps.read(path).is_finished("venv", "k")
    Stamps.read(path).started("venv").write(path)
    assert Stamps.read(path).was_interrupted("venv")
    Stamps.read(path).finished("venv", "k").write(path)
    assert Stamps.read(path).is_finished("venv", "k")
    assert not Stamps.read(path).is_finished("venv", "other")
    path.write_text('{"venv": ')
    assert Stamps.read(path) == Stamps()


def planned(root, environ=None):
    return {stage.name: stage.key for stage in stages.plan(root, environ or {"PATH": ""})}


@pytest.mark.parametrize(
    ("file", "again"),
    [
        ("msg/A.msg", {"interfaces"}),
        ("CMakeLists.txt", {"interfaces"}),
        ("requirements/demo.txt", {"demo", "rendering"}),
        ("requirements/torch.txt", {"torch"}),
        ("requirements/ros.txt", {"ros", "interfaces"}),
        ("vla_ros/new_module.py", set()),
    ],
)
def test_a_change_runs_only_the_stages_made_from_it(tmp_path, file, again):
    before = planned(tmp_path)
    changed = tmp_path / file
    changed.parent.mkdir(parents=True, exist_ok=True)
    changed.write_text("changed")
    after = planned(tmp_path)
    assert {name for name in after if after[name] != before[name]} == again


def test_a_sourced_ros_takes_no_wheels_and_has_keys_of_its_own(tmp_path):
    with_ros = planned(tmp_path, {"ROS_DISTRO": "jazzy", "PATH": ""})
    assert "ros" not in with_ros
    assert with_ros["venv"] != planned(tmp_path)["venv"]
    assert with_ros["interfaces"] != planned(tmp_path)["interfaces"]


def stage_in(root, action, key="k"):
    venv = root / ".venv"
    venv.mkdir(exist_ok=True)
    return stages.Stage("demo", "packages", key, venv, action)


def test_a_stage_that_fails_is_repaired_by_the_next_run(tmp_path, capsys):
    seen = []

    def fail(broken):
        seen.append(broken)
        raise SetUpError("no network")

    with pytest.raises(SetUpError):
        set_up.run_stage(stage_in(tmp_path, fail), tmp_path)
    assert not set_up.is_ready(stage_in(tmp_path, fail), tmp_path)
    set_up.run_stage(stage_in(tmp_path, seen.append), tmp_path)
    set_up.run_stage(stage_in(tmp_path, seen.append), tmp_path)
    assert seen == [False, True, False]
    assert set_up.is_ready(stage_in(tmp_path, seen.append), tmp_path)
    assert "packages ... failed" in capsys.readouterr().out


def test_a_missing_product_runs_its_stage_again(tmp_path):
    stage = stage_in(tmp_path, lambda _: None)
    set_up.run_stage(stage, tmp_path)
    (tmp_path / ".venv").rename(tmp_path / "gone")
    assert not set_up.is_ready(stage, tmp_path)


def test_a_failure_is_a_sentence_and_no_traceback(tmp_path, monkeypatch, capsys):
    def refuse(root):
        raise SetUpError("no disk")

    monkeypatch.setattr(set_up, "prepare", refuse)
    assert set_up.main() == 1
    assert capsys.readouterr().err == "set-up: no disk\n"


def report(*requires):
    return {"install": [{"metadata": {"requires_dist": list(requires)}}]}


@pytest.mark.parametrize(
    ("required", "cuda"),
    [
        (["filelock", "sympy>=1.13", "setuptools"], False),
        (["filelock", "nvidia-cudnn-cu12==9; platform_system == 'Linux'"], True),
        (["cuda-toolkit==13.0"], True),
        (["triton==3.5; platform_system == 'Linux'"], True),
        (["nvidia-foo; extra == 'tools'"], False),
        ([], False),
    ],
)
def test_a_torch_that_asks_for_cuda_is_recognised(required, cuda):
    assert torch_build.needs_cuda(report(*required)) is cuda


def test_an_empty_torch_report_names_the_way_out():
    with pytest.raises(SetUpError, match="VLA_ROS_TORCH_WHEEL"):
        torch_build.needs_cuda({"install": []})


def test_the_torch_pin_is_read():
    text = (ROOT / "requirements" / "torch.txt").read_text()
    assert torch_build.pinned_version(text).startswith("2.")
    with pytest.raises(SetUpError, match="torch==X"):
        torch_build.pinned_version("numpy==2.0\n")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (("Darwin", "arm64", ("", "")), "Linux on x86-64 only"),
        (("Linux", "aarch64", ("glibc", "2.36")), "this is Linux on aarch64"),
        (("Linux", "x86_64", ("glibc", "2.27")), "glibc 2.28 or later"),
        (("Linux", "x86_64", ("", "")), "the C library is not glibc"),
    ],
)
def test_unsupported_platforms_are_named(where, words):
    with pytest.raises(SetUpError, match=words):
        checks.check_platform(*where)


def test_a_supported_platform_passes():
    checks.check_platform("Linux", "x86_64", ("glibc", "2.36"))


def test_missing_tools_are_named_with_the_command():
    present = {"cc": "/usr/bin/cc", "make": "/usr/bin/make"}
    with pytest.raises(SetUpError) as error:
        checks.check_compiler(present.get)
    assert str(error.value) == (
        "a C++ compiler and cmake not found, which the interface build needs; "
        "run: apt-get install g++ cmake make"
    )


def test_too_little_disk_says_how_much(tmp_path):
    with pytest.raises(SetUpError, match=r"1\.5 GB are free .* needs 5 GB"):
        checks.check_disk(tmp_path, free_gb=1.5)


def test_python_is_the_running_one_if_wheels_exist_for_it():
    assert checks.choose_python((3, 11), {}.get) == sys._base_executable
    with pytest.raises(SetUpError, match=r"Python 3\.14 has no wheels"):
        checks.choose_python((3, 14), {}.get)


def test_a_ros_without_rclpy_is_named():
    with pytest.raises(SetUpError, match="ROS_DISTRO is set and rclpy does not import"):
        checks.choose_ros_python(("/bin/false",))


def test_parts_of_the_distribution_are_named_for_people_and_installed_for_root():
    problems, installed = iter(["no EGL", ""]), []
    packages = system_packages.RENDERING_PACKAGES
    system_packages.provide(
        lambda: next(problems), packages, lambda: installed.append(1), may_install=True
    )
    assert installed == [1]
    with pytest.raises(SetUpError, match=r"no EGL; run: .*apt-get install -y libegl1 libopengl0"):
        system_packages.provide(lambda: "no EGL", packages, lambda: None, may_install=False)
    with pytest.raises(SetUpError, match="no EGL, even with libegl1"):
        system_packages.provide(lambda: "no EGL", packages, lambda: None, may_install=True)
    system_packages.provide(lambda: "", packages, pytest.fail, may_install=False)


def test_sudo_stands_only_where_it_is_needed():
    assert "sudo" not in system_packages.command(["x"], as_root=True)
    assert system_packages.command(["x"], as_root=False).count("sudo ") == 2


def test_a_python_without_parts_names_its_packages(tmp_path):
    python = tmp_path / "python3.11"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    problem, packages = system_packages.missing_parts(str(python), {})
    assert packages[:2] == ["python3.11-dev", "python3.11-venv"]
    assert "has no headers (Python.h) and" in problem()


def test_failures_show_the_tail_and_the_log(tmp_path):
    script = "import sys; print(*range(100), sep='\\n'); sys.exit(3)"
    with pytest.raises(SetUpError) as error:
        commands.run([sys.executable, "-c", script], tmp_path / "a.log", {}, "check the network.")
    text = str(error.value)
    assert text.startswith("check the network.\n  | 85\n")
    assert text.endswith(f"  | 99\n  The whole output is in {tmp_path / 'a.log'}.")


def test_a_missing_program_is_named(tmp_path):
    with pytest.raises(SetUpError, match="the program no-such-program is missing; install it"):
        commands.run(["no-such-program"], tmp_path / "a.log", {}, "install it.")


def test_no_other_environment_leaks_in(tmp_path):
    foreign = {
        "PATH": "/usr/bin",
        "VIRTUAL_ENV": "/other",
        "_ROS_WHEELS_BOOTSTRAP_COMPLETE": "1",
        "LD_LIBRARY_PATH": "/other/lib",
        "PYTHONPATH": "/other",
    }
    clean = commands.clean_environment(foreign, tmp_path, ros_sourced=False)
    assert clean["VIRTUAL_ENV"] == str(tmp_path)
    assert clean["PATH"] == f"{tmp_path}/bin:/usr/bin"
    assert not {"_ROS_WHEELS_BOOTSTRAP_COMPLETE", "LD_LIBRARY_PATH", "PYTHONPATH"} & set(clean)
    kept = commands.clean_environment({"PYTHONPATH": "/opt/ros"}, tmp_path, ros_sourced=True)
    assert kept["PYTHONPATH"] == "/opt/ros"


def test_the_checkout_is_imported_from_anywhere(tmp_path):
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'requirements')!r}); import vla_ros_checkout;"
        f"vla_ros_checkout.install({str(ROOT / 'vla_ros')!r}, {str(tmp_path)!r});"
        "import vla_ros.only_generated, vla_ros; print(vla_ros.__file__)"
    )
    (tmp_path / "only_generated.py").touch()
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(ROOT / "vla_ros" / "__init__.py")
