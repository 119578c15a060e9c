# SPDX-License-Identifier: Apache-2.0
"""Sentences to token numbers: hashed words and word pairs, no vocabulary file.

"Lift the RED cube"  ->  lift the red cube  lift_the the_red red_cube  ->  1 + crc32 mod 4095
"""

import re
import zlib

import numpy as np
import numpy.typing as npt

VOCABULARY = 4096
MAX_TOKENS = 32  # words and pairs beyond are cut
PADDING = 0


def tokenize(sentence: str) -> npt.NDArray[np.int64]:
    """Number the words and word pairs of a sentence.

    Args:
        sentence: free text; case and punctuation do not count.

    Returns:
        (MAX_TOKENS,) numbers in [1, VOCABULARY), then `PADDING`.
    """
    words = re.findall(r"[a-z0-9']+", sentence.lower())
    pairs = [f"{first}_{second}" for first, second in zip(words, words[1:], strict=False)]
    numbers = [1 + zlib.crc32(token.encode()) % (VOCABULARY - 1) for token in words + pairs]
    tokens = np.full(MAX_TOKENS, PADDING, dtype=np.int64)
    tokens[: len(numbers)] = numbers[:MAX_TOKENS]
    return tokens
