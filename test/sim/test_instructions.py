# SPDX-License-Identifier: Apache-2.0
"""Sentences: held-out ones are held out, and every one names the cube."""

import re

import pytest

from vla_ros.sim.instructions import HELD_OUT, TRAINING, sentence
from vla_ros.sim.scene import COLOURS, TASKS


def words(template):
    return tuple(re.findall(r"[a-z]+", template.lower()))


def test_no_held_out_sentence_is_trained():
    trained = {words(template) for templates in TRAINING.values() for template in templates}
    held_out = {words(template) for templates in HELD_OUT.values() for template in templates}
    assert not trained & held_out


def test_most_held_out_sentences_have_a_word_that_training_never_saw():
    known = {word for templates in TRAINING.values() for t in templates for word in words(t)}
    new = [set(words(t)) - known for templates in HELD_OUT.values() for t in templates]
    assert sum(map(bool, new)) > len(new) / 2


@pytest.mark.parametrize("templates", [TRAINING, HELD_OUT])
def test_every_template_has_one_place_for_the_colour(templates):
    assert set(templates) == set(TASKS)
    for task in TASKS:
        assert len(set(templates[task])) == len(templates[task])
        for template in templates[task]:
            assert template.count("{}") == 1
            assert not set(words(template)) & set(COLOURS)


def test_numbers_go_round():
    count = len(TRAINING["pick"])
    assert sentence("pick", "red", 0, False) == "pick up the red cube"
    assert sentence("pick", "red", count, False) == "pick up the red cube"
    assert sentence("place", "blue", 0, True) == "deposit the blue cube onto the tray"
    drawn = {sentence("pick", "red", number, False) for number in range(count)}
    assert len(drawn) == count
