"""A picture to ink: where it was in the picture is never lost."""

import cv2
import numpy as np
import pytest

from mnist_lab.reading import ink


def dotted(at=(260, 140), size=(400, 500)):
    """One thick dot on white paper."""
    image = np.full(size, 240, np.uint8)
    cv2.circle(image, at, 12, 20, -1)
    return image


@pytest.mark.parametrize("degrees", [0, 7.5, -30, 90, -90, 180])
def test_turned_ink_leads_back_to_its_place(degrees):
    """However ink is turned, `to_picture` takes it to where it was in the picture."""
    found = ink.find_ink(dotted(), max_pixels=10**6, min_pixels=0).rotate(degrees)
    y, x = np.argwhere(found.mask).mean(axis=0)
    assert np.abs(found.to_picture @ [x + 0.5, y + 0.5, 1] - (260.5, 140.5)).max() < 1
    assert found.rotation == degrees


@pytest.mark.parametrize("table", [40, 90, 255])
def test_table_round_a_sheet_is_cut_away(table):
    """What lies beside the sheet, dark or bright, is no ink; what is on it is."""
    image = np.full((700, 900), table, np.uint8)
    image[150:550, 200:700] = np.where(dotted() < 100, 20, 190)
    if table == 255:
        image[image == 190] = 120  # a dark sheet
    found = ink.find_ink(image, max_pixels=10**6, min_pixels=0)
    count, _, stats, _ = cv2.connectedComponentsWithStats(found.mask)
    assert count == 2 and 300 < stats[1, cv2.CC_STAT_AREA] < 700
    y, x = np.argwhere(found.mask).mean(axis=0)
    assert np.abs(found.to_picture @ [x + 0.5, y + 0.5, 1] - (460.5, 290.5)).max() < 2
