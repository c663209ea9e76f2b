"""Which refusals each operation of the API may answer with, for its description."""

from typing import Any, Final

from geo_service.api.errors import PROBLEM_TYPE

_PROBLEMS: Final = {
    401: "须先登录 / sign in first",
    403: "无权 / not allowed",
    404: "没有或看不到 / does not exist or is not visible",
    408: "请求体太慢 / the body took too long",
    409: "与现有内容矛盾 / contradicts what is stored",
    412: "已被别人修改 / changed by somebody else meanwhile",
    413: "请求体太长 / the body is too long",
    414: "网址太长 / the address is too long",
    415: "请求体类型不对 / the body is of another type",
    421: "主机名不对 / not a host of this server",
    422: "内容有误 / something in it is wrong",
    428: "缺 If-Match / If-Match is missing",
    429: "太频繁，见 Retry-After / too often, see Retry-After",
    431: "请求头太长 / the headers are too long",
    500: "意外错误 / a mistake of ours",
    503: "暂不可用，见 Retry-After / not usable now, see Retry-After",
}
_ANYWHERE: Final = (414, 421, 422, 431, 500)
_VERSIONS_INSIDE: Final = ("/split", "/merge")  # their body names the versions
_OPEN: Final = ("/health", "/ready", "/styles.json")


def add_refusals(path: str, method: str, operation: dict[str, Any]) -> None:
    """Describe every refusal as a problem, none as FastAPI's own shape."""
    responses = operation["responses"]
    responses.pop("422", None)
    problem = {"content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status in sorted(_refusals(path, method, operation)):
        described = {"description": _PROBLEMS[status], **problem}
        if status in (429, 503):
            described["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 0}}}
        responses[str(status)] = described


def _refusals(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    """Return the statuses an operation may refuse with."""
    found = set(_ANYWHERE)
    if path != "/health":
        found.add(503)
    if path not in _OPEN:
        found |= {401, 403, 404, 409, 429}
    if method != "get":
        found |= {408, 413, 415}
    if any(parameter["name"].lower() == "if-match" for parameter in operation.get("parameters", ())):
        found |= {412, 428}
    if path.endswith(_VERSIONS_INSIDE):
        found.add(412)
    return found
