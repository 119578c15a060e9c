# SPDX-License-Identifier: Apache-2.0
"""The page of `up --view` in a real browser, on the real running system."""

import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.ros,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER),
        reason="needs Chromium: apt-get install chromium chromium-driver",
    ),
]
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=950,1000",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    out = tmp_path_factory.mktemp("up")
    process = subprocess.Popen(
        [sys.executable, "-m", "vla_ros", "up", "--view", "--out", str(out)],
        env={k: v for k, v in os.environ.items() if k != "_ROS_WHEELS_BOOTSTRAP_COMPLETE"},
        stdout=subprocess.PIPE,
        text=True,
    )
    found = None
    for line in process.stdout:
        found = re.search(r"http://\S+", line)
        if found:
            break
    yield found.group(0)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130


@pytest.fixture(scope="module")
def browser(address, tmp_path_factory):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    driver.get(address)
    yield driver
    driver.quit()


def wait_for(browser, script: str, timeout_s: float = 15.0):
    """Wait until a JavaScript expression is true."""
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, timeout_s).until(lambda b: b.execute_script(f"return {script}"), script)


def text_of(name: str) -> str:
    return f'document.getElementById("{name}").textContent'


def test_the_cameras_are_shown(browser):
    wait_for(browser, 'document.getElementById("cameras").naturalWidth === 880')


def test_a_sentence_moves_the_arm_and_stop_holds_it(browser):
    browser.find_element("id", "text").send_keys("pick up the blue cube")
    browser.find_element("css selector", "#say button").click()
    wait_for(browser, f'{text_of("instruction")} === "pick up the blue cube"')
    wait_for(browser, f'{text_of("controller")}.startsWith("running")')
    wait_for(browser, f'{text_of("latency")}.includes("ms from picture to command")')
    browser.find_element("id", "stop").click()
    wait_for(browser, f'{text_of("instruction")} === "none"')
    wait_for(browser, f'{text_of("controller")}.startsWith("holding")')


def test_another_scene_is_one_click(browser):
    seed = browser.find_element("id", "seed")
    seed.clear()
    seed.send_keys("7005")
    browser.find_element("css selector", "#scene button").click()
    wait_for(browser, f'{text_of("controller")}.startsWith("idle")')
    wait_for(browser, f'{text_of("problem")} === ""')
