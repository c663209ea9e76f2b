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
