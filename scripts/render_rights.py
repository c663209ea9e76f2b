"""Writes ``docs/rights.md`` from the table of rights: ``.venv/bin/python scripts/render_rights.py``."""

from collections.abc import Sequence
from pathlib import Path

from geo_service.domain.actors import ROLES, Role
from geo_service.domain.labels import layer_label
from geo_service.domain.layers import LAYERS
from geo_service.domain.privacy import BUILDING_DETAILS, PEOPLE_FIELDS
from geo_service.domain.rights import INTERNAL, LAYER_STORIES, RIGHTS, Reach
from geo_service.foundation.texts import text

PAGE = Path(__file__).resolve().parents[1] / "docs" / "rights.md"
ROLE_NAMES: dict[Role, tuple[str, str]] = {
    "anonymous": ("公众", "anonymous"),
    "resident": ("居民", "resident"),
    "grid_worker": ("网格员", "grid worker"),
    "planner": ("规划师", "planner"),
    "official": ("干部", "official"),
    "unit": ("责任单位", "unit"),
    "admin": ("管理员", "admin"),
}
# what a reach means: in one's own area, in another one, where there is none
_CELLS: dict[Reach, str] = {"all": "● ● ●", "own": "● – –", "none": "– – –"}
_HEAD = """# 权限 · Rights

本页由 `geo_service/domain/rights.py` 的数据生成（`scripts/render_rights.py`），请勿手改。
This page is rendered from the data in `geo_service/domain/rights.py`; do not edit it by hand.

每格三个记号依次是：本人范围内、其他区域、不在任何区域。● 可以，– 不可以。
The three marks of a cell stand for: in one's own area, in another area, in no area. ● may, – may not.

- 本人范围：分派给本人的区域及其下级（含小区）和网格；分派有起止日期，每次请求时读取，换岗即时生效。
  与地点无关的事项（本人账号、导出、审计）里，“本人”指自己的记录或本人范围内的内容。
- Own: the areas assigned to somebody with all below them (quarters included), and the grids. Assignments have a first
  and a last day and are read at every request: who moves loses the old ones at once. For what has no place (one's
  account, exports, the audit) own means one's own records, or what lies in one's own places.
- 不在任何区域内的记录不属于任何人的范围，只有“全部”可及。
  What lies in no area is nobody's own.
- 接口令牌只能减少权限：不在其范围（scopes）内的事项一律不可以。没有账号的公众只有在 `GEO_PUBLIC=1` 时可读。
  A token's scopes only take rights away. People without an account read only with `GEO_PUBLIC=1`.
- 读不到的记录与不存在的记录回答相同（404）；公开图层中范围以外的修改回答 403。
  A row one may not read answers like one that is not there (404); a change to a published row outside one's places
  is refused (403).
"""


def page() -> str:
    """Return the page."""
    stories = [
        [f"`{story}`<br>{_both(f'right.{story}')}", *(_CELLS[cells[role]] for role in ROLES)]
        for story, cells in RIGHTS.items()
    ]
    roles = [f"{zh}<br>{en}<br>`{role}`" for role, (zh, en) in ROLE_NAMES.items()]
    layers = []
    for name, (reads, writes) in LAYER_STORIES.items():
        label, writable = layer_label(LAYERS[name]), LAYERS[name].editable or writes != "import"
        layers.append([f"{label['zh']} · {label['en']}<br>`{name}`", f"`{reads}`", f"`{writes}`" if writable else "–"])
    personal = [f"`{layer.name}.{field.key}`" for layer in LAYERS.values() for field in layer.fields if field.personal]
    parts = [
        _HEAD,
        "## 事项 × 角色 · Stories × roles\n",
        _table(["事项 · story", *roles], stories),
        "## 图层 · Layers\n",
        "读写各图层的记录需要的权限；`–` 只由导入写入。\n"
        "Which right reads and which one writes the rows of a layer; `–` is written by imports only.\n",
        _table(["图层 · layer", "读 · read", "写 · write"], layers),
        f"内部记录（{_internal()}）只给有 `read_internal` 的人：列表、瓦片、查找、数量、文件、打印里都没有，"
        "海报从不列出。\n"
        f"Internal rows ({_internal()}) are only for who may `read_internal` there: in no list, tile,\nsearch, "
        "count, file or print of others, and never on a poster.\n",
        "## 字段 · Fields\n",
        _table(
            ["字段 · fields", "完整 · exact", "打码或取整 · masked or rounded", "其他人 · others"],
            [
                [
                    ", ".join(personal),
                    "`reveal_personal`（逐条、有理由 · one by one, with a reason）",
                    "`reveal_personal`",
                    "空 · empty",
                ],
                [
                    ", ".join(f"`buildings.{name}`" for name in sorted(PEOPLE_FIELDS)),
                    "`read_people` + `read_households`",
                    "`read_people`",
                    "空 · empty",
                ],
                [
                    ", ".join(f"`buildings.{name}`" for name in sorted(BUILDING_DETAILS)),
                    "`read_buildings`",
                    "–",
                    "空，也不能按它筛选、排序、查找 · empty, and no filter, order or search by it",
                ],
                ["`projects.households_count`", "`write_projects`", "其他所有人 · everybody else", "–"],
                ["`created_by`, `updated_by`", "`read_editors`", "–", "空 · empty"],
                ["`retired_reason`", "写 · write (图层 · layers)", "–", "空 · empty"],
            ],
        ),
        "区域、网格合计中不足 5 人的数字对没有 `read_households` 的人隐去，其余取整到 5（决定 0022）。\n"
        "Of totals by area and grid, figures below 5 people are withheld from who lacks `read_households` there; the "
        "others are\nrounded to 5 (decision 0022).\n",
        "## 检验 · Checked by\n",
        "`tests/api/test_rights_matrix.py`、`tests/cli/test_rights_matrix.py`：每个路由和命令 × 每个角色 × 三种地点；"
        "没有登记的新路由或命令使测试失败。\n"
        "Every route and every command × every role × the three places; a new one without a row fails the test.\n",
    ]
    return "\n".join(parts)


def _internal() -> str:
    return ", ".join(f"`{layer}.{field}` = `{'`, `'.join(values)}`" for layer, (field, values) in INTERNAL.items())


def _both(key: str) -> str:
    return f"{text(key, 'zh')}<br>{text(key, 'en')}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
