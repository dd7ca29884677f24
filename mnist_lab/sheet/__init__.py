"""A sheet to print, write a hundred digits on, scan back, and measure a network with."""

from mnist_lab.sheet import layout
from mnist_lab.sheet.files import ScannedFile, gather, read_scans
from mnist_lab.sheet.layout import Sheet, decode_marks, random_number, sheet_series
from mnist_lab.sheet.printing import draw_sheet, fill_in, render, write_pdf
from mnist_lab.sheet.report import Measurement, measure, write_contact_sheet, write_measurement
from mnist_lab.sheet.scan import SheetReading, read_sheet
from mnist_lab.sheet.view import BlankPage, NoSheet, find_marks, straighten

__all__ = [
    "BlankPage",
    "Measurement",
    "NoSheet",
    "ScannedFile",
    "Sheet",
    "SheetReading",
    "decode_marks",
    "draw_sheet",
    "fill_in",
    "find_marks",
    "gather",
    "layout",
    "measure",
    "random_number",
    "read_scans",
    "read_sheet",
    "render",
    "sheet_series",
    "straighten",
    "write_contact_sheet",
    "write_measurement",
    "write_pdf",
]
