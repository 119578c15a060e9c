# SPDX-License-Identifier: Apache-2.0
"""Sentences for the two tasks: those used in training, and others kept for evaluation.

Every held-out sentence is worded unlike all training sentences of its task; most use words that
training never saw ("snatch", "hoist", "brick", "deposit"), so that success with them measures
understanding of the rest.
"""

TRAINING: dict[str, tuple[str, ...]] = {
    "pick": (
        "pick up the {} cube",
        "pick the {} block up",
        "grab the {} cube",
        "lift the {} block",
        "take the {} cube",
        "please pick up the {} one",
        "get the {} block",
        "raise the {} cube from the table",
        "grasp the {} object and lift it",
        "hold up the {} cube",
        "could you pick up the {} block",
        "lift up the {} thing",
    ),
    "place": (
        "put the {} cube on the tray",
        "place the {} block on the tray",
        "move the {} cube to the tray",
        "put the {} one onto the tray",
        "bring the {} block to the tray",
        "drop the {} cube on the tray",
        "please place the {} cube on the plate",
        "set the {} block down on the tray",
        "carry the {} cube over to the tray",
        "could you put the {} block on the plate",
        "lay the {} thing on the tray",
        "the {} cube goes on the tray",
    ),
}
HELD_OUT: dict[str, tuple[str, ...]] = {
    "pick": (
        "snatch the {} cube now",
        "hoist that {} block into the air",
        "would you kindly lift the {} die",
        "collect the {} item",
        "i want you to pick up the small {} brick",
        "up with the {} cube",
    ),
    "place": (
        "deposit the {} cube onto the tray",
        "transfer that {} block over onto the tray",
        "i would like the {} brick on the tray",
        "deliver the {} item to the tray",
        "leave the small {} die on the tray",
        "get the {} block and then put it down on the tray",
    ),
}


def sentence(task: str, colour: str, number: int, held_out: bool) -> str:
    """A sentence for a task.

    Args:
        task: "pick" or "place".
        colour: the cube that is meant.
        number: any number; chooses among the sentences.
        held_out: whether to use wordings that training did not.
    """
    templates = (HELD_OUT if held_out else TRAINING)[task]
    return templates[number % len(templates)].format(colour)
