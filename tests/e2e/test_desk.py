"""Signing in, accounts and the audit in the browser, as an administrator and as a planner; axe on each page."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PageMaker, Server, Watched, command, environment, loaded, serving
from tests.e2e.test_axe import violations

PASSWORD, PLANNERS = "correct-horse-battery-9", "planner-secret-42x"
COMMUNITY = "990101001001"
PAGES = ("/sign-in", "/set-password#x", "/account", "/admin/accounts", "/photos", "/audit")


@pytest.fixture(scope="module")
def desk_server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service with the small demo and two administrators, who have not signed in yet."""
    folder = tmp_path_factory.mktemp("desk") / "var"
    shutil.copytree(demo_folder, folder)
    env = environment(folder)
    for name in ("boss", "zhang.wei"):
        command("admin", "create", name, "--password-stdin", env=env, typed=PASSWORD)
    with serving(env) as running:
        yield running


@pytest.fixture(scope="module")
def signed(desk_server: Server, browser: Browser) -> Any:
    """What a browser keeps once the second administrator signed in, with the second factor."""
    context = browser.new_context()
    ask, origin = context.request, desk_server.origin
    assert ask.post(f"{origin}/api/sign-in", data={"name": "zhang.wei", "password": PASSWORD}).status == 204
    proof = {"X-CSRF-Token": ask.get(f"{origin}/api/me").json()["csrf_token"]}
    secret = ask.post(f"{origin}/api/me/second-factor", data={}, headers=proof).json()["secret"]
    code = {"code": pyotp.TOTP(secret).now()}
    assert ask.post(f"{origin}/api/me/second-factor/confirm", data=code, headers=proof).status == 204
    state = context.storage_state()
    context.close()
    return state


