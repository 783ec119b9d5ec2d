"""Wiring diagrams as SVG: a Pi's 40-pin header, the boards, and a wire for each connection.

GPIO numbers come from the board files of `firmware_config/`, so that a diagram cannot show another pin than the
driver uses. SPI0 and the supplies are where the header has them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from itertools import combinations
from typing import Final

from edge.frontends.boards import Ad8232Board, Ads1292Board, load_board

__all__ = ["DIAGRAMS", "Wire", "draw", "table", "wires"]

PINS: Final = {2: 3, 3: 5, 4: 7, 14: 8, 15: 10, 17: 11, 18: 12, 27: 13, 22: 15, 23: 16, 24: 18, 10: 19, 9: 21, 25: 22}
PINS_OF_GPIO: Final = PINS | {11: 23, 8: 24, 7: 26, 0: 27, 1: 28, 5: 29, 6: 31, 12: 32, 13: 33, 19: 35, 16: 36, 26: 37}
"""Pin of the header by BCM number, up to GPIO 26 (20 and 21 are pins 38 and 40)."""

SUPPLIES: Final = {1: "3.3 V", 2: "5 V", 6: "GND", 17: "3.3 V", 25: "GND"}
SPI: Final = {"MOSI": 10, "MISO": 9, "SCLK": 11, "CE0": 8}

RED, BLACK, BLUE, VIOLET, TEAL, ORANGE = "#d32f2f", "#37474f", "#1e66d0", "#7b3fb5", "#00897b", "#ef7d00"
GREEN, PINK, BROWN, OLIVE = "#3d9140", "#d81b77", "#8d5a3b", "#9e9d24"


@dataclass(frozen=True, slots=True)
class Wire:
    """From a pin of the header to one or more pads, each `board/pad`."""

    pin: int
    pads: tuple[str, ...]
    colour: str

    @property
    def at_pi(self) -> str:
        """What the pin is called."""
        gpio = next((number for number, pin in PINS_OF_GPIO.items() if pin == self.pin), None)
        return SUPPLIES[self.pin] if gpio is None else f"GPIO {gpio}"


@dataclass(frozen=True, slots=True)
class Part:
    """A board beside the Pi: its pads on the left side from top to bottom, and on the right."""

    title: str
    note: str
    left: tuple[str, ...]
    right: tuple[str, ...] = ()
    numbers: dict[str, int] = field(default_factory=dict)


ELECTRODES: Final = ("RA", "LA", "RL")
CJMCU: Final = Part(
    "CJMCU-1292",
    "ADS1292R module",
    ("GND", "CLK", "GPIO2", "GPIO1", "SCK", "MISO", "MOSI", "CS", "DRDY", "START", "PWDN/RESET", "VDD"),
    ELECTRODES,
)
PROTOCENTRAL: Final = Part(
    "ProtoCentral",
    "ADS1292R breakout",
    ("DRDY", "CS", "START", "PWDN", "SCLK", "MISO", "MOSI", "5V", "GND"),
    ELECTRODES,
)
AD8232: Final = Part(
    "AD8232", "heart monitor board", ("3.3V", "LO+", "LO-", "SDN", "GND"), ("RA", "LA", "RL", "OUTPUT")
)
MCP320X: Final = Part(
    "MCP3208 or MCP3008",
    "DIP-16, small numbers are its pins",
    ("VDD", "VREF", "AGND", "CLK", "DOUT", "DIN", "CS/SHDN", "DGND"),
    ("CH0",),
    {"VDD": 16, "VREF": 15, "AGND": 14, "CLK": 13, "DOUT": 12, "DIN": 11, "CS/SHDN": 10, "DGND": 9, "CH0": 1},
)

DIAGRAMS: Final = {
    "cjmcu-1292": ("cjmcu-1292", (CJMCU,)),
    "protocentral-ads1292r": ("protocentral-ads1292r", (PROTOCENTRAL,)),
    "ad8232": ("ad8232-mcp3208", (AD8232, MCP320X)),
}
"""Name of the picture: the board file that it is drawn from, and what is drawn."""


def wires(name: str) -> list[Wire]:
    """Every wire between the header and the boards of a diagram."""
    file, parts = DIAGRAMS[name]
    board = load_board(file)
    assert (board.spi_bus, board.spi_device) == (0, 0)
    if isinstance(board, Ads1292Board):
        return _ads1292(board, parts[0])
    return _ad8232(board)


def _ads1292(board: Ads1292Board, part: Part) -> list[Wire]:
    supply, pin = ("5V", 2) if "5V" in part.left else ("VDD", 1)
    assert board.start is not None
    assert board.reset is not None
    to = {
        supply: (pin, RED),
        "GND": (6, BLACK),
        "DRDY": (PINS_OF_GPIO[board.drdy], GREEN),
        "PWDN/RESET" if "PWDN/RESET" in part.left else "PWDN": (PINS_OF_GPIO[board.reset], BROWN),
        "START": (PINS_OF_GPIO[board.start], PINK),
        "MOSI": (PINS_OF_GPIO[SPI["MOSI"]], TEAL),
        "MISO": (PINS_OF_GPIO[SPI["MISO"]], VIOLET),
        "SCK" if "SCK" in part.left else "SCLK": (PINS_OF_GPIO[SPI["SCLK"]], BLUE),
        "CS": (PINS_OF_GPIO[SPI["CE0"]], ORANGE),
    }
    return [Wire(pin, (f"{part.title}/{pad}",), colour) for pad, (pin, colour) in to.items()]


def _ad8232(board: Ad8232Board) -> list[Wire]:
    assert board.sdn is not None
    assert board.adc_channel == 0
    adc = MCP320X.title
    return [
        Wire(1, ("AD8232/3.3V",), RED),
        Wire(6, ("AD8232/GND",), BLACK),
        Wire(PINS_OF_GPIO[board.lo_plus], ("AD8232/LO+",), GREEN),
        Wire(PINS_OF_GPIO[board.lo_minus], ("AD8232/LO-",), PINK),
        Wire(PINS_OF_GPIO[board.sdn], ("AD8232/SDN",), BROWN),
        Wire(17, (f"{adc}/VDD", f"{adc}/VREF"), RED),
        Wire(PINS_OF_GPIO[SPI["MOSI"]], (f"{adc}/DIN",), TEAL),
        Wire(PINS_OF_GPIO[SPI["MISO"]], (f"{adc}/DOUT",), VIOLET),
        Wire(PINS_OF_GPIO[SPI["SCLK"]], (f"{adc}/CLK",), BLUE),
        Wire(PINS_OF_GPIO[SPI["CE0"]], (f"{adc}/CS/SHDN",), ORANGE),
        Wire(25, (f"{adc}/AGND", f"{adc}/DGND"), BLACK),
    ]


def table(name: str) -> str:
    """The same wires as a table in Markdown."""
    lines = ["| board | pad | Raspberry Pi | pin of the header |", "|---|---|---|---:|"]
    for wire in wires(name):
        for place in wire.pads:
            part, _, pad = place.partition("/")
            lines.append(f"| {part} | **{pad}** | {wire.at_pi} | {wire.pin} |")
    if name == "ad8232":
        lines.append(f"| AD8232 | **OUTPUT** | to {MCP320X.title}, **CH0** | |")
    return "\n".join(lines)


# The drawing. Lengths are pixels.
PITCH, TOP = 28, 92
"""Rows of the header; wires begin at whole and half ones, and pads lie at odd quarters: no two wires lie on a line."""
COLUMN = (196, 224)
PILL, FIRST_LANE, LANE = 84, 366, 15
PART_X, PART_WIDTH, PART_GAP = 590, 232, 3 * PITCH
WIDTH, HEIGHT, FRAME = 960, 664, 20


def draw(name: str) -> str:
    """The diagram as SVG."""
    _, parts = DIAGRAMS[name]
    listed = wires(name)
    pads, boxes = _places(parts, {pad for wire in listed for pad in wire.pads})
    drawn = [*_board(), *boxes, *_routes(listed, pads), *_pins(listed)]
    if "AD8232/OUTPUT" in pads:
        drawn.append(_around(pads["AD8232/OUTPUT"], pads[f"{MCP320X.title}/CH0"]))
    body = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="13">\n'
        f"<title>{escape(' and '.join(part.title for part in parts))} on a Raspberry Pi</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = "#263238", more: str = "") -> str:
    return f'<text x="{x}" y="{y + 4.5}" text-anchor="{anchor}" fill="{fill}" {more}>{escape(text)}</text>'


def _pin_place(pin: int) -> tuple[int, int]:
    return COLUMN[(pin + 1) % 2], TOP + (pin - 1) // 2 * PITCH


def _board() -> list[str]:
    bottom = TOP + 19 * PITCH
    left, right = COLUMN
    return [
        f'<rect x="{FRAME}" y="{FRAME}" width="{right - FRAME + 22}" height="{bottom}" rx="14" fill="#e7f3ea" '
        'stroke="#8db89a" stroke-width="1.5"/>',
        _text(FRAME + 18, FRAME + 24, "Raspberry Pi", more='font-size="17" font-weight="bold"'),
        _text(FRAME + 18, FRAME + 44, "seen from above, USB below", fill="#546e7a", more='font-size="12"'),
        f'<rect x="{left - 15}" y="{TOP - 15}" width="{right - left + 30}" height="{bottom - TOP + 30}" rx="4" '
        'fill="#263238"/>',
    ]


def _pins(listed: list[Wire]) -> list[str]:
    used = {wire.pin: wire for wire in listed}
    out = []
    for pin in range(1, 41):
        x, y = _pin_place(pin)
        wire = used.get(pin)
        shape = (
            f'<circle cx="{x}" cy="{y}" r="10"'
            if pin > 1
            else f'<rect x="{x - 10}" y="{y - 10}" width="20" height="20"'
        )
        if wire is None:
            out.append(f'{shape} fill="none" stroke="#55656d"/>')
            out.append(_text(x, y - 0.5, str(pin), anchor="middle", fill="#90a4ae", more='font-size="10"'))
            continue
        start = x - 28 - PILL if x == COLUMN[0] else x + 28
        end = start + PILL if x == COLUMN[0] else start
        out += [
            f'<path d="M{end} {y}H{x}" stroke="{wire.colour}" stroke-width="2.8"/>',
            f'<rect x="{start}" y="{y - 9.5}" width="{PILL}" height="19" rx="9.5" fill="#fff" '
            f'stroke="{wire.colour}" stroke-width="1.5"/>',
            _text(start + PILL / 2, y, wire.at_pi, anchor="middle", more='font-size="12"'),
            f'{shape} fill="{wire.colour}" stroke="#fff" stroke-width="1.5"/>',
            _text(x, y - 0.5, str(pin), anchor="middle", fill="#fff", more='font-size="10" font-weight="bold"'),
        ]
    return out


def _places(parts: tuple[Part, ...], used: set[str]) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """Where each pad is, and the boxes that they sit on."""
    lengths = [(max(len(part.left), len(part.right)) + 1) * PITCH for part in parts]
    middle = (HEIGHT - sum(lengths) - PART_GAP * (len(parts) - 1)) // 2
    y = middle - (middle - TOP) % (PITCH // 2) + PITCH // 4
    pads: dict[str, tuple[int, int]] = {}
    out = []
    for part, length in zip(parts, lengths, strict=True):
        out += [
            f'<rect x="{PART_X}" y="{y}" width="{PART_WIDTH}" height="{length}" rx="10" fill="#eef2fb" '
            'stroke="#8fa3cf" stroke-width="1.5"/>',
            _text(PART_X, y - 30, part.title, more='font-size="17" font-weight="bold"'),
            _text(PART_X, y - 12, part.note, fill="#546e7a", more='font-size="12"'),
        ]
        for x, column in ((PART_X, part.left), (PART_X + PART_WIDTH, part.right)):
            for row, pad in enumerate(column, start=1):
                name = f"{part.title}/{pad}"
                pads[name] = x, y + row * PITCH
                out += _pad(pad, pads[name], number=part.numbers.get(pad), free=name not in used)
        y += length + PART_GAP
    return pads, out


def _pad(pad: str, place: tuple[int, int], *, number: int | None, free: bool) -> list[str]:
    x, y = place
    out = [f'<rect x="{x - 7}" y="{y - 7}" width="14" height="14" rx="3" fill="#f4c542" stroke="#a67c00"/>']
    if number is not None:
        out.append(_text(x, y - 0.5, str(number), anchor="middle", fill="#5d4300", more='font-size="9"'))
    if x == PART_X:
        out.append(_text(x + 15, y, pad, fill="#90a4ae" if free else "#263238"))
        if free:
            out.append(_text(x - 14, y, "not connected", anchor="end", fill="#90a4ae", more='font-size="11"'))
        return out
    out.append(_text(x - 15, y, pad, anchor="end"))
    if pad in ELECTRODES:
        out.append(_text(x + 16, y, f"electrode {pad}", fill="#546e7a"))
    return out


def _routes(listed: list[Wire], pads: dict[str, tuple[int, int]]) -> list[str]:
    """Each wire runs right from its pin, up or down in a lane of its own, and right to its pads."""
    spans = [_Span(_wire_y(wire.pin), tuple(sorted(pads[pad][1] for pad in wire.pads))) for wire in listed]
    lanes = _order(spans)
    out = []
    for wire, span, lane in zip(listed, spans, lanes, strict=True):
        x, y = _pin_place(wire.pin)
        lane_x = FIRST_LANE + LANE * lane
        begin = f"M{COLUMN[1] + 24 + PILL} {y}" if x == COLUMN[1] else f"M{x} {y}L{x + 10} {span.start}"
        path = f"{begin}H{lane_x}V{span.ends[0] if span.ends[0] != span.start else span.ends[-1]}H{PART_X - 7}"
        for end in span.ends[1:]:
            path += f"M{lane_x} {span.ends[0]}V{end}H{PART_X - 7}"
        for colour, width in (("#fff", 6.5), (wire.colour, 2.8)):
            out.append(
                f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>'
            )
        if len(span.ends) > 1:
            out.append(f'<circle cx="{lane_x}" cy="{span.joint}" r="4.5" fill="{wire.colour}"/>')
    return out


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    ends: tuple[int, ...]

    @property
    def low(self) -> int:
        return min(self.start, *self.ends)

    @property
    def high(self) -> int:
        return max(self.start, *self.ends)

    @property
    def joint(self) -> int:
        """Where two branches part."""
        return sorted((self.start, *self.ends))[1]


def _wire_y(pin: int) -> int:
    """Wires of the inner column pass between the pins of the outer one."""
    x, y = _pin_place(pin)
    return y if x == COLUMN[1] else y + PITCH // 2


def _order(spans: list[_Span]) -> list[int]:
    """A lane for each wire, from 0: swapped in pairs until no swap leaves fewer crossings."""
    lanes = list(range(len(spans)))
    best = _crossings(spans, lanes)
    improved = True
    while improved:
        improved = False
        for a, b in combinations(range(len(spans)), 2):
            lanes[a], lanes[b] = lanes[b], lanes[a]
            found = _crossings(spans, lanes)
            if found < best:
                best, improved = found, True
            else:
                lanes[a], lanes[b] = lanes[b], lanes[a]
    return lanes


def _crossings(spans: list[_Span], lanes: list[int]) -> int:
    count = 0
    for one, one_lane in zip(spans, lanes, strict=True):
        for other, other_lane in zip(spans, lanes, strict=True):
            if one_lane < other_lane:  # the other's way in crosses this lane, this one's way out the other's
                count += one.low < other.start < one.high
                count += sum(other.low < end < other.high for end in one.ends)
    return count


def _around(start: tuple[int, int], end: tuple[int, int]) -> str:
    """The wire from OUTPUT to CH0, right of both boards."""
    x = PART_X + PART_WIDTH + 44
    path = f"M{start[0] + 7} {start[1]}H{x}V{end[1]}H{end[0] + 7}"
    return f'<path d="{path}" fill="none" stroke="{OLIVE}" stroke-width="2.8" stroke-linejoin="round"/>'
