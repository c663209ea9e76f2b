"""What every route that answers with a run says of itself: the stored one, or its place in the queue."""

from typing import Any, Final

from geo_service.api.schemas import RunInfo

QUEUED: Final[dict[str, Any]] = {
    "description": "同样的输入已有结果时 200,否则排队计算并 202,进度见 Location。 / "
    "200 with the stored run of the same inputs, else 202: queued, its progress at Location.",
    "response_model": RunInfo,
    "responses": {202: {"model": RunInfo, "description": "queued"}},
}