def sign_in(page: Page, name: str, password: str) -> None:
    """Fill in the form and send it."""
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def test_from_the_first_sign_in_to_a_planner_at_the_map(
    desk_server: Server, open_page: PageMaker, watched: Watched
) -> None:
    watched.provoke("401", "403")  # not signed in yet; a wrong password; nothing but the second factor
    page = open_page(desk_server, "?x=1")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Fmap%3Fx%3D1"))
    sign_in(page, "boss", "not-the-password-1")
    expect(page.get_by_role("alert")).to_contain_text("账号、密码或验证码不对")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{desk_server.origin}/account")  # nothing else before the second factor
    expect(page.get_by_text("必须先开启两步验证")).to_be_visible()
    page.get_by_role("button", name="开启").click()
    picture = page.get_by_role("img", name="两步验证的二维码")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth > 0)")
    secret = page.get_by_role("region", name="两步验证").get_by_role("code").inner_text()
    page.get_by_label("验证码").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="确认").click()
    expect(page.get_by_text("已开启。")).to_be_visible()

    page.get_by_role("link", name="账号管理").click()
    page.get_by_text("新建账号").click()
    page.get_by_label("登录名").fill("li.na")
    page.get_by_label("姓名或岗位").fill("李娜")
    page.get_by_label("角色").select_option(label="规划师")
    page.get_by_role("button", name="建立账号").click()
    hers = page.get_by_role("region", name="李娜")
    hers.get_by_label("类别").select_option(label="区域")
    hers.get_by_label("编码").fill(COMMUNITY)
    hers.get_by_role("button", name="分配").click()
    expect(page.get_by_role("row", name=re.compile("李娜"))).to_contain_text("示例第一社区")
    hers.get_by_role("button", name="生成一次性链接").click()
    link = hers.get_by_role("code").inner_text()

    planner = open_page(
        desk_server, link.removeprefix(f"{desk_server.origin}/set-password"), path="/set-password", phone=True
    )
    planner.get_by_label("新密码").fill(PLANNERS)
    planner.get_by_label("再输入一次").fill(PLANNERS + "y")
    expect(planner.get_by_text("两次输入的密码不一样")).to_be_visible()
    planner.get_by_label("再输入一次").fill(PLANNERS)
    planner.get_by_role("button", name="保存密码").click()
    planner.get_by_role("link", name="登录").click()
    sign_in(planner, "li.na", PLANNERS)
    loaded(planner)
    planner.get_by_role("button", name="菜单").click()
    planner.get_by_role("link", name="李娜").click()
    expect(planner).to_have_url(f"{desk_server.origin}/account")
    expect(planner.get_by_text("示例第一社区")).to_be_visible()
    expect(planner.get_by_role("link", name="账号管理")).to_have_count(0)
    planner.goto(f"{desk_server.origin}/admin/accounts")
    expect(planner.get_by_text("您的账号没有这项权限")).to_be_visible()

    page.get_by_role("link", name="操作记录").click()
    lines = page.get_by_role("region", name="操作记录").get_by_role("row")
    expect(lines.filter(has_text="li.na").filter(has_text="设置密码")).to_have_count(1)
    page.get_by_label("账号").fill("li.na")
    page.get_by_role("button", name="查询").click()
    expect(lines.filter(has_text="boss")).to_have_count(0)
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(f"{desk_server.origin}/sign-in")
    page.goto(f"{desk_server.origin}/audit")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_what_went_wrong_at_the_provider_is_said(desk_server: Server, open_page: PageMaker) -> None:
    page = open_page(desk_server, "?problem=oidc_no_account", path="/sign-in")
    expect(page.get_by_role("alert")).to_contain_text("还没有账号与它关联")
    page = open_page(desk_server, "?problem=%3Cb%3Enothing", path="/sign-in")
    expect(page.get_by_label("账号")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_change_stands_behind_its_line_of_the_audit(
    desk_server: Server, open_page: PageMaker, signed: Any, watched: Watched
) -> None:
    watched.provoke("401")  # the wrong password
    page = open_page(desk_server, path="/account", state=signed)
    page.get_by_text("新建令牌").click()
    page.get_by_role("textbox", name="用途").fill("QGIS")
    page.get_by_label("查看公开图层").check()
    tokens = page.get_by_role("region", name="接口令牌")
    tokens.get_by_label("现在的密码").fill("not-the-password-1")
    page.get_by_role("button", name="生成令牌").click()
    expect(tokens.get_by_role("alert")).to_contain_text("现在的密码不对")
    tokens.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_role("button", name="生成令牌").click()
    token = tokens.get_by_role("code").inner_text()
    areas = f"{desk_server.origin}/api/areas?limit=1"
    as_machine = {"Authorization": f"Bearer {token}"}
    assert page.context.request.get(areas, headers=as_machine).status == 200
    page.get_by_role("button", name="作废").click()
    expect(page.get_by_text("作废", exact=True)).to_have_count(0)
    page.goto(f"{desk_server.origin}/audit")
    page.get_by_role("row").filter(has_text="生成令牌").first.get_by_role("button").click()
    expect(page.get_by_role("region", name=re.compile("的变化"))).to_be_visible()


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_desk_has_no_violations(
    address: str, phone: bool, desk_server: Server, open_page: PageMaker, signed: Any, repository: Path
) -> None:
    page = open_page(desk_server, path=address, phone=phone, state=signed)
    program = (repository / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    for lang in ("zh", "en"):
        if lang == "en":
            menu = page.get_by_role("button", name="菜单")
            if menu.count():
                menu.click()
            page.get_by_role("button", name="English").click()
            expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("main :is(form, details, select, table)").first).to_be_visible()  # it is known who asks
        expect(page.get_by_text(re.compile("正在读取|Loading"))).to_have_count(0)
        for details in page.locator("details > summary").all() if lang == "zh" else []:
            details.click()
        expect(page.locator("details:not([open])")).to_have_count(0)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, lang  # nothing sticks out sideways
        assert violations(page, program) == [], lang
