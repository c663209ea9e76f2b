"""Colours (Okabe & Ito 2008, colour-blind safe) and the groups of facility categories that share colour and shape."""

from typing import Final, Literal

BLACK: Final = "#000000"
ORANGE: Final = "#e69f00"
SKY: Final = "#56b4e9"
GREEN: Final = "#009e73"
YELLOW: Final = "#f0e442"
BLUE: Final = "#0072b2"
VERMILLION: Final = "#d55e00"
PURPLE: Final = "#cc79a7"
GREY: Final = "#999999"
INK: Final = "#333333"
PAPER: Final = "#fbfaf7"

# Colours by night: what becomes of those of the ground and of the classes, in browsers that ask for dark pages. Classes
# keep hue and order and turn their ends from darkest to lightest, so that the worst and the best still stand out;
# colours that are not here stay as they are.
DARK: Final[dict[str, str]] = {
    PAPER: "#1a2026",
    INK: "#c9d1d8",
    BLACK: "#e6e9ec",
    # streets, walls, water, rails
    "#b9b2a6": "#4b555f",
    "#8d857a": "#8b949d",
    "#a39a8b": "#66717b",
    "#5b5248": "#a79c8e",
    "#a9cfe8": "#1f4258",
    "#5b93b8": "#5b93b8",
    # houses
    "#cfc8bd": "#3a3f45",
    "#d9b99b": "#57483a",
    "#8a6a4b": "#b39472",
    "#b8c7d9": "#35465a",
    "#5b7391": "#8fa6c2",
    "#d5c6dd": "#4a3d52",
    "#7c6390": "#b39cc4",
    "#c9c9c9": "#4a4f54",
    "#777777": "#a2a8ad",
    "#efe9e0": "#33383d",
    "#9a8f80": "#8b8378",
    # green
    "#b7dcb0": "#23402a",
    "#5f9a58": "#6ba465",
    "#8fcb8a": "#2c5433",
    "#a7cf9f": "#284a2c",
    "#3f7f3a": "#79b873",
    # classes and states
    "#b35806": "#ffc46b",
    "#fdb863": "#8f4a06",
    "#c6dbef": "#1f4e79",
    "#08306b": "#b5dbf7",
    "#9ecae1": "#1f4e79",
    "#f7f7f7": "#2b323a",
    "#00466e": "#bfe0f4",
    "#7a3600": "#ffc79c",
    "#ffffff": "#2b323a",
    "#6b6b6b": "#b0b7bd",
    "#8a7d00": "#f0e442",
    "#9a8f1c": "#d8cc4a",
    "#ff00aa": "#ff6fd0",
}

Shape = Literal["circle", "square", "triangle", "diamond", "pentagon", "star", "cross"]

# colour, shape, members (category, glyph zh, glyph en): one group reads as one theme, the glyph tells its members apart
FACILITY_GROUPS: Final[tuple[tuple[str, Shape, tuple[tuple[str, str, str], ...]], ...]] = (
    (
        VERMILLION,
        "pentagon",
        (
            ("service_station", "服", "Sv"),
            ("police", "警", "Po"),
            ("culture_station", "文", "Cu"),
            ("rest_stop", "驿", "Re"),
        ),
    ),
    (
        ORANGE,
        "circle",
        (
            ("nursery", "托", "Nu"),
            ("kindergarten", "幼", "Ki"),
            ("primary_school", "小", "Pr"),
            ("middle_school", "中", "Mi"),
        ),
    ),
    (
        PURPLE,
        "cross",
        (
            ("elder_station", "老", "El"),
            ("clinic", "诊", "Cl"),
            ("hospital", "医", "Ho"),
            ("pharmacy", "药", "Ph"),
            ("canteen", "食", "Ca"),
        ),
    ),
    (
        BLUE,
        "square",
        (
            ("supermarket", "超", "Su"),
            ("convenience", "便", "Co"),
            ("market", "菜", "Ma"),
            ("retail", "店", "Rt"),
            ("parcel", "递", "Pc"),
        ),
    ),
    (
        SKY,
        "diamond",
        (("bus_stop", "公", "Bu"), ("metro", "铁", "Me"), ("parking", "停", "Pk"), ("charging", "充", "Ch")),
    ),
    (YELLOW, "triangle", (("toilet", "厕", "To"), ("waste_station", "圾", "Wa"), ("recycling", "收", "Rc"))),
    (
        GREEN,
        "star",
        (("park", "园", "Pa"), ("activity_ground", "活", "Ac"), ("sports_ground", "体", "Sp"), ("shelter", "避", "Sh")),
    ),
)
