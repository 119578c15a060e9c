# SPDX-License-Identifier: Apache-2.0
"""The command line: help, unknown commands, errors in one sentence, Ctrl-C."""

import importlib.util
import signal

import pytest

from vla_ros.cli.main import COMMANDS, main

WITH_ROS = ("demo", "up", "parameters")


@pytest.fixture(autouse=True)
def sigterm():
    """`main` takes SIGTERM over; give it back."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    if command in WITH_ROS and not importlib.util.find_spec("rclpy"):
        pytest.skip(f"{command} imports with ROS only")
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert f"python -m vla_ros {command}" in text
    assert COMMANDS[command] in " ".join(text.split())


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for command, sentence in COMMANDS.items():
        assert f"{command} {sentence}" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["dance"], "invalid choice: 'dance'"),
        (["collect", "--pikc", "3"], "unrecognized arguments: --pikc"),
        (["collect", "--pick", "many"], "invalid int value: 'many'"),
        (["evaluate", "extra"], "unrecognized arguments: extra"),
    ],
)
def test_bad_command_lines(arguments, words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["collect", "--pick", "-1"], "error: expected numbers from 0 up, and a worker; got"),
        (["collect", "--workers", "0"], "error: expected numbers from 0 up, and a worker"),
        (["evaluate", "--checkpoint", "absent.st"], "error: expected a checkpoint file; got abs"),
        (["train", "--steps", "0"], "finite number from 1 up for 'steps'"),
        (["train", "--demonstrations", "absent"], "demonstrations (*.npz) in absent; got none"),
    ],
)
def test_our_errors_are_one_message_and_exit_code_2(
    arguments, words, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupts_end_it_cleanly(number, capsys, monkeypatch):
    from vla_ros.cli import collect

    monkeypatch.setattr(collect, "run", lambda options: signal.raise_signal(number))
    assert main(["collect"]) == 130
    assert capsys.readouterr().err == "\ninterrupted\n"
