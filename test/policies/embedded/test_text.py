# SPDX-License-Identifier: Apache-2.0
"""Token numbers: a contract with the shipped weights, so they never change."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.policies.embedded.text import MAX_TOKENS, PADDING, VOCABULARY, tokenize

PICK_UP_THE_RED_CUBE = [3334, 2051, 634, 1696, 469, 2016, 4025, 3800, 1524]


def test_numbers_are_those_of_the_training():
    expected = [1 + zlib.crc32(token) % 4095 for token in (b"lift", b"red", b"lift_red")]
    assert expected == [tokenize(word)[0] for word in ("lift", "red")] + [tokenize("lift red")[2]]
    np.testing.assert_array_equal(tokenize("lift red"), expected + [PADDING] * 29)
    assert list(tokenize("pick up the red cube")[:9]) == PICK_UP_THE_RED_CUBE


@pytest.mark.parametrize(
    "other", ["Lift the RED cube!", "  lift, the red   cube. ", "lift\tthe\nred cube?"]
)
def test_case_punctuation_and_spaces_do_not_count(other):
    np.testing.assert_array_equal(tokenize(other), tokenize("lift the red cube"))


def test_order_counts():
    assert (tokenize("red on blue") != tokenize("blue on red")).any()
    assert set(tokenize("red on blue")[:3]) == set(tokenize("blue on red")[:3])


@pytest.mark.parametrize("blank", ["", "   ", "?!", "\n"])
def test_blank_sentences_are_padding(blank):
    assert (tokenize(blank) == PADDING).all()


@given(st.text(max_size=400))
def test_any_text_gives_numbers_then_padding(text):
    tokens = tokenize(text)
    assert tokens.shape == (MAX_TOKENS,)
    assert tokens.dtype == np.int64
    assert ((tokens >= 0) & (tokens < VOCABULARY)).all()
    count = int((tokens != PADDING).sum())
    assert (tokens[:count] != PADDING).all()


def test_long_sentences_are_cut_words_first():
    words = [f"w{number}" for number in range(40)]
    tokens = tokenize(" ".join(words))
    np.testing.assert_array_equal(tokens, [tokenize(word)[0] for word in words[:MAX_TOKENS]])
